//! EventBridge: publishing, rules, patterns, schedules.

pub(crate) mod archives;
pub(crate) mod targets;

use std::time::Duration;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::json;
use throughline_conformance::{Account, Case, case};

use crate::given::{bus, code, target, target_queue};

const EVENTS: &str = "https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html";
const PUT: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html";
const FAILURES: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html";
const PATTERNS: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html";
const OPERATORS: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html";
const TEST: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html";
const RULES: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule.html";
const DISABLE: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html";
const DELETE: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html";
const DESCRIBE: &str = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html";
const SCHEDULE: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        an_event_has_its_envelope,
        "A target gets version, id, detail-type, source, account, time, region, resources and detail.",
        EVENTS
    ),
    case!(what_does_not_match_is_not_sent, "Only events that match the rule's pattern reach its targets.", PATTERNS),
    case!(every_rule_that_matches_sends, "An event goes to the targets of every rule that it matches.", RULES),
    case!(
        an_entry_fails_alone,
        "An entry without DetailType fails with InvalidArgument; the others are accepted, in the order of the request.",
        FAILURES
    ),
    case!(a_detail_is_a_json_object, "An entry whose Detail is not JSON fails with MalformedDetail.", FAILURES),
    case!(
        sources_of_aws_are_reserved,
        "An entry whose source begins with aws. fails with NotAuthorizedForSourceException.",
        PUT
    ),
    case!(ten_entries_at_most, "More than ten entries are refused with a ValidationException.", PUT),
    case!(a_time_of_its_own, "An entry's Time is the event's time.", PUT),
    case!(anything_but_prefix_numeric_exists, "Patterns know anything-but, prefix, numeric and exists.", OPERATORS),
    case!(or_of_fields, "$or matches when one of its patterns does.", OPERATORS),
    case!(a_pattern_can_be_tested, "TestEventPattern says whether an event matches a pattern.", TEST),
    case!(a_bad_pattern_is_refused, "A pattern that is none fails with InvalidEventPatternException.", TEST),
    case!(a_disabled_rule_sends_nothing, "A disabled rule matches nothing until it is enabled again.", DISABLE),
    case!(a_rule_with_targets_stays, "DeleteRule is refused while the rule has targets.", DELETE),
    case!(
        a_rule_that_is_not_there,
        "DescribeRule of a rule that does not exist fails with ResourceNotFoundException.",
        DESCRIBE
    ),
    case!(a_schedule_sends_at_its_rate, "A rule with rate(1 minute) sends a Scheduled Event every minute.", SCHEDULE)
        .waits_long(),
];

async fn an_event_has_its_envelope(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "shop", &queue).await;
    let id = bus.put("shop", json!({ "n": 1 })).await;
    let event = queue.next_json(&t).await;
    let names: Vec<&String> = event.as_object().unwrap().keys().collect();
    let mut sorted: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    sorted.sort_unstable();
    let expected = ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"];
    assert_eq!(sorted, expected);
    assert_eq!(event["id"], id);
    assert_eq!(event["version"], "0");
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("shop"), &json!("Something happened")));
    assert_eq!((&event["detail"], &event["resources"]), (&json!({ "n": 1 }), &json!([])));
    let time = event["time"].as_str().unwrap();
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
}

async fn what_does_not_match_is_not_sent(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let pattern = json!({ "source": ["shop"], "detail": { "state": ["paid"] } });
    bus.rule(&t, "rule", pattern, vec![target("q", &queue.arn)]).await;
    bus.put("shop", json!({ "state": "open" })).await;
    bus.put("elsewhere", json!({ "state": "paid" })).await;
    bus.put("shop", json!({ "state": "paid" })).await;
    assert_eq!(queue.next_json(&t).await["detail"]["state"], "paid");
    queue.stays_empty(&t).await;
}

async fn every_rule_that_matches_sends(t: Account) {
    let (bus, one, two) = (bus(&t).await, target_queue(&t, "one").await, target_queue(&t, "two").await);
    let pattern = json!({ "source": ["shop"] });
    bus.rule(&t, "first", pattern.clone(), vec![target("q", &one.arn)]).await;
    bus.rule(&t, "second", pattern, vec![target("q", &two.arn)]).await;
    let id = bus.put("shop", json!({})).await;
    assert_eq!(one.next_json(&t).await["id"], id);
    assert_eq!(two.next_json(&t).await["id"], id);
}

async fn an_entry_fails_alone(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "shop", &queue).await;
    let untyped = PutEventsRequestEntry::builder().event_bus_name(&bus.name).source("shop").detail("{}").build();
    let request = t.events.put_events().entries(untyped).entries(bus.entry("shop", json!({ "n": 2 })));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 1);
    let [failed, sent] = answer.entries() else { panic!("{answer:?}") };
    assert_eq!((failed.event_id(), failed.error_code()), (None, Some("InvalidArgument")));
    assert!(sent.event_id().is_some() && sent.error_code().is_none(), "{sent:?}");
    assert_eq!(queue.next_json(&t).await["detail"]["n"], 2);
}

async fn a_detail_is_a_json_object(t: Account) {
    let bus = bus(&t).await;
    let entry = PutEventsRequestEntry::builder().event_bus_name(&bus.name).source("shop").detail_type("x");
    let answer = t.events.put_events().entries(entry.detail("not JSON").build()).send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 1);
    assert_eq!(answer.entries()[0].error_code(), Some("MalformedDetail"));
}

async fn sources_of_aws_are_reserved(t: Account) {
    let bus = bus(&t).await;
    let answer = t.events.put_events().entries(bus.entry("aws.sqs", json!({}))).send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 1);
    assert_eq!(answer.entries()[0].error_code(), Some("NotAuthorizedForSourceException"));
}

