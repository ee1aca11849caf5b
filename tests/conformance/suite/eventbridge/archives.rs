//! EventBridge: archives and replays.

use std::time::Duration;

use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{ArchiveState, ReplayDestination, ReplayState};
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Bus, bus, eventually, target, target_queue};

const ARCHIVE: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive-event.html";
const REPLAY: &str = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        archived_events_can_be_replayed,
        "A replay sends the archived events of its time to the bus again, with replay-name added.",
        REPLAY
    ),
    case!(an_archive_keeps_what_matches, "An archive with a pattern keeps only events that match it.", ARCHIVE),
    case!(a_replay_can_name_rules, "A replay with FilterArns sends only to these rules.", REPLAY),
    case!(replayed_events_are_not_archived_again, "An archive does not keep replayed events.", ARCHIVE),
];

/// An archive of a bus; answers its ARN.
async fn archive(t: &Account, bus: &Bus, pattern: Option<Value>) -> String {
    let name = t.name("archive");
    let request = t.events.create_archive().archive_name(&name).event_source_arn(&bus.arn);
    let request = request.set_event_pattern(pattern.map(|pattern| pattern.to_string()));
    let arn = request.send().await.unwrap().archive_arn.unwrap();
    t.at_end(t.events.delete_archive().archive_name(&name).send());
    eventually(t, "an enabled archive", async || {
        let answer = t.events.describe_archive().archive_name(&name).send().await.unwrap();
        (answer.state == Some(ArchiveState::Enabled)).then_some(())
    })
    .await;
    arn
}

/// Replays everything of the last day to the bus, or to one of its rules.
async fn replay(t: &Account, bus: &Bus, archive: &str, rule: Option<String>) {
    let name = t.name("replay");
    // What the account's own clock says: that of an event in the archive.
    let now = t.events.describe_archive().archive_name(t.name("archive")).send().await.unwrap().creation_time.unwrap();
    let destination = ReplayDestination::builder().arn(&bus.arn).set_filter_arns(rule.map(|rule| vec![rule]));
    let request = t.events.start_replay().replay_name(&name).event_source_arn(archive);
    let request = request.event_start_time(DateTime::from_secs(now.secs() - 3600));
    let request = request.event_end_time(DateTime::from_secs(now.secs() + 3600));
    request.destination(destination.build().unwrap()).send().await.unwrap();
    eventually(t, "the end of the replay", async || {
        let answer = t.events.describe_replay().replay_name(&name).send().await.unwrap();
        (answer.state == Some(ReplayState::Completed)).then_some(())
    })
    .await;
}

async fn archived_events_can_be_replayed(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let archive = archive(&t, &bus, None).await;
    bus.rule_to(&t, "shop", &queue).await;
    let id = bus.put("shop", json!({ "n": 1 })).await;
    let first = queue.next_json(&t).await;
    assert_eq!(first.get("replay-name"), None);
    t.pass(Duration::from_secs(1)).await;
    replay(&t, &bus, &archive, None).await;
    let second = queue.next_json(&t).await;
    assert_eq!((&second["detail"], &second["time"]), (&first["detail"], &first["time"]), "{id}");
    assert_eq!(second["replay-name"], t.name("replay"));
}

async fn an_archive_keeps_what_matches(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let archive = archive(&t, &bus, Some(json!({ "detail": { "keep": [true] } }))).await;
    bus.rule_to(&t, "shop", &queue).await;
    bus.put("shop", json!({ "keep": false })).await;
    bus.put("shop", json!({ "keep": true })).await;
    queue.take(&t, 2).await;
    t.pass(Duration::from_secs(1)).await;
    replay(&t, &bus, &archive, None).await;
    assert_eq!(queue.next_json(&t).await["detail"]["keep"], true);
    queue.stays_empty(&t).await;
}

async fn a_replay_can_name_rules(t: Account) {
    let (bus, one, two) = (bus(&t).await, target_queue(&t, "one").await, target_queue(&t, "two").await);
    let archive = archive(&t, &bus, None).await;
    let pattern = json!({ "source": ["shop"] });
    let rule = bus.rule(&t, "first", pattern.clone(), vec![target("q", &one.arn)]).await;
    bus.rule(&t, "second", pattern, vec![target("q", &two.arn)]).await;
    bus.put("shop", json!({})).await;
    one.take(&t, 1).await;
    two.take(&t, 1).await;
    t.pass(Duration::from_secs(1)).await;
    replay(&t, &bus, &archive, Some(rule)).await;
    one.take(&t, 1).await;
    two.stays_empty(&t).await;
}

async fn replayed_events_are_not_archived_again(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    let archive = archive(&t, &bus, None).await;
    bus.rule_to(&t, "shop", &queue).await;
    bus.put("shop", json!({})).await;
    queue.take(&t, 1).await;
    t.pass(Duration::from_secs(1)).await;
    replay(&t, &bus, &archive, None).await;
    queue.take(&t, 1).await;
    let request = t.events.start_replay().replay_name(t.name("again")).event_source_arn(&archive);
    let now = t.events.describe_archive().archive_name(t.name("archive")).send().await.unwrap().creation_time.unwrap();
    let request = request.event_start_time(DateTime::from_secs(now.secs() - 3600));
    let request = request.event_end_time(DateTime::from_secs(now.secs() + 3600));
    request.destination(ReplayDestination::builder().arn(&bus.arn).build().unwrap()).send().await.unwrap();
    queue.take(&t, 1).await;
    queue.stays_empty(&t).await;
}
