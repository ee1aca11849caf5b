//! Events.

use std::collections::{BTreeMap, BTreeSet};

use throughline_simulation::workflow::{Began, Broken, View};
use throughline_telemetry::Stage;

use super::{by_order, check, is_parked, text};
use crate::simulation::workload::order_id;

/// Who takes which event: what the rules of `infra/template.yaml` and the ordered queue say.
const CONSUMERS: [(&str, &[&str]); 3] = [
    ("orders.order.placed", &["start-fulfilment", "project-order"]),
    ("orders.order.completed", &["notify-customer", "project-order"]),
    ("orders.order.cancelled", &["notify-customer", "project-order"]),
];

/// Each event was handled by each of its consumers, or parked with a reason.
pub(super) fn final_outcomes(view: &View) -> Result<(), Broken> {
    let done: BTreeSet<(&str, &str)> = view
        .journal()
        .iter()
        .filter(|line| matches!(line.stage, Stage::Handled | Stage::Duplicate))
        .filter_map(|line| Some((line.event_id.as_deref()?, line.function.as_str())))
        .collect();
    for event in view.rows("events").iter().filter(|row| row["kind"] == "event") {
        let (id, kind, order) = (text(event, "event_id"), text(event, "event_type"), text(event, "subject"));
        let consumers = CONSUMERS.iter().find(|(of, _)| *of == kind).map(|(_, by)| *by).unwrap_or_default();
        for consumer in consumers {
            let ended = done.contains(&(id, *consumer)) || is_parked(view, order, &[consumer]);
            check(ended, || format!("{kind} {id} of {order} was neither handled by {consumer} nor parked"))?;
        }
    }
    Ok(())
}

/// Nothing that was committed waits to be sent.
pub(super) fn nothing_unsent(view: &View) -> Result<(), Broken> {
    let unsent = view.rows("events").iter().find(|row| row["unsent"].is_string());
    check(unsent.is_none(), || format!("unsent: {}", unsent.cloned().unwrap_or_default()))
}

/// The events of an order come to its view one after the other: 1, 2. One that is known as a duplicate before it was handled was
/// handled by a process that died before it said so.
pub(super) fn in_order(view: &View) -> Result<(), Broken> {
    let mut last = BTreeMap::<&str, u64>::new();
    for line in view.journal().iter().filter(|line| line.function == "project-order") {
        let (Some(key), Some(sequence)) = (line.partition_key.as_deref(), line.sequence) else { continue };
        let before = last.get(key).copied().unwrap_or_default();
        match line.stage {
            Stage::Handled => {
                check(sequence == before + 1, || format!("project-order handled {sequence} of {key} after {before}"))?;
            }
            Stage::Duplicate if sequence == before + 1 => {}
            _ => continue,
        }
        last.insert(key, sequence);
    }
    Ok(())
}

/// An order that the client was told is taken is there, and one that was refused is not.
pub(super) fn taken(view: &View) -> Result<(), Broken> {
    let orders = by_order(view, "orders");
    for (workflow, began) in view.began() {
        let order = order_id(*workflow);
        let there = orders.contains_key(order.as_str());
        let right = match began {
            Began::Accepted(_) => there,
            Began::Refused(_) => !there,
            _ => true,
        };
        check(right, || format!("the client of {order} was told {began:?}; the order is there: {there}"))?;
    }
    Ok(())
}
