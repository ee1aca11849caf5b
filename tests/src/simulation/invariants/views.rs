//! What is made of events: the order view, and what customers are told.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use throughline_simulation::workflow::{Broken, View};

use super::{by_order, check, is_parked, text};

/// How long the history of each order's view was when it was looked at last.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<BTreeMap<String, usize>>);

/// The view of an order is the fold of its events, as far as they could be handled.
pub(super) fn fold(view: &View) -> Result<(), Broken> {
    let views = by_order(view, "order-views");
    for (order, history) in histories(view) {
        let seen = views.get(order).map(|row| told(row)).unwrap_or_default();
        let cut = is_parked(view, order, &["project-order"]);
        let right = seen == history || (cut && history.starts_with(&seen));
        check(right, || format!("the view of {order} tells {seen:?}; its events are {history:?}"))?;
    }
    Ok(())
}

/// The view of an order tells nothing that is not in its events yet, and nothing less than it told before.
pub(super) fn never_ahead(view: &View, before: &Seen) -> Result<(), Broken> {
    let histories = histories(view);
    let mut before = before.0.lock().unwrap_or_else(PoisonError::into_inner);
    for (order, row) in by_order(view, "order-views") {
        let tells = told(row);
        // The control group keeps no events, so its views have nothing to be ahead of.
        let ahead = histories.get(order).is_some_and(|history| !history.starts_with(&tells));
        check(!ahead, || {
            format!("the view of {order} tells {tells:?}; its events are {:?} so far", histories.get(order))
        })?;
        let told = before.insert(order.to_owned(), tells.len()).unwrap_or_default();
        check(tells.len() >= told, || format!("the view of {order} told of {told} events before, and now {tells:?}"))?;
    }
    Ok(())
}

/// Sequence and status of each change of each order, as its events tell them.
fn histories(view: &View) -> BTreeMap<&str, Vec<Value>> {
    let mut histories = BTreeMap::<&str, Vec<Value>>::new();
    let mut events: Vec<&Value> = view.rows("events").iter().filter(|row| row["kind"] == "event").collect();
    events.sort_by_key(|event| text(event, "sk"));
    for event in events {
        let status = text(event, "event_type").rsplit('.').next().unwrap_or_default();
        let history = histories.entry(text(event, "pk")).or_default();
        history.push(json!([history.len() + 1, status]));
    }
    histories
}

/// Sequence and status of each change, as the view tells them.
fn told(row: &Value) -> Vec<Value> {
    let changes = row["history"].as_array().into_iter().flatten();
    changes.map(|change| json!([change["sequence"], change["status"]])).collect()
}

/// The customer of a closed order was told so, once; the customer of an open one was told nothing.
pub(super) fn told_once(view: &View) -> Result<(), Broken> {
    judge(view, |id| is_parked(view, id, &["notify-customer"]))
}

/// The same while orders are under way: the customer of a closed one may still be told.
pub(super) fn never_told_twice(view: &View) -> Result<(), Broken> {
    judge(view, |_| true)
}

/// `untold` says whether the customer of this closed order may not have been told.
fn judge(view: &View, untold: impl Fn(&str) -> bool) -> Result<(), Broken> {
    for (id, order) in by_order(view, "orders") {
        let told = view.rows("notifications").iter().filter(|row| text(row, "order_id") == id).count();
        let status = text(order, "status");
        let right = match (status, told) {
            ("placed", 0) | ("completed" | "cancelled", 1) => true,
            ("completed" | "cancelled", 0) => untold(id),
            _ => false,
        };
        check(right, || format!("{id} is {status}; its customer was told {told} times"))?;
    }
    Ok(())
}