async fn ten_entries_at_most(t: Account) {
    let bus = bus(&t).await;
    let entries = vec![bus.entry("shop", json!({})); 11];
    assert_eq!(code(t.events.put_events().set_entries(Some(entries)).send().await), "ValidationException");
}

async fn a_time_of_its_own(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "shop", &queue).await;
    let entry = PutEventsRequestEntry::builder().event_bus_name(&bus.name).source("shop").detail_type("x");
    let entry = entry.detail("{}").time(aws_sdk_eventbridge::primitives::DateTime::from_secs(1_700_000_000));
    t.events.put_events().entries(entry.build()).send().await.unwrap();
    assert_eq!(queue.next_json(&t).await["time"], "2023-11-14T22:13:20Z");
}

async fn anything_but_prefix_numeric_exists(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let pattern = json!({
        "source": [{ "prefix": "shop." }],
        "detail": {
            "state": [{ "anything-but": ["open", "void"] }],
            "amount": [{ "numeric": [">", 10, "<=", 20] }],
            "voucher": [{ "exists": false }],
        },
    });
    bus.rule(&t, "rule", pattern, vec![target("q", &queue.arn)]).await;
    for (n, source, state, amount) in [
        (1, "shop.web", "open", 15),
        (2, "shop.web", "paid", 10),
        (3, "web.shop", "paid", 15),
        (4, "shop.web", "paid", 20),
    ] {
        bus.put(source, json!({ "n": n, "state": state, "amount": amount })).await;
    }
    bus.put("shop.web", json!({ "n": 5, "state": "paid", "amount": 15, "voucher": "x" })).await;
    assert_eq!(queue.next_json(&t).await["detail"]["n"], 4);
    queue.stays_empty(&t).await;
}

async fn or_of_fields(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let pattern = json!({ "detail": { "$or": [{ "a": [1] }, { "b": [{ "suffix": ".png" }] }] } });
    bus.rule(&t, "rule", pattern, vec![target("q", &queue.arn)]).await;
    bus.put("shop", json!({ "a": 2, "b": "x.gif" })).await;
    bus.put("shop", json!({ "a": 2, "b": "x.png" })).await;
    assert_eq!(queue.next_json(&t).await["detail"]["b"], "x.png");
    queue.stays_empty(&t).await;
}

fn event(detail: serde_json::Value) -> String {
    let event = json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "x", "source": "shop",
        "account": "111122223333", "time": "2026-11-24T12:00:00Z", "region": "us-east-1", "resources": [],
        "detail": detail,
    });
    event.to_string()
}

async fn a_pattern_can_be_tested(t: Account) {
    let pattern = json!({ "detail": { "state": ["paid", null] } }).to_string();
    for (detail, expected) in [
        (json!({ "state": "paid" }), true),
        (json!({ "state": null }), true),
        (json!({ "state": ["open", "paid"] }), true),
        (json!({ "state": "open" }), false),
        (json!({}), false),
    ] {
        let request = t.events.test_event_pattern().event_pattern(&pattern).event(event(detail.clone()));
        assert_eq!(request.send().await.unwrap().result(), expected, "{detail}");
    }
}

async fn a_bad_pattern_is_refused(t: Account) {
    for pattern in ["not JSON", r#"{"source": "shop"}"#, r#"{"source": [{"no-such": 1}]}"#, "{}"] {
        let request = t.events.test_event_pattern().event_pattern(pattern).event(event(json!({})));
        assert_eq!(code(request.send().await), "InvalidEventPatternException", "{pattern}");
    }
}

async fn a_disabled_rule_sends_nothing(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "shop", &queue).await;
    let name = t.name("rule");
    t.events.disable_rule().name(&name).event_bus_name(&bus.name).send().await.unwrap();
    bus.put("shop", json!({ "n": 1 })).await;
    queue.stays_empty(&t).await;
    t.events.enable_rule().name(&name).event_bus_name(&bus.name).send().await.unwrap();
    bus.put("shop", json!({ "n": 2 })).await;
    assert_eq!(queue.next_json(&t).await["detail"]["n"], 2);
}

async fn a_rule_with_targets_stays(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "shop", &queue).await;
    let request = t.events.delete_rule().name(t.name("rule")).event_bus_name(&bus.name);
    assert_eq!(code(request.send().await), "ValidationException");
}

async fn a_rule_that_is_not_there(t: Account) {
    let bus = bus(&t).await;
    let request = t.events.describe_rule().name(t.name("none")).event_bus_name(&bus.name);
    assert_eq!(code(request.send().await), "ResourceNotFoundException");
}

async fn a_schedule_sends_at_its_rate(t: Account) {
    let (queue, name) = (target_queue(&t, "q").await, t.name("rule"));
    t.events.put_rule().name(&name).schedule_expression("rate(1 minute)").send().await.unwrap();
    t.at_end(t.events.delete_rule().name(&name).send());
    t.events.put_targets().rule(&name).targets(target("q", &queue.arn)).send().await.unwrap();
    t.at_end(t.events.remove_targets().rule(&name).ids("q").send());
    let event = queue.next_json(&t).await;
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("aws.events"), &json!("Scheduled Event")));
    assert!(event["resources"][0].as_str().unwrap().ends_with(&format!(":rule/{name}")), "{event}");
    t.pass(Duration::from_secs(3600)).await;
    let count: u32 = queue.attribute("ApproximateNumberOfMessages").await.parse().unwrap();
    assert!((59..=61).contains(&count), "{count}");
}
