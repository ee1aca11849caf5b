//! Money.

use throughline_doubles::{Charge, ChargeStatus};
use throughline_simulation::workflow::{Broken, View};

use super::{by_order, check, needs_attention, text};

/// A completed order was charged once, what it costs; a cancelled one was not, or got everything back.
pub(super) fn charged_once(view: &View, charges: &[Charge]) -> Result<(), Broken> {
    judge(view, charges, |id, charged| !charged || needs_attention(view, id))
}

/// The same while orders are under way: an open order may be charged, once.
pub(super) fn never_twice(view: &View, charges: &[Charge]) -> Result<(), Broken> {
    judge(view, charges, |_, _| true)
}

/// `open` says whether an order that is neither completed nor cancelled may be charged, or not.
fn judge(view: &View, charges: &[Charge], open: impl Fn(&str, bool) -> bool) -> Result<(), Broken> {
    let orders = by_order(view, "orders");
    for charge in charges {
        let id = &charge.order_id;
        check(orders.contains_key(id.as_str()), || format!("{id} was charged, and there is no such order"))?;
    }
    for (id, order) in orders {
        let of_order = || charges.iter().filter(|charge| charge.order_id == id);
        let kept: Vec<i64> = of_order().filter(|c| c.status == ChargeStatus::Charged).map(|c| c.amount_cents).collect();
        let costs = order["total_cents"].as_i64().unwrap_or_default();
        let status = text(order, "status");
        let right = match status {
            "completed" => kept == [costs],
            "cancelled" => kept.is_empty(),
            _ => (kept.is_empty() || kept == [costs]) && open(id, !kept.is_empty()),
        };
        check(right && of_order().count() <= 1, || {
            format!("{id} is {status} and costs {costs} cents; charges: {:?}", of_order().collect::<Vec<_>>())
        })?;
    }
    Ok(())
}
