//! How orders end.

use serde_json::json;
use throughline_doubles::ChargeStatus;
use throughline_tests::{Stack, stories};

stories! {
    anywhere:
    an_order_is_reserved_charged_shipped_and_completed,
    a_declined_card_undoes_everything_and_the_customer_is_told,
    what_is_out_of_stock_is_not_reserved_in_part,
    what_was_charged_for_an_order_that_cannot_be_shipped_is_given_back,
    the_last_one_is_sold_once,
    an_order_that_does_not_add_up_is_refused,
    the_view_is_told,
}

async fn an_order_is_reserved_charged_shipped_and_completed(stack: &Stack) {
    stack.given_seed().await;

    let answer = stack.when_command("place-order", "orders.place-order/samples/completes.json").await;
    stack.settle().await;

    assert_eq!(answer, Ok(json!({ "order_id": "ord_completes" })));
    stack.then_order("ord_completes", "completed").await;
    stack.then_stock("tea-green-100", 498, 2).await;
    stack.then_stock("cup-porcelain", 99, 1).await;
    stack.then_status("reservations", "ord_completes", Some("reserved")).await;
    stack.then_status("payments", "ord_completes", Some("charged")).await;
    stack.then_status("shipments", "ord_completes", Some("created")).await;
    stack.then_told("ord_completes", &["Your order ord_completes is on its way. You paid 25.00 EUR."]).await;
    stack.then_all_is_done().await;
}

async fn a_declined_card_undoes_everything_and_the_customer_is_told(stack: &Stack) {
    stack.given_seed().await;

    stack.when_command("place-order", "orders.place-order/samples/card-declined.json").await.unwrap();
    stack.settle().await;

    let order = stack.row_of("orders", "ord_card_declined").await;
    assert_eq!((&order["status"], &order["reason"]), (&json!("cancelled"), &json!("card_declined")));
    stack.then_order("ord_card_declined", "cancelled").await;
    stack.then_stock("tea-green-100", 500, 0).await;
    stack.then_status("reservations", "ord_card_declined", Some("released")).await;
    stack.then_status("payments", "ord_card_declined", None).await;
    stack.then_status("shipments", "ord_card_declined", None).await;
    stack
        .then_told("ord_card_declined", &["Your order ord_card_declined was cancelled: your card was declined."])
        .await;
    assert!(stack.account_of("ord_card_declined").await.charges.is_empty());
    stack.then_all_is_done().await;
}

async fn what_is_out_of_stock_is_not_reserved_in_part(stack: &Stack) {
    stack.given_seed().await;

    stack.when_command("place-order", "orders.place-order/samples/out-of-stock.json").await.unwrap();
    stack.settle().await;

    stack.then_order("ord_out_of_stock", "cancelled").await;
    stack.then_stock("cup-porcelain", 100, 0).await;
    stack.then_stock("kettle-copper", 2, 0).await;
    stack.then_status("reservations", "ord_out_of_stock", None).await;
    let told = "Your order ord_out_of_stock was cancelled: we have too little of it left.";
    stack.then_told("ord_out_of_stock", &[told]).await;
    assert_eq!(stack.account_of("ord_out_of_stock").await.asked, 0);
    stack.then_all_is_done().await;
}

async fn what_was_charged_for_an_order_that_cannot_be_shipped_is_given_back(stack: &Stack) {
    stack.given_seed().await;
    let shipment = json!({ "order_id": "ord_completes", "shipment_id": "shp_of_another_system", "status": "created" });
    stack.given_item("shipments", &shipment).await;

    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.settle().await;

    stack.then_order("ord_completes", "cancelled").await;
    assert_eq!(stack.row_of("orders", "ord_completes").await["reason"], "already_shipped");
    stack.then_status("payments", "ord_completes", Some("refunded")).await;
    stack.then_status("reservations", "ord_completes", Some("released")).await;
    stack.then_stock("tea-green-100", 500, 0).await;
    let charges = stack.account_of("ord_completes").await.charges;
    assert_eq!(charges.iter().map(|charge| charge.status).collect::<Vec<_>>(), [ChargeStatus::Refunded]);
    stack.then_all_is_done().await;
}

async fn the_last_one_is_sold_once(stack: &Stack) {
    stack.given_stock("tea-green-100", 1).await;

    stack.when_command("place-order", "orders.place-order/samples/gateway-unavailable.json").await.unwrap();
    stack.when_command("place-order", "orders.place-order/samples/gateway-slow.json").await.unwrap();
    stack.settle_whichever_wins().await;

    stack.then_stock("tea-green-100", 0, 1).await;
    let mut ends = Vec::new();
    for order in ["ord_gateway_unavailable", "ord_gateway_slow"] {
        ends.push(stack.row_of("orders", order).await["status"].as_str().unwrap_or_default().to_owned());
    }
    ends.sort();
    assert_eq!(ends, ["cancelled", "completed"]);
    stack.then_all_is_done().await;
}

async fn an_order_that_does_not_add_up_is_refused(stack: &Stack) {
    let mut command = throughline_tests::sample("orders.place-order/samples/completes.json");
    command["data"]["total_cents"] = json!(1);

    let refusal = stack.when_invoked("place-order", &command).await.unwrap_err();
    stack.settle().await;

    assert_eq!(refusal.code, "total_mismatch");
    assert!(stack.rows("orders").await.is_empty());
    assert!(stack.rows("events").await.is_empty());
}

async fn the_view_is_told(stack: &Stack) {
    stack.given_seed().await;
    let look_up = "orders.get-order/samples/completes.json";
    assert_eq!(stack.when_command("get-order", look_up).await.unwrap_err().code, "order_not_found");

    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.settle().await;

    let view = stack.when_command("get-order", look_up).await.unwrap();
    let history = view["history"].as_array().unwrap().iter();
    let history: Vec<_> = history.map(|change| (change["sequence"].as_u64(), change["status"].as_str())).collect();
    assert_eq!(history, [(Some(1), Some("placed")), (Some(2), Some("completed"))]);
    assert_eq!((&view["status"], &view["version"]), (&json!("completed"), &json!(2)));
}
