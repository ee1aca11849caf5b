use serde_json::json;
use throughline::effects::{Store, Tables};
use throughline::prelude::*;
use throughline_orders::{Line, OrderPlaced, Orders, PlaceOrder, testing};

use super::place;

async fn placed(change: impl FnOnce(&mut PlaceOrder)) -> Result<Effects, Failure> {
    let mut command = PlaceOrder::sample();
    change(&mut command);
    let orders = State(Orders::open(Tables::offline()));
    place(testing::call(), orders, testing::event(command, "ord_sample", 1)).await
}

#[tokio::test]
async fn an_order_that_adds_up_is_kept_and_told_of() {
    let effects = placed(|_| {}).await.unwrap();
    assert_eq!(effects.response(), Some(&json!({ "order_id": "ord_sample" })));
    let [write] = effects.all_writes() else { panic!("one write") };
    assert_eq!((write.table(), write.key()), ("orders", &json!("ord_sample")));
    let [event] = effects.emits() else { panic!("one event") };
    assert_eq!((event.event_type(), event.order()), (OrderPlaced::TYPE, Some(("ord_sample", 1))));
    assert_eq!(event.data(), Some(&json!(OrderPlaced::sample())));
}

#[tokio::test]
async fn an_order_that_does_not_add_up_is_refused() {
    let failure = placed(|order| order.total_cents += 1).await.unwrap_err();
    assert_eq!(failure.to_string(), "total_mismatch: the lines cost 2500 cents, not 2501");
}

#[tokio::test]
async fn an_article_in_two_lines_is_refused() {
    let again = Line { sku: "tea-green-100".into(), quantity: 1, unit_price_cents: 650 };
    let failure = placed(|order| order.lines.push(again)).await.unwrap_err();
    assert_eq!(failure.to_string(), "duplicate_line: tea-green-100 is ordered in two lines");
}
