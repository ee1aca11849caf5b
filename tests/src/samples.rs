//! The files of the repository that tests read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `events/`.
#[must_use]
pub fn events_folder() -> PathBuf {
    root().join("events")
}

/// `functions/`.
#[must_use]
pub fn functions_folder() -> PathBuf {
    root().join("functions")
}

/// `infra/template.yaml`.
#[must_use]
pub fn template() -> PathBuf {
    root().join("infra/template.yaml")
}

/// A file under `events/`: `orders.place-order/samples/completes.json`.
#[must_use]
pub fn sample(path: &str) -> Value {
    let text = fs::read_to_string(events_folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The change of the samples' order `ord_sample` that has this sequence: 1 places it, later ones are ends of it.
#[must_use]
pub fn change(sequence: u64) -> Value {
    if sequence == 1 {
        return sample("orders.order.placed/samples/v2.json");
    }
    let mut event = sample("orders.order.completed/samples/v1.json");
    event["id"] = json!(format!("evt_01a20cff-7d00-7278-81f5-{sequence:012}"));
    event["sequence"] = json!(format!("{sequence:020}"));
    event
}

/// The command that places `order`, whose payment takes the gateway a while.
#[must_use]
pub fn slow_order(order: &str) -> Value {
    let mut command = sample("orders.place-order/samples/gateway-slow.json");
    command["id"] = json!(format!("checkout-{order}"));
    command["subject"] = json!(order);
    command["data"]["order_id"] = json!(order);
    command
}
