use serde_json::json;
use throughline::effects::{Store, Tables};
use throughline::prelude::*;
use throughline_orders::{OrderCancelled, OrderPlaced, OrderViews, testing};

use super::{OrderEvent, project};

async fn projected(event: Event<OrderEvent>) -> Result<String, Failure> {
    let effects = project(State(OrderViews::open(Tables::offline())), event).await?;
    let [write] = effects.all_writes() else { panic!("one write") };
    assert_eq!((write.table(), write.key()), ("order-views", &json!("ord_sample")));
    Ok(json!(write).to_string())
}

#[tokio::test]
async fn the_first_change_makes_the_view() {
    let event = testing::event(OrderPlaced::sample(), "ord_sample", 1).map(OrderEvent::Placed);
    let write = projected(event).await.unwrap();
    assert!(write.contains(r#""Absent":"order_id""#), "{write}");
    assert!(write.contains(r#""sequence":1,"status":"placed","at":"2026-11-24T10:00:00Z""#), "{write}");
}

#[tokio::test]
async fn a_later_change_waits_for_its_turn_and_says_why() {
    let event = testing::event(OrderCancelled::sample(), "ord_sample", 2).map(OrderEvent::Cancelled);
    let write = projected(event).await.unwrap();
    assert!(write.contains(r#""Equals":["version",1]"#), "{write}");
    assert!(write.contains(r#""reason":"card_declined""#), "{write}");
}

#[tokio::test]
async fn an_event_without_a_sequence_has_no_place_in_the_view() {
    let mut event = testing::event(OrderPlaced::sample(), "ord_sample", 1).map(OrderEvent::Placed);
    event.sequence = None;
    assert_eq!(projected(event).await.unwrap_err().code(), "no_sequence");
}
