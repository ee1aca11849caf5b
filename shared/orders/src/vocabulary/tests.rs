use proptest::prelude::*;
use serde_json::{Value, json};
use throughline::contracts::{Contract, ContractError, Message};
use throughline::envelope::{Ambient, Event, RawEvent};

use super::*;

fn event(version: u32, data: Value) -> RawEvent {
    let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    Event::root(&ambient, SOURCE, OrderPlaced::TYPE, data).with_schema_version(version)
}

fn first_version(amount: Value, price: Value) -> Result<Event<OrderPlaced>, ContractError> {
    let line = json!({ "sku": "tea-green-100", "quantity": 1, "price": price });
    OrderPlaced::decode(&event(
        1,
        json!({
            "order_id": "ord_1", "customer_id": "cus_1", "customer_email": "a@b.c", "lines": [line], "amount": amount,
            "card_token": "tok_ok",
        }),
    ))
}

#[test]
fn every_contract_is_sound() {
    for entry in registry().entries() {
        let versions: Vec<_> = entry.schemas().unwrap().into_iter().map(|(version, _)| version).collect();
        assert_eq!(versions, entry.info().versions, "{}", entry.info().event_type);
    }
    assert_eq!(registry().entries().count(), 7);
}

#[test]
fn euros_become_cents() {
    let placed = first_version(json!(19.99), json!(0.29)).unwrap().data;
    assert_eq!((placed.total_cents, placed.currency.as_str()), (1_999, "EUR"));
    assert_eq!(placed.lines[0].unit_price_cents, 29);
}

#[test]
fn a_fraction_of_a_cent_is_refused() {
    let error = first_version(json!(19.999), json!(1)).unwrap_err();
    assert!(error.to_string().ends_with("the amount 19.999 is not a whole number of cents"), "{error}");
}

#[test]
fn ids_and_amounts_are_held_against_their_patterns() {
    let mut data = serde_json::to_value(OrderPlaced::sample()).unwrap();
    data["order_id"] = json!("42");
    data["customer"]["email"] = json!("nobody");
    data["lines"][0]["quantity"] = json!(0);
    data["card"] = json!("4111111111111111");
    let error = OrderPlaced::decode(&event(2, data)).unwrap_err();
    let pointers: Vec<_> = error.violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(pointers, ["/card", "/customer/email", "/lines/0/quantity", "/order_id"]);
    assert!(!error.to_string().contains("4111"), "{error}");
}

#[test]
fn samples_add_up() {
    assert_eq!(total_cents(&OrderPlaced::sample().lines), OrderPlaced::sample().total_cents);
    assert_eq!(FulfilOrder::sample().amount_cents, OrderPlaced::sample().total_cents);
}

proptest! {
    #[test]
    fn every_whole_number_of_cents_survives_the_first_version(cents in 1..=100_000_000_000_u64) {
        let euros: f64 = format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap();
        prop_assert_eq!(first_version(json!(euros), json!(0)).unwrap().data.total_cents, cents);
    }
}
