use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, orders, target};

const DAY: u64 = 86_400;

async fn archive(bench: &Bench, days: i64) -> String {
    let bus = bench.cloud.arn("events", "event-bus/default");
    let request = json!({"ArchiveName": "all", "EventSourceArn": bus, "EventPattern": orders().to_string(), "RetentionDays": days});
    bench.call("CreateArchive", request).await.unwrap()["ArchiveArn"].as_str().unwrap().to_owned()
}

fn replay(bench: &Bench, name: &str, rules: &[&str]) -> Value {
    let filters: Vec<String> = rules.iter().map(|rule| bench.cloud.arn("events", &format!("rule/{rule}"))).collect();
    json!({
        "ReplayName": name,
        "EventSourceArn": bench.cloud.arn("events", "archive/all"),
        "EventStartTime": 0,
        "EventEndTime": bench.cloud.clock().now_millis() / 1000 + 1,
        "Destination": {"Arn": bench.cloud.arn("events", "event-bus/default"), "FilterArns": filters},
    })
}

#[tokio::test(start_paused = true)]
async fn archived_events_are_replayed_to_the_rules_that_are_asked_for() {
    let bench = Bench::new();
    archive(&bench, 0).await;
    let (one, two) = (bench.queue("one", json!({})).await, bench.queue("two", json!({})).await);
    bench.rule("one", &orders(), target(&one)).await;
    bench.rule("two", &orders(), target(&two)).await;
    let ids = [bench.publish(&json!({"n": 1})).await, bench.publish(&json!({"n": 2})).await];
    bench.settle().await;
    bench.bodies("one").await;
    bench.bodies("two").await;

    let started = bench.call("StartReplay", replay(&bench, "again", &["one"])).await.unwrap();
    assert_eq!(started["State"], "STARTING");
    assert!(bench.cloud.pending().unwrap().starts_with("replay again of 2 events"));
    bench.settle().await;
    let events: Vec<Value> = bench.bodies("one").await.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(events.iter().map(|event| event["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert_eq!(events[0]["replay-name"], "again");
    assert!(bench.bodies("two").await.is_empty());

    let described = bench.call("DescribeReplay", json!({"ReplayName": "again"})).await.unwrap();
    assert_eq!(described["State"], "COMPLETED");
    assert_eq!(described["EventLastReplayedTime"], 1_795_521_600.0);
    let listed = bench.call("ListReplays", json!({"State": "COMPLETED"})).await.unwrap();
    assert_eq!(listed["Replays"][0]["ReplayName"], "again");
    let kept = bench.call("DescribeArchive", json!({"ArchiveName": "all"})).await.unwrap();
    assert_eq!(kept["EventCount"], 2, "what a replay sends is not archived again");
}

#[tokio::test(start_paused = true)]
async fn a_replay_can_be_cancelled() {
    let bench = Bench::new();
    archive(&bench, 0).await;
    bench.publish(&json!({})).await;
    bench.call("StartReplay", replay(&bench, "r", &[])).await.unwrap();
    let cancelled = bench.call("CancelReplay", json!({"ReplayName": "r"})).await.unwrap();
    assert_eq!(cancelled["State"], "CANCELLING");
    bench.settle().await;
    let described = bench.call("DescribeReplay", json!({"ReplayName": "r"})).await.unwrap();
    assert_eq!(described["State"], "CANCELLED");
    assert_eq!(bench.refused("CancelReplay", json!({"ReplayName": "r"})).await.0, "IllegalStatusException");
}

#[tokio::test(start_paused = true)]
async fn an_archive_keeps_what_matches_for_as_long_as_it_says() {
    let bench = Bench::new();
    let arn = archive(&bench, 2).await;
    assert_eq!(arn, bench.cloud.arn("events", "archive/all"));
    let other = json!({"Source": "billing", "DetailType": "t", "Detail": "{}"});
    bench.call("PutEvents", json!({"Entries": [other]})).await.unwrap();
    bench.publish(&json!({})).await;
    tokio::time::sleep(Duration::from_secs(DAY)).await;
    bench.publish(&json!({})).await;
    let count =
        async || bench.call("DescribeArchive", json!({"ArchiveName": "all"})).await.unwrap()["EventCount"].clone();
    assert_eq!(count().await, 2);
    tokio::time::sleep(Duration::from_secs(DAY + 60)).await;
    assert_eq!(count().await, 1);
    bench.call("UpdateArchive", json!({"ArchiveName": "all", "RetentionDays": 0})).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10 * DAY)).await;
    assert_eq!(count().await, 1);
    assert_eq!(bench.call("ListArchives", json!({})).await.unwrap()["Archives"][0]["ArchiveName"], "all");
    bench.call("DeleteArchive", json!({"ArchiveName": "all"})).await.unwrap();
    assert_eq!(bench.refused("DescribeArchive", json!({"ArchiveName": "all"})).await.1, "Archive all does not exist.");
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_refused() {
    let bench = Bench::new();
    archive(&bench, 0).await;
    bench.call("CreateEventBus", json!({"Name": "own"})).await.unwrap();
    let bus = |name: &str| bench.cloud.arn("events", &format!("event-bus/{name}"));
    let refused = bench.refused("CreateArchive", json!({"ArchiveName": "all", "EventSourceArn": bus("default")})).await;
    assert_eq!(refused, ("ResourceAlreadyExistsException".into(), "Archive all already exists.".into()));
    let refused = bench.refused("CreateArchive", json!({"ArchiveName": "x", "EventSourceArn": bus("no")})).await;
    assert_eq!(refused.1, "Event bus no does not exist.");
    let changed = |member: &str, value: Value| {
        let mut request = replay(&bench, "r", &[]);
        request[member] = value;
        request
    };
    let table = [
        (changed("Destination", json!({"Arn": bus("no")})), "Event bus no does not exist."),
        (
            changed("Destination", json!({"Arn": bus("own")})),
            "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
        ),
        (
            changed("EventSourceArn", "arn:aws:events:us-east-1:000000000000:archive/no".into()),
            "Parameter EventSourceArn is not valid. Reason: Archive no does not exist.",
        ),
        (
            changed("EventEndTime", json!(0)),
            "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
        ),
    ];
    for (request, expected) in table {
        assert_eq!(bench.refused("StartReplay", request).await.1, expected);
    }
}
