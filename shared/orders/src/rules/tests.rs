use serde_json::{Value, json};
use throughline::contracts::Contract;
use throughline::effects::{Store, Tables, Write, Writes};

use super::*;
use crate::testing::now;
use crate::{Line, OrderCancelled, OrderCompleted, OrderPlaced, PlaceOrder};

fn line(sku: &str, quantity: u32) -> Line {
    Line { sku: sku.into(), quantity, unit_price_cents: 1 }
}

fn json_of(writes: Writes) -> Value {
    json!(writes.into_iter().collect::<Vec<Write>>())
}

#[test]
fn a_reservation_takes_each_article_once_and_only_if_there_is_enough() {
    let stock = Stock::open(Tables::offline());
    let writes = stock.reserve(&[line("tea", 2), line("cup", 1), line("tea", 3)]).or_fail("out_of_stock");
    let writes: Vec<_> = writes.into_iter().collect();
    assert_eq!(writes.iter().map(Write::key).collect::<Vec<_>>(), ["cup", "tea"]);
    let text = json!(writes).to_string();
    assert!(text.contains(r#"["available",-5],["reserved",5]"#), "{text}");
    assert!(text.contains(r#""AtLeast":["available",5]"#), "{text}");
    assert!(text.contains("out_of_stock"), "{text}");
}

#[test]
fn a_release_is_the_opposite_of_its_reservation() {
    let stock = Stock::open(Tables::offline());
    let lines = vec![ReservedLine { sku: "tea".into(), quantity: 2 }];
    let held = Reservation { order_id: "ord_1".into(), lines, status: ReservationStatus::Reserved };
    let (reserved, released) = (stock.reserve(&[line("tea", 2)]), stock.release(&held));
    let text = json_of(released).to_string();
    assert!(text.contains(r#"["available",2],["reserved",-2]"#), "{text}");
    assert!(text.contains(r#""AtLeast":["reserved",2]"#), "{text}");
    assert!(json_of(reserved).to_string().contains(r#"["available",-2],["reserved",2]"#));
}

#[test]
fn an_order_is_closed_once() {
    let placed = Order::placed(&PlaceOrder::sample(), now());
    let completed = placed.close(OrderStatus::Completed, None).unwrap();
    assert_eq!((completed.version, completed.status), (2, OrderStatus::Completed));
    let refused = completed.close(OrderStatus::Cancelled, Some("late".to_owned())).unwrap_err();
    assert_eq!(refused.to_string(), "order_closed: the order ord_sample is completed already");
}

#[test]
fn the_next_version_of_an_order_replaces_only_the_one_before() {
    let orders = Orders::open(Tables::offline());
    let next = Order::placed(&PlaceOrder::sample(), now()).close(OrderStatus::Completed, None).unwrap();
    let text = json!(orders.advance(&next)).to_string();
    assert!(text.contains(r#""Equals":["version",1]"#), "{text}");
}

#[test]
fn an_order_becomes_the_events_that_tell_of_it() {
    let order = Order::placed(&PlaceOrder::sample(), now());
    assert_eq!(OrderPlaced::from(&order), OrderPlaced::sample());
    assert_eq!(OrderCompleted::from(&order), OrderCompleted::sample());
    let cancelled = order.close(OrderStatus::Cancelled, Some("card_declined".to_owned())).unwrap();
    assert_eq!(OrderCancelled::from(&cancelled), OrderCancelled::sample());
}

#[test]
fn rows_read_back_as_they_were_written() {
    let order = Order::placed(&PlaceOrder::sample(), now());
    assert_eq!(serde_json::from_value::<Order>(json!(order)).unwrap(), order);
    assert_eq!(Shipment::of(&order.order_id).shipment_id, "shp_sample");
}
