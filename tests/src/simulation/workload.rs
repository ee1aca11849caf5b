//! The orders that come in, and what there is to sell.

use serde_json::{Value, json};
use throughline_simulation::workflow::{Rng, Start, Workflow, WorkflowId};

/// What is sold: article, price in cents, how many there are. Some run out.
pub(super) const ARTICLES: [(&str, u64, u64); 4] = [
    ("tea-green-100", 650, 100_000),
    ("tea-black-250", 1_100, 100_000),
    ("cup-porcelain", 1_200, 60),
    ("kettle-copper", 8_900, 8),
];

/// Cards, and how many of a hundred orders are paid with each: the gateway's double does what the name says.
const CARDS: [(&str, u64); 6] = [
    ("tok_ok", 78),
    ("tok_declined", 8),
    ("tok_slow", 4),
    ("tok_timeout_once", 4),
    ("tok_unavailable_once", 4),
    ("tok_unknown", 2),
];

/// The stock before the first order.
pub(super) fn stock(workflow: Workflow) -> Workflow {
    ARTICLES.iter().fold(workflow, |workflow, (sku, _, available)| {
        workflow.given("stock", json!({ "sku": sku, "available": available, "reserved": 0 }))
    })
}

/// The id of an order.
pub(super) fn order_id(workflow: WorkflowId) -> String {
    format!("ord_{workflow}")
}

/// One order: a few articles, any card; one in fifty does not add up.
pub(super) fn order(rng: &mut Rng, workflow: WorkflowId) -> Start {
    let mut lines: Vec<Value> = Vec::new();
    let mut total = 0;
    for (sku, price, _) in ARTICLES {
        if rng.chance(0.4) || (lines.is_empty() && sku == "kettle-copper") {
            let quantity = 1 + rng.below(3);
            total += quantity * price;
            lines.push(json!({ "sku": sku, "quantity": quantity, "unit_price_cents": price }));
        }
    }
    if rng.chance(0.02) {
        total += 1;
    }
    let order = order_id(workflow);
    let data = json!({
        "order_id": order, "customer": { "id": format!("cus_{workflow}"), "email": "ada@example.com" }, "lines": lines,
        "total_cents": total, "currency": "EUR", "card": card(rng),
    });
    Start::invoke("place-order", command(&order, &data))
}

fn card(rng: &mut Rng) -> &'static str {
    let mut draw = rng.below(100);
    for (card, share) in CARDS {
        if draw < share {
            return card;
        }
        draw -= share;
    }
    "tok_ok"
}

fn command(order: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": format!("checkout-{order}"), "source": "shop", "type": "orders.place-order",
        "subject": order, "time": "2026-11-24T10:00:00Z", "datacontenttype": "application/json",
        "dataschema": "urn:throughline:contract:orders.place-order:1", "schemaversion": 1, "data": data,
    })
}
