//! The payment gateway is slow, away, or does not answer.

use std::time::Duration;

use throughline_doubles::{ChargeStatus, Faults};
use throughline_tests::{Stack, slow_order, stories};

stories! {
    anywhere:
    a_charge_whose_answer_never_came_is_made_once,
    a_gateway_that_is_away_is_asked_again,
    a_slow_gateway_is_waited_for,
}

stories! {
    in_process: "its payment gateway fails by chance, and a deployment's is shared",
    whatever_the_gateway_does_money_and_stock_agree_with_the_orders,
}

/// Places an order and waits for its end: it is completed and charged once, however often the gateway was asked.
async fn completes(stack: &Stack, path: &str, order: &str, asked: u32) -> Duration {
    stack.given_seed().await;
    let before = tokio::time::Instant::now();

    stack.when_command("place-order", path).await.unwrap();
    stack.settle().await;

    stack.then_order(order, "completed").await;
    assert_eq!(stack.account_of(order).await.charges.len(), 1);
    assert_eq!(stack.account_of(order).await.asked, asked);
    stack.then_status("payments", order, Some("charged")).await;
    stack.then_all_is_done().await;
    before.elapsed()
}

async fn a_charge_whose_answer_never_came_is_made_once(stack: &Stack) {
    let took = completes(stack, "orders.place-order/samples/gateway-times-out.json", "ord_gateway_times_out", 2).await;
    assert!(took >= Duration::from_secs(3), "the first request was given up after {took:?}");
}

async fn a_gateway_that_is_away_is_asked_again(stack: &Stack) {
    completes(stack, "orders.place-order/samples/gateway-unavailable.json", "ord_gateway_unavailable", 2).await;
}

async fn a_slow_gateway_is_waited_for(stack: &Stack) {
    let took = completes(stack, "orders.place-order/samples/gateway-slow.json", "ord_gateway_slow", 1).await;
    assert!(took >= Duration::from_millis(300), "{took:?}");
}

async fn whatever_the_gateway_does_money_and_stock_agree_with_the_orders() {
    let seed = 1;
    let faults = Faults { latency: Duration::from_millis(50), error_rate: 0.5, seed };
    let stack = Stack::with(seed, faults).await;
    stack.given_stock("tea-green-100", 8).await;

    let orders: Vec<_> = (0..10).map(|number| format!("ord_{seed}_{number}")).collect();
    for order in &orders {
        stack.when_invoked("place-order", &slow_order(order)).await.unwrap();
    }
    stack.settle().await;

    let mut sold = 0;
    for order in &orders {
        let charges = stack.account_of(order).await.charges;
        let taken = charges.iter().filter(|charge| charge.status == ChargeStatus::Charged).count();
        let completed = stack.row_of("orders", order).await["status"] == "completed";
        stack.then_order(order, if completed { "completed" } else { "cancelled" }).await;
        assert_eq!(taken, usize::from(completed), "charges of {order}: {charges:?}");
        sold += i64::from(completed);
    }
    assert!(sold > 0, "nothing was sold");
    stack.then_stock("tea-green-100", 8 - sold, sold).await;
    stack.then_all_is_done().await;
}
