//! Sagas.

use std::collections::BTreeMap;

use throughline_simulation::workflow::{Broken, View, WorkflowId};

use super::{by_order, check, is_parked, text};

/// The states in which a saga may wait for a person: its compensations, and what closes it.
const ATTENTION: [&str; 4] = ["CancelShipment", "RefundPayment", "ReleaseStock", "CancelOrder"];

/// Each saga completed or compensated, or needs attention in a named state; each order has one, and ends as its saga did.
pub(super) fn final_states(view: &View) -> Result<(), Broken> {
    let orders = by_order(view, "orders");
    let mut of_order = BTreeMap::<WorkflowId, Vec<&str>>::new();
    for saga in view.sagas() {
        let state = saga.last_state.as_str();
        let named = match saga.status.as_str() {
            "SUCCEEDED" => ["OrderCompleted", "OrderCancelled"].contains(&state),
            "FAILED" => ATTENTION.contains(&state),
            _ => false,
        };
        let Some(workflow) = WorkflowId::find(&saga.input) else {
            return Err(Broken::new(format!("saga {} is no order's", saga.name)));
        };
        check(named, || format!("saga {} of {workflow} is {} in {state}", saga.name, saga.status))?;
        of_order.entry(workflow).or_default().push(state);
    }
    for (id, order) in orders {
        let ends = WorkflowId::find(id).and_then(|workflow| of_order.get(&workflow)).cloned().unwrap_or_default();
        let status = text(order, "status");
        let right = match ends.as_slice() {
            ["OrderCompleted"] => status == "completed",
            ["OrderCancelled"] => status == "cancelled",
            [_] => status == "placed",
            [] => status == "placed" && is_parked(view, id, &["start-fulfilment"]),
            _ => false,
        };
        check(right, || format!("{id} is {status}; its sagas ended in {ends:?}"))?;
    }
    Ok(())
}
