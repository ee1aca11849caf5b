//! The files of the repository that tests read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

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
