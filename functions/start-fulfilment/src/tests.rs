use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, OrderPlaced, testing};

use super::start;

#[tokio::test]
async fn a_placed_order_starts_a_saga_with_all_that_it_needs() {
    let effects = start(testing::event(OrderPlaced::sample(), "ord_sample", 1)).await.unwrap();
    let [saga] = effects.sagas() else { panic!("one saga") };
    assert_eq!((saga.name(), saga.business_key()), ("fulfil-order", Some("ord_sample")));
    assert_eq!(saga.data(), Some(&json!(FulfilOrder::sample())));
    assert!(effects.all_writes().is_empty() && effects.emits().is_empty());
}
