//! What has to be true of orders: some of it always, all of it whenever nothing is under way.
//!
//! Two endings are bad and yet final, because they have a reason that a person can read: a message that is parked in `failures`
//! after its last attempt, and a saga that needs attention because a compensation could not succeed. What such an order leaves
//! undone is excused; nothing else is.

mod events;
mod failures;
mod money;
mod sagas;
mod stock;
#[cfg(test)]
mod tests;
mod views;

use std::collections::BTreeMap;

use serde_json::Value;
use throughline_doubles::PaymentGateway;
use throughline_simulation::workflow::{Broken, View, Workflow, WorkflowId};

const CHARGED: &str = "money is charged once or refunded";
const CONSERVED: &str = "stock is conserved";
const FOLD: &str = "the order view is what the events say";
const TOLD: &str = "a customer is told once how an order ended";

/// Every invariant of the order workflow.
pub(super) fn all(workflow: Workflow, gateway: &PaymentGateway) -> Workflow {
    at_rest(always(workflow, gateway), gateway)
}

/// What is true at every moment, also while faults strike: what is broken for a moment can be seen by a customer.
fn always(workflow: Workflow, gateway: &PaymentGateway) -> Workflow {
    let (gateway, seen) = (gateway.clone(), views::Seen::default());
    workflow
        .always(CHARGED, &["orders"], move |view| money::never_twice(view, &gateway.charges()))
        .always(CONSERVED, &["stock", "reservations"], stock::conserved)
        .always(FOLD, &["events", "order-views"], move |view| views::never_ahead(view, &seen))
        .always(TOLD, &["orders", "notifications"], views::never_told_twice)
}

/// What is true when everything came to its end.
fn at_rest(workflow: Workflow, gateway: &PaymentGateway) -> Workflow {
    let gateway = gateway.clone();
    workflow
        .invariant(CHARGED, move |view| money::charged_once(view, &gateway.charges()))
        .invariant("what an order holds is what it needs", stock::held_as_needed)
        .invariant("each saga is in a final state", sagas::final_states)
        .invariant("each event has a final outcome", events::final_outcomes)
        .invariant("the outbox is empty", events::nothing_unsent)
        .invariant("events of an order are handled in order", events::in_order)
        .invariant("an order that was taken is there", events::taken)
        .invariant(FOLD, views::fold)
        .invariant(TOLD, views::told_once)
        .invariant("no dead letter is without a reason", failures::have_reasons)
}

/// The text of a row's member; nothing if there is none.
fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap_or_default()
}

/// The rows of a table by the order that they are about.
fn by_order<'a>(view: &'a View, table: &str) -> BTreeMap<&'a str, &'a Value> {
    view.rows(table).iter().map(|row| (text(row, "order_id"), row)).collect()
}

/// Whether a function gave up on something of this order, and said why.
fn is_parked(view: &View, order: &str, functions: &[&str]) -> bool {
    view.rows("failures").iter().any(|failure| {
        functions.contains(&text(failure, "function"))
            && (text(failure, "subject") == order || text(failure, "body").contains(&format!("\"{order}\"")))
    })
}

/// Whether the order's saga waits for a person.
fn needs_attention(view: &View, order: &str) -> bool {
    let workflow = WorkflowId::find(order);
    view.sagas().iter().any(|saga| saga.status == "FAILED" && WorkflowId::find(&saga.input) == workflow)
}

/// Holds, or not, with what was found.
fn check(holds: bool, found: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken::new(found())) }
}
