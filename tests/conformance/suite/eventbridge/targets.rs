//! EventBridge: what targets get, and what becomes of what they cannot get.

use std::collections::HashMap;

use aws_sdk_eventbridge::types::builders::TargetBuilder;
use aws_sdk_eventbridge::types::{DeadLetterConfig, InputTransformer, RetryPolicy, SqsParameters, Target};
use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Queue, allow_events, bus, eventually, fifo, function, machine, only, output, target, target_queue};

const INPUT: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html";
const TRANSFORM: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html";
const TARGETS: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html";
const DEAD: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html";
const BUSES: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html";
const FIFO: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_SqsParameters.html";

pub(crate) const CASES: &[Case] = &[
    case!(a_constant_input, "A target with Input gets that text, whatever the event.", INPUT),
    case!(a_part_of_the_event, "A target with InputPath gets that part of the event.", INPUT),
    case!(a_template_of_text, "An InputTemplate in quotes puts values into the text.", TRANSFORM),
    case!(
        a_template_of_json,
        "An InputTemplate of JSON puts strings in quotes, and objects and numbers as they are.",
        TRANSFORM
    ),
    case!(a_path_that_finds_nothing, "A variable whose path finds nothing is empty text in a string.", TRANSFORM),
    case!(
        the_whole_event_in_a_template,
        "<aws.events.event.json> stands for the event, <aws.events.rule-name> for the rule.",
        TRANSFORM
    ),
    case!(a_group_of_a_fifo_queue, "A FIFO queue as target gets messages of the group in SqsParameters.", FIFO),
    case!(a_function_gets_the_event, "A function as target is invoked with the event.", TARGETS),
    case!(
        a_state_machine_starts_with_the_event,
        "A state machine as target is started with the event as its input.",
        TARGETS
    ),
    case!(a_bus_passes_events_on, "A bus as target gets the event as it was published; its own rules match it.", BUSES),
    case!(
        what_no_target_takes_is_parked,
        "An event that cannot be sent to a target goes to its dead-letter queue, with RULE_ARN, TARGET_ARN, ERROR_CODE and ERROR_MESSAGE.",
        DEAD
    ),
    case!(
        a_dead_letter_is_the_events_own_text,
        "What is parked is the event, not what the target would have got.",
        DEAD
    ),
];

/// A rule for `shop` with one target; answers what the queue got for an event with this detail.
async fn sent(t: &Account, change: impl FnOnce(TargetBuilder) -> TargetBuilder, detail: Value) -> String {
    let (bus, queue) = (bus(t).await, target_queue(t, "q").await);
    let target = change(Target::builder().id("q").arn(&queue.arn)).build().unwrap();
    bus.rule(t, "rule", json!({ "source": ["shop"] }), vec![target]).await;
    bus.put("shop", detail).await;
    queue.next(t).await.body.unwrap()
}

