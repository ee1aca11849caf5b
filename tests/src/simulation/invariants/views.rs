//! What is made of events: the order view, and what customers are told.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use throughline_simulation::workflow::{Broken, View};

use super::{by_order, check, is_parked, text};

/// The view of an order is the fold of its events, as far as they could be handled.
pub(super) fn fold(view: &View) -> Result<(), Broken> {
    let mut folds = BTreeMap::<&str, Vec<Value>>::new();
    let mut events: Vec<&Value> = view.rows("events").iter().filter(|row| row["kind"] == "event").collect();
    events.sort_by_key(|event| text(event, "sk"));
    for event in events {
        let status = text(event, "event_type").rsplit('.').next().unwrap_or_default();
        let history = folds.entry(text(event, "pk")).or_default();
        history.push(json!([history.len() + 1, status]));
    }
    let views = by_order(view, "order-views");
    for (order, history) in folds {
        let seen = views.get(order).map(|row| told(row)).unwrap_or_default();
        let cut = is_parked(view, order, &["project-order"]);
        let right = seen == history || (cut && history.starts_with(&seen));
        check(right, || format!("the view of {order} tells {seen:?}; its events are {history:?}"))?;
    }
    Ok(())
}

/// Sequence and status of each change, as the view tells them.
fn told(row: &Value) -> Vec<Value> {
    let changes = row["history"].as_array().into_iter().flatten();
    changes.map(|change| json!([change["sequence"], change["status"]])).collect()
}

/// The customer of a closed order was told so, once; the customer of an open one was told nothing.
pub(super) fn told_once(view: &View) -> Result<(), Broken> {
    for (id, order) in by_order(view, "orders") {
        let told = view.rows("notifications").iter().filter(|row| text(row, "order_id") == id).count();
        let status = text(order, "status");
        let right = match (status, told) {
            ("placed", 0) | ("completed" | "cancelled", 1) => true,
            ("completed" | "cancelled", 0) => is_parked(view, id, &["notify-customer"]),
            _ => false,
        };
        check(right, || format!("{id} is {status}; its customer was told {told} times"))?;
    }
    Ok(())
}
