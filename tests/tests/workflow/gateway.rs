//! The payment gateway is slow, away, or does not answer.

use std::time::Duration;

use throughline_tests::Stack;

/// Places an order and waits for its end: it is completed and charged once, however often the gateway was asked.
async fn completes(path: &str, order: &str, asked: u32) -> Duration {
    let stack = Stack::start().await;
    stack.given_seed().await;
    let before = tokio::time::Instant::now();

    stack.when_command("place-order", path).await.unwrap();
    stack.settle().await;

    stack.then_order(order, "completed").await;
    assert_eq!(stack.gateway().charges_of(order).len(), 1);
    assert_eq!(stack.gateway().requests("POST /charges"), asked);
    stack.then_status("payments", order, Some("charged")).await;
    stack.then_all_is_done().await;
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_charge_whose_answer_never_came_is_made_once() {
    let took = completes("orders.place-order/samples/gateway-times-out.json", "ord_gateway_times_out", 2).await;
    assert!(took >= Duration::from_secs(3), "the first request was given up after {took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_away_is_asked_again() {
    completes("orders.place-order/samples/gateway-unavailable.json", "ord_gateway_unavailable", 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_gateway_is_waited_for() {
    let took = completes("orders.place-order/samples/gateway-slow.json", "ord_gateway_slow", 1).await;
    assert!(took >= Duration::from_millis(300), "{took:?}");
}
