//! The payment gateway is away for longer than the retries of a step last.

use throughline_doubles::ChargeStatus;
use throughline_tests::{Stack, slow_order};

use crate::support::HOUR;

#[tokio::test(start_paused = true)]
async fn an_hour_without_the_gateway_costs_no_order_and_no_compensation() {
    let stack = Stack::start().await;
    stack.given_stock("tea-green-100", 12).await;
    stack.given_gateway_away(true);

    let orders: Vec<_> = (0..12).map(|number| format!("ord_patient_{number}")).collect();
    for order in &orders {
        stack.when_invoked("place-order", &slow_order(order)).await.unwrap();
    }
    stack.when_time_passes(HOUR).await;
    stack.given_gateway_away(false);
    stack.settle().await;

    for order in &orders {
        stack.then_order(order, "completed").await;
        let charges = stack.account_of(order).await.charges;
        assert_eq!(charges.iter().filter(|charge| charge.status == ChargeStatus::Charged).count(), 1, "{charges:?}");
    }
    let undone = stack.rows_where("journal", "direction", "undo").await;
    assert!(undone.is_empty(), "no order was given up: {undone:?}");
    stack.then_stock("tea-green-100", 0, 12).await;
    let stages = stack.rows_where("journal", "dependency", "payments").await;
    let closed = stages.iter().filter(|line| line["stage"] == "circuit_closed").count();
    assert_eq!((closed, stages.len() > 10), (1, true), "{stages:?}");
    stack.then_all_is_done().await;
}