fn transformer(paths: &[(&str, &str)], template: &str) -> InputTransformer {
    let paths: HashMap<String, String> =
        paths.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
    InputTransformer::builder().set_input_paths_map(Some(paths)).input_template(template).build().unwrap()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn a_constant_input(t: Account) {
    let body = sent(&t, |target| target.input(r#"{"fixed":true}"#), json!({ "n": 1 })).await;
    assert_eq!(parsed(&body), json!({ "fixed": true }));
}

async fn a_part_of_the_event(t: Account) {
    let body = sent(&t, |target| target.input_path("$.detail.order"), json!({ "order": { "id": 7 } })).await;
    assert_eq!(parsed(&body), json!({ "id": 7 }));
}

async fn a_template_of_text(t: Account) {
    let own = transformer(&[("id", "$.detail.id"), ("source", "$.source")], r#""order <id> of <source>""#);
    let body = sent(&t, |target| target.input_transformer(own), json!({ "id": "o-7" })).await;
    assert_eq!(body, r#""order o-7 of shop""#);
}

async fn a_template_of_json(t: Account) {
    let paths = [("id", "$.detail.id"), ("n", "$.detail.n"), ("lines", "$.detail.lines")];
    let own = transformer(&paths, r#"{"order": <id>, "count": <n>, "lines": <lines>, "text": "order <id>"}"#);
    let detail = json!({ "id": "o-7", "n": 2, "lines": [{ "sku": "a" }] });
    let body = sent(&t, |target| target.input_transformer(own), detail).await;
    let expected = json!({ "order": "o-7", "count": 2, "lines": [{ "sku": "a" }], "text": "order o-7" });
    assert_eq!(parsed(&body), expected);
}

async fn a_path_that_finds_nothing(t: Account) {
    let own = transformer(&[("none", "$.detail.none")], r#""[<none>]""#);
    let body = sent(&t, |target| target.input_transformer(own), json!({})).await;
    assert_eq!(body, r#""[]""#);
}

async fn the_whole_event_in_a_template(t: Account) {
    let own = transformer(&[], r#"{"rule": <aws.events.rule-name>, "event": <aws.events.event.json>}"#);
    let body = parsed(&sent(&t, |target| target.input_transformer(own), json!({ "n": 1 })).await);
    assert_eq!(body["rule"], t.name("rule"));
    assert_eq!(body["event"]["detail"], json!({ "n": 1 }));
    assert_eq!(body["event"]["source"], "shop");
}

async fn a_group_of_a_fifo_queue(t: Account) {
    let (bus, queue) = (bus(&t).await, fifo(&t, "q", &[("ContentBasedDeduplication", "true")]).await);
    allow_events(&queue).await;
    let group = SqsParameters::builder().message_group_id("orders").build();
    let target = Target::builder().id("q").arn(&queue.arn).sqs_parameters(group).build().unwrap();
    bus.rule(&t, "rule", json!({ "source": ["shop"] }), vec![target]).await;
    bus.put("shop", json!({})).await;
    let message = queue.next(&t).await;
    let group = &message.attributes().unwrap()[&aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId];
    assert_eq!(group, "orders");
}

async fn a_function_gets_the_event(t: Account) {
    let (bus, function) = (bus(&t).await, function(&t, "f", "").await);
    let rule = bus.rule(&t, "rule", json!({ "source": ["shop"] }), vec![target("f", &function.arn)]).await;
    let permission = t.lambda.add_permission().function_name(&function.name).statement_id("events");
    let permission = permission.action("lambda:InvokeFunction").principal("events.amazonaws.com");
    permission.source_arn(rule).send().await.unwrap();
    let id = bus.put("shop", json!({ "n": 1 })).await;
    let event = function.given(&t, 1).await.remove(0);
    assert_eq!((&event["id"], &event["detail"]), (&json!(id), &json!({ "n": 1 })));
}

async fn a_state_machine_starts_with_the_event(t: Account) {
    let (bus, machine) = (bus(&t).await, machine(&t, only(json!({ "Type": "Pass" }))).await);
    let target = Target::builder().id("m").arn(&machine.arn).role_arn(&t.role).build().unwrap();
    bus.rule(&t, "rule", json!({ "source": ["shop"] }), vec![target]).await;
    let id = bus.put("shop", json!({ "n": 1 })).await;
    let execution = eventually(&t, "an execution", async || {
        let request = t.sfn.list_executions().state_machine_arn(&machine.arn);
        request.send().await.unwrap().executions.pop()
    })
    .await;
    let closed = machine.closed(&t, &execution.execution_arn).await;
    assert_eq!(output(&closed)["id"], id);
}

async fn a_bus_passes_events_on(t: Account) {
    let (first, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let name = t.name("second");
    let arn = t.events.create_event_bus().name(&name).send().await.unwrap().event_bus_arn.unwrap();
    t.at_end(t.events.delete_event_bus().name(&name).send());
    let second = crate::given::Bus { events: t.events.clone(), name, arn };
    let target_bus = Target::builder().id("b").arn(&second.arn).role_arn(&t.role).build().unwrap();
    first.rule(&t, "first", json!({ "source": ["shop"] }), vec![target_bus]).await;
    second.rule(&t, "second", json!({ "source": ["shop"] }), vec![target("q", &queue.arn)]).await;
    first.put("shop", json!({ "n": 1 })).await;
    let event = queue.next_json(&t).await;
    assert_eq!((&event["source"], &event["detail"]), (&json!("shop"), &json!({ "n": 1 })));
}

/// A target that is not there, and what its dead-letter queue got.
async fn parked(t: &Account) -> (Message, String, Queue) {
    let (bus, dead, gone) = (bus(t).await, target_queue(t, "dead").await, target_queue(t, "gone").await);
    t.sqs.delete_queue().queue_url(&gone.url).send().await.unwrap();
    let config = DeadLetterConfig::builder().arn(&dead.arn).build();
    let retries = RetryPolicy::builder().maximum_retry_attempts(0).maximum_event_age_in_seconds(60).build();
    let target = Target::builder().id("q").arn(&gone.arn).dead_letter_config(config).retry_policy(retries);
    let target = target.input(r#"{"fixed":true}"#).build().unwrap();
    let rule = bus.rule(t, "rule", json!({ "source": ["shop"] }), vec![target]).await;
    bus.put("shop", json!({ "n": 1 })).await;
    (dead.next(t).await, rule, gone)
}

async fn what_no_target_takes_is_parked(t: Account) {
    let (message, rule, gone) = parked(&t).await;
    let text = |name: &str| {
        let attributes = message.message_attributes().unwrap();
        attributes.get(name).and_then(|attribute| attribute.string_value()).unwrap_or_default().to_owned()
    };
    assert_eq!(text("RULE_ARN"), rule);
    assert_eq!(text("TARGET_ARN"), gone.arn);
    assert_eq!(text("ERROR_CODE"), "NO_RESOURCE");
    assert!(!text("ERROR_MESSAGE").is_empty());
}

async fn a_dead_letter_is_the_events_own_text(t: Account) {
    let (message, ..) = parked(&t).await;
    let event = parsed(message.body().unwrap());
    assert_eq!((&event["source"], &event["detail"]), (&json!("shop"), &json!({ "n": 1 })));
}
