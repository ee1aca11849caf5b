//! What cannot be handled is in the inbox, with its reason, and disturbs nothing else.

use serde_json::{Value, json};
use throughline_tests::{Stack, sample, stories};

stories! {
    anywhere:
    what_is_not_an_event_is_a_failure_that_says_so,
    a_broken_contract_is_a_failure_with_every_violation,
    a_command_that_breaks_its_contract_is_answered_with_the_violations,
    a_command_that_nobody_waits_for_is_not_lost_when_it_is_refused,
}

fn assert_has(row: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&row[name], value, "{name} of {row}");
    }
}

async fn what_is_not_an_event_is_a_failure_that_says_so(stack: &Stack) {
    stack.given_seed().await;
    let body = sample("broken/not-an-event.json");

    stack.when_message("start-fulfilment", &body).await;
    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.settle().await;

    let expected = json!({
        "status": "open", "class": "poison", "code": "not_an_event", "function": "start-fulfilment", "attempt": 1,
        "source_queue": stack.name("start-fulfilment"), "dead_letter_queue": stack.name("start-fulfilment-dead"),
        "body": body.to_string(),
    });
    assert_has(&stack.then_one_failure().await, &expected);
    stack.then_order("ord_completes", "completed").await;
    stack.then_queues_are_empty().await;
}

async fn a_broken_contract_is_a_failure_with_every_violation(stack: &Stack) {
    let event = sample("broken/breaks-its-contract.json");

    stack.when_on_the_bus(&event).await;
    stack.settle().await;

    let failure = stack.then_one_failure().await;
    let expected = json!({
        "status": "open", "class": "poison", "code": "contract_violated", "function": "start-fulfilment",
        "event_id": event["id"], "event_type": "orders.order.placed", "subject": "ord_broken",
    });
    assert_has(&failure, &expected);
    let cause = failure["cause"].as_str().unwrap();
    for place in ["customer", "/total_cents"] {
        assert!(cause.contains(place), "{place} is not in {cause}");
    }
    stack.then_journal(event["id"].as_str().unwrap(), "start-fulfilment", "rejected", 1).await;
    stack.then_queues_are_empty().await;
}

async fn a_command_that_breaks_its_contract_is_answered_with_the_violations(stack: &Stack) {
    let mut command = sample("orders.place-order/samples/completes.json");
    command["data"]["lines"] = json!([]);

    let refusal = stack.when_invoked("place-order", &command).await.unwrap_err();

    assert_eq!(refusal.code, "Poison");
    assert!(refusal.message.contains("/lines"), "{refusal:?}");
    assert!(stack.rows("orders").await.is_empty());
}

async fn a_command_that_nobody_waits_for_is_not_lost_when_it_is_refused(stack: &Stack) {
    let mut command = sample("orders.place-order/samples/completes.json");
    command["data"]["total_cents"] = json!(1);

    stack.when_handed_over("place-order", &command).await;
    stack.settle().await;

    let expected = json!({
        "status": "open", "source": "async", "function": "place-order", "code": "total_mismatch",
        "event_id": command["id"], "dead_letter_queue": stack.name("async-failures"),
    });
    assert_has(&stack.then_one_failure().await, &expected);
    stack.then_queues_are_empty().await;
}
