//! Stock, and what orders hold.

use serde_json::Value;
use throughline_simulation::workflow::{Broken, View};

use super::{by_order, check, needs_attention, text};
use crate::simulation::workload::ARTICLES;

/// Of each article there is as much as at the beginning, and as much is reserved as reservations hold.
pub(super) fn conserved(view: &View) -> Result<(), Broken> {
    for (sku, _, before) in ARTICLES {
        let row = view.rows("stock").iter().find(|row| row["sku"] == sku).cloned().unwrap_or_default();
        let (available, reserved) = (number(&row, "available"), number(&row, "reserved"));
        let held: i64 = view.rows("reservations").iter().map(|reservation| held(reservation, sku)).sum();
        let whole = available + reserved == i64::try_from(before).unwrap_or_default();
        check(whole && available >= 0 && reserved == held, || {
            format!("{sku}: of {before}, {available} are available and {reserved} reserved; orders hold {held}")
        })?;
    }
    Ok(())
}

/// A completed order holds its reservation and has its shipment; a cancelled one has neither.
pub(super) fn held_as_needed(view: &View) -> Result<(), Broken> {
    let (reservations, shipments) = (by_order(view, "reservations"), by_order(view, "shipments"));
    for (id, order) in by_order(view, "orders") {
        let stands = |rows: &std::collections::BTreeMap<&str, &Value>, as_what: &str| {
            rows.get(id).is_some_and(|row| text(row, "status") == as_what)
        };
        let (holds, ships) = (stands(&reservations, "reserved"), stands(&shipments, "created"));
        let status = text(order, "status");
        let right = match status {
            "completed" => holds && ships,
            "cancelled" => !holds && !ships,
            _ => (!holds && !ships) || needs_attention(view, id),
        };
        check(right, || format!("{id} is {status}; it holds a reservation: {holds}; it has a shipment: {ships}"))?;
    }
    Ok(())
}

fn held(reservation: &Value, sku: &str) -> i64 {
    let lines = reservation["lines"].as_array().into_iter().flatten().filter(|line| line["sku"] == sku);
    let all = lines.map(|line| number(line, "quantity")).sum();
    if text(reservation, "status") == "reserved" { all } else { 0 }
}

fn number(row: &Value, member: &str) -> i64 {
    row[member].as_i64().unwrap_or_default()
}
