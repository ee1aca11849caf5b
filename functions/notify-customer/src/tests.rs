use serde_json::{Value, json};
use throughline::effects::{Store, Tables};
use throughline::prelude::*;
use throughline_orders::{Notifications, OrderCancelled, OrderCompleted, testing};

use super::{OrderClosed, notify};

async fn told<T: Contract>(data: T, closed: impl FnOnce(T) -> OrderClosed) -> Value {
    let notifications = State(Notifications::open(Tables::offline()));
    let event = testing::event(data, "ord_sample", 2).map(closed);
    let effects = notify(testing::call(), notifications, event).await.unwrap();
    let [write] = effects.all_writes() else { panic!("one write") };
    assert_eq!(write.table(), "notifications");
    json!(write)["action"]["Put"].clone()
}

#[tokio::test]
async fn a_completed_order_is_told_with_what_was_paid() {
    let row = told(OrderCompleted::sample(), OrderClosed::Completed).await;
    assert_eq!(row["notification_id"], "ord_sample#orders.order.completed");
    assert_eq!(row["text"], "Your order ord_sample is on its way. You paid 25.00 EUR.");
    assert_eq!(row["customer"]["email"], "ada@example.com");
}

#[tokio::test]
async fn a_cancelled_order_is_told_with_the_reason() {
    let row = told(OrderCancelled::sample(), OrderClosed::Cancelled).await;
    assert_eq!(row["notification_id"], "ord_sample#orders.order.cancelled");
    assert_eq!(row["text"], "Your order ord_sample was cancelled: your card was declined.");
}

#[tokio::test]
async fn a_reason_that_is_not_the_customers_business_is_not_told() {
    let cancelled = OrderCancelled { reason: "States.Timeout".to_owned(), ..OrderCancelled::sample() };
    let row = told(cancelled, OrderClosed::Cancelled).await;
    assert!(!row["text"].as_str().unwrap().contains("Timeout"));
}
