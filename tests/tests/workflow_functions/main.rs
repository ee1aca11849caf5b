//! The order workflow's functions, one by one, against the local cloud's tables and the payment gateway's double, on virtual time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

mod policies;
mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use support::{Shop, sample};
use throughline_doubles::ChargeStatus;
use throughline_runtime::Function;
use throughline_sandbox::Service;
use throughline_sandbox::faults::{RequestFault, Script};

/// The step's sample with a saga of its own, changed.
fn step(name: &str, saga: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut input = sample(&format!("invoke/{name}.json"));
    input["saga"]["id"] = json!(saga);
    change(&mut input["event"]["data"]);
    input
}

fn card(token: &'static str) -> impl Fn(&mut Value) {
    move |order| order["card"] = json!(token)
}

/// In the order of the workflow: what is undone was done before.
fn functions() -> [Function; 13] {
    [
        place_order::function(),
        get_order::function(),
        start_fulfilment::function(),
        reserve_stock::function(),
        release_stock::function(),
        charge_payment::function(),
        refund_payment::function(),
        create_shipment::function(),
        cancel_shipment::function(),
        complete_order::function(),
        cancel_order::function(),
        notify_customer::function(),
        project_order::function(),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_function_accepts_its_sample_and_does_it_once() {
    let shop = Shop::open().await;
    for function in functions() {
        let payload = sample(&format!("invoke/{}.json", function.name()));
        for time in ["first", "second"] {
            let answer = shop.invoke(&function, payload.clone()).await;
            let answer = answer.unwrap_or_else(|error| format!("{} failed: {error}", function.name()).into());
            let whole = answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty);
            assert!(answer.is_object() && whole, "{}, {time} time: {answer}", function.name());
        }
    }
    assert_eq!(shop.attribute("stock", "tea-green-100", "available").await, json!({ "N": "500" }));
    assert_eq!(shop.attribute("order-views", "ord_invoke_project", "version").await, json!({ "N": "2" }));
    assert_eq!(shop.gateway.charges_of("ord_invoke_charge").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_view_is_answered_and_an_unknown_order_is_not_found() {
    let shop = Shop::open().await;
    let mut query = sample("invoke/get-order.json");
    let view = shop.invoke(&get_order::function(), query.clone()).await.unwrap().to_string();
    assert!(view.contains(r#""status":"placed""#), "{view}");
    query["data"]["order_id"] = json!("ord_unknown");
    assert_eq!(shop.invoke(&get_order::function(), query).await, Err("order_not_found".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_once_whatever_the_command() {
    let shop = Shop::open().await;
    let mut command = sample("invoke/place-order.json");
    shop.invoke(&place_order::function(), command.clone()).await.unwrap();
    command["id"] = json!("another-checkout");
    assert_eq!(shop.invoke(&place_order::function(), command).await, Err("order_exists".to_owned()));
    let placed = ("orders.order.placed".to_owned(), 1);
    assert_eq!(shop.emitted("ord_invoke_place").await, [placed]);
}

#[tokio::test(start_paused = true)]
async fn what_was_reserved_is_released_once_and_nothing_else() {
    let shop = Shop::open().await;
    let (reserve, release) = (reserve_stock::function(), release_stock::function());
    shop.step(&reserve, step("reserve-stock", "saga_a", |_| {})).await.unwrap();
    assert_eq!(shop.attribute("stock", "tea-green-100", "available").await, json!({ "N": "499" }));
    let undone = shop.step(&release, step("release-stock", "saga_a", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "released");
    let undone = shop.step(&release, step("release-stock", "saga_b", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "nothing was reserved");
    assert_eq!(shop.attribute("stock", "tea-green-100", "available").await, json!({ "N": "500" }));
    assert_eq!(shop.attribute("stock", "tea-green-100", "reserved").await, json!({ "N": "0" }));
}

#[tokio::test(start_paused = true)]
async fn too_little_stock_for_one_line_holds_none_of_them() {
    let shop = Shop::open().await;
    let kettles = json!({ "sku": "kettle-copper", "quantity": 3, "unit_price_cents": 1 });
    let input = step("reserve-stock", "saga_a", |order| order["lines"].as_array_mut().unwrap().push(kettles));
    assert_eq!(shop.step(&reserve_stock::function(), input).await, Err("out_of_stock".to_owned()));
    assert_eq!(shop.attribute("stock", "tea-green-100", "available").await, json!({ "N": "500" }));
    assert_eq!(shop.attribute("reservations", "ord_invoke_reserve", "status").await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_is_a_permanent_failure_and_needs_no_refund() {
    let shop = Shop::open().await;
    let input = step("charge-payment", "saga_a", card("tok_declined"));
    assert_eq!(shop.step(&charge_payment::function(), input).await, Err("card_declined".to_owned()));
    let undone = shop.step(&refund_payment::function(), step("refund-payment", "saga_a", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "nothing was charged");
}

#[tokio::test(start_paused = true)]
async fn a_charge_whose_answer_is_lost_is_charged_once() {
    let shop = Shop::open().await;
    let input = step("charge-payment", "saga_a", card("tok_timeout_once"));
    assert_eq!(shop.step(&charge_payment::function(), input.clone()).await, Err("Transient".to_owned()));
    let payment = shop.step(&charge_payment::function(), input).await.unwrap();
    let charges = shop.gateway.charges_of("ord_invoke_charge");
    assert_eq!(charges.len(), 1);
    assert_eq!(payment["data"]["payment_id"], charges[0].payment_id);
}

#[tokio::test(start_paused = true)]
async fn a_charge_whose_answer_never_came_is_refunded_all_the_same() {
    let shop = Shop::open().await;
    let input = step("charge-payment", "saga_a", card("tok_timeout_once"));
    assert_eq!(shop.step(&charge_payment::function(), input).await, Err("Transient".to_owned()));
    assert_eq!(shop.attribute("payments", "ord_invoke_charge", "status").await, Value::Null);
    let undone = shop.step(&refund_payment::function(), step("refund-payment", "saga_a", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "refunded");
    assert_eq!(shop.gateway.charges()[0].status, ChargeStatus::Refunded);
    assert_eq!(shop.attribute("payments", "ord_invoke_charge", "status").await, json!({ "S": "refunded" }));
}

#[tokio::test(start_paused = true)]
async fn a_refund_gives_back_the_payment_that_the_charge_answered() {
    let shop = Shop::open().await;
    let charged = shop.step(&charge_payment::function(), step("charge-payment", "saga_a", |_| {})).await.unwrap();
    assert_eq!((&charged["type"], &charged["version"]), (&json!("orders.payment.charged"), &json!(1)));
    let asked = shop.gateway.requests("GET /charges");
    let mut input = step("refund-payment", "saga_a", |_| {});
    input["outputs"] = json!({ "orders.payment.charged": charged });
    let undone = shop.step(&refund_payment::function(), input.clone()).await.unwrap();
    assert_eq!((&undone["undone"], &undone["payment_id"]), (&json!("refunded"), &charged["data"]["payment_id"]));
    assert_eq!(shop.gateway.requests("GET /charges"), asked, "the gateway need not be asked what became of the charge");
    input["saga"]["id"] = json!("saga_b");
    input["outputs"]["orders.payment.charged"]["data"]["payment_id"] = json!("");
    assert_eq!(shop.step(&refund_payment::function(), input).await, Err("Poison".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_comes_after_its_refund_is_refused() {
    let shop = Shop::open().await;
    let undone = shop.step(&refund_payment::function(), step("refund-payment", "saga_a", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "nothing was charged");
    let late = shop.step(&charge_payment::function(), step("charge-payment", "saga_a", |_| {})).await;
    assert_eq!(late, Err("key_closed".to_owned()));
    assert!(shop.gateway.charges().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_busy_gateway_is_tried_again() {
    let shop = Shop::open().await;
    let input = step("charge-payment", "saga_a", card("tok_unavailable_once"));
    assert_eq!(shop.step(&charge_payment::function(), input.clone()).await, Err("Transient".to_owned()));
    shop.step(&charge_payment::function(), input).await.unwrap();
    assert_eq!(shop.attribute("payments", "ord_invoke_charge", "status").await, json!({ "S": "charged" }));
}

#[tokio::test(start_paused = true)]
async fn a_shipment_is_called_back_once() {
    let shop = Shop::open().await;
    shop.step(&create_shipment::function(), step("create-shipment", "saga_a", |_| {})).await.unwrap();
    let again = shop.step(&create_shipment::function(), step("create-shipment", "saga_b", |_| {})).await;
    assert_eq!(again, Err("already_shipped".to_owned()));
    let cancel = cancel_shipment::function();
    let undone = shop.step(&cancel, step("cancel-shipment", "saga_a", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "cancelled");
    let undone = shop.step(&cancel, step("cancel-shipment", "saga_b", |_| {})).await.unwrap();
    assert_eq!(undone["undone"], "nothing was shipped");
}

#[tokio::test(start_paused = true)]
async fn a_completed_order_is_not_cancelled() {
    let shop = Shop::open().await;
    let done = shop.step(&complete_order::function(), step("complete-order", "saga_a", |_| {})).await.unwrap();
    assert_eq!(done["status"], "completed");
    let cancel = step("cancel-order", "saga_b", |order| order["order_id"] = json!("ord_invoke_complete"));
    assert_eq!(shop.step(&cancel_order::function(), cancel).await, Err("order_closed".to_owned()));
    assert_eq!(shop.attribute("orders", "ord_invoke_complete", "version").await, json!({ "N": "2" }));
    assert_eq!(shop.emitted("ord_invoke_complete").await, [("orders.order.completed".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_look_whether_it_was_done_is_not_refused() {
    let shop = Shop::open().await;
    let (complete, input) = (complete_order::function(), step("complete-order", "saga_a", |_| {}));
    shop.step(&complete, input.clone()).await.unwrap();
    // It reads the order, which is completed already, and then the record that would say that it did that itself.
    let script = Script::new().request(Service::DynamoDb, "GetItem", 2, RequestFault::throttled(Service::DynamoDb));
    let script = Arc::new(script);
    shop.cloud.set_faults(Some(script.clone()));
    assert_eq!(shop.step(&complete, input.clone()).await, Err("Unavailable".to_owned()));
    assert!(script.left().is_empty());
    assert_eq!(shop.step(&complete, input).await.unwrap()["status"], "completed");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_order_has_the_failure_as_its_reason() {
    let shop = Shop::open().await;
    let done = shop.step(&cancel_order::function(), step("cancel-order", "saga_a", |_| {})).await.unwrap();
    assert_eq!(done, json!({ "order_id": "ord_invoke_cancel", "status": "cancelled", "reason": "card_declined" }));
    assert_eq!(shop.attribute("orders", "ord_invoke_cancel", "reason").await, json!({ "S": "card_declined" }));
    assert_eq!(shop.emitted("ord_invoke_cancel").await, [("orders.order.cancelled".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_nobody_placed_cannot_be_completed() {
    let shop = Shop::open().await;
    let input = step("complete-order", "saga_a", |order| order["order_id"] = json!("ord_unknown"));
    assert_eq!(shop.step(&complete_order::function(), input).await, Err("order_not_found".to_owned()));
}
