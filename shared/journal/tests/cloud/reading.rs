use jiff::Timestamp;
use serde_json::json;
use throughline_envelope::CorrelationId;
use throughline_journal::{FinalOutcome, Subject};

use crate::support::{Stack, event, line, moved, now, with};

fn workflows(ids: &[&str]) -> Vec<Subject> {
    ids.iter().map(|id| Subject::Workflow((*id).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_id_leads_to_the_workflow() {
    let stack = Stack::new().await;
    let step = with(with(line(2, "handled"), "saga_id", "saga_1"), "step", "reserve-stock");
    let command = with(line(3, "handled"), "event_id", "checkout-1");
    stack.record(&[line(1, "received"), step, command]).await;
    for id in ["cor_1", "evt_1", "saga_1", "ord_1", "checkout-1", "r-1", "req_r-1"] {
        assert_eq!(stack.reader.find(id).await.unwrap(), workflows(&["cor_1"]), "{id}");
    }
    for id in ["cor_2", "evt_9", "saga_9", "ord_9", "fail_9"] {
        assert_eq!(stack.reader.find(id).await.unwrap(), [], "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_business_key_leads_to_all_its_workflows_the_newest_last() {
    let stack = Stack::new().await;
    stack
        .record(&[
            with(line(5, "handled"), "correlation_id", "cor_b"),
            with(line(7, "handled"), "correlation_id", "cor_a"),
        ])
        .await;
    stack.store("evt_9", "cor_c", "2026-11-24T10:00:01.000000000Z").await;
    assert_eq!(stack.reader.find("ord_1").await.unwrap(), workflows(&["cor_c", "cor_b", "cor_a"]));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_nobody_took_yet_is_known() {
    let stack = Stack::new().await;
    stack.store("evt_9", "cor_c", "2026-11-24T10:00:01.000000000Z").await;
    assert_eq!(stack.reader.find("evt_9").await.unwrap(), workflows(&["cor_c"]));
    let life = stack.reader.life_cycle("cor_c").await.unwrap();
    assert!(life.roots[0].unsent);
    assert_eq!(life.final_outcome(), FinalOutcome::Running);
}

#[tokio::test(start_paused = true)]
async fn page_after_page() {
    let stack = Stack::new().await;
    // More than the megabyte that one page holds.
    let lines: Vec<_> = (0..30).map(|n| with(line(n, "failed"), "cause", "x".repeat(60_000))).collect();
    stack.record(&lines).await;
    let rows = stack.reader.by_correlation("cor_1").await.unwrap();
    assert_eq!(rows.lines.len(), 30);
    assert!(rows.lines.is_sorted_by_key(|line| line.time));
}

#[tokio::test(start_paused = true)]
async fn what_a_function_did_in_a_stretch_of_time() {
    let stack = Stack::new().await;
    let at = |time: &str| with(line(1, "handled"), "time", time);
    let times = ["2026-11-24T09:59:59.5Z", "2026-11-24T10:30:00Z", "2026-11-24T11:00:00Z", "2026-11-24T12:00:00.1Z"];
    stack.record(&times.map(at)).await;
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let (from, to) = (time("2026-11-24T09:59:59.5Z"), time("2026-11-24T12:00:00Z"));
    let rows = stack.reader.by_function("start-fulfilment", from, to).await.unwrap();
    assert_eq!(
        rows.lines.iter().map(|line| line.time).collect::<Vec<_>>(),
        times[..3].iter().map(|t| time(t)).collect::<Vec<_>>()
    );
    assert!(stack.reader.by_function("another", from, to).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_crashed_is_told_by_its_report() {
    let stack = Stack::new().await;
    let report = json!({ "time": "2026-11-24T10:00:02.000Z", "type": "platform.report", "record": { "requestId": "r-1", "status": "error" } });
    stack.record(&[line(1, "received"), report]).await;
    let life = stack.reader.life_cycle("cor_1").await.unwrap();
    assert_eq!(life.roots[0].runs[0].attempts[0].code.as_deref(), Some("error"));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_an_event_has_a_life_cycle_too() {
    let stack = Stack::new().await;
    let reason = json!({ "code": "not_an_event", "class": "poison", "cause": "neither", "function": "start-fulfilment", "attempt": 1,
        "request_id": "r-1", "message_id": "m-1", "source_queue": "orders-start-fulfilment", "failed_at": "2026-11-24T10:00:03Z" });
    let nameless = |stage: &str| {
        let mut line = line(1, stage);
        for name in ["correlation_id", "event_id", "event_type", "subject", "span_id"] {
            line.as_object_mut().unwrap().remove(name);
        }
        line
    };
    let neighbour = with(line(2, "handled"), "request_id", "r-1");
    let rejected = with(with(nameless("rejected"), "outcome", "rejected"), "code", "not_an_event");
    let parked = with(
        with(nameless("parked"), "dead_letter_queue", "orders-start-fulfilment-dead"),
        "time",
        "2026-11-24T10:00:04Z",
    );
    stack.record(&[rejected, parked, neighbour]).await;
    let mut letter = moved(&json!({ "hello": 1 }));
    let attribute = serde_json::from_value(json!({ "stringValue": reason.to_string(), "dataType": "String" })).unwrap();
    letter.message_attributes.insert("reason".into(), attribute);
    let failure = stack.recorder.record_failure(&letter, now()).await.unwrap();

    assert_eq!(stack.reader.open_failures().await.unwrap(), std::slice::from_ref(&failure));
    assert_eq!(stack.reader.failures_like(&failure.fingerprint).await.unwrap().len(), 1);
    assert_eq!(stack.reader.failures_of_function("start-fulfilment", "2026-11-24").await.unwrap().len(), 1);
    let derived = CorrelationId::of_delivery("m-1").to_string();
    assert_eq!((failure.correlation_id.as_ref(), failure.correlation_derived), (Some(&derived), true));
    for id in [failure.failure_id.as_str(), "m-1", "r-1", &derived] {
        let found = stack.reader.find(id).await.unwrap();
        assert!(found.contains(&Subject::Workflow(derived.clone())), "{id}: {found:?}");
    }
    let life = stack.reader.life_cycle(&derived).await.unwrap();
    let run = &life.roots[0].runs[0];
    assert_eq!(life.roots.len(), 1, "the neighbour in the batch is another story");
    assert_eq!(run.attempts[0].parked_in.as_deref(), Some("orders-start-fulfilment-dead"));
    assert_eq!(run.failures, [failure]);
    assert_eq!(life.final_outcome(), FinalOutcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_workflow_leads_to_it() {
    let stack = Stack::new().await;
    let failure =
        stack.recorder.record_failure(&moved(&event("evt_01a20cff-7d00-7333-8333-000000000003")), now()).await.unwrap();
    assert_eq!(stack.reader.find(&failure.failure_id).await.unwrap(), workflows(&["cor_1"]));
    assert_eq!(stack.reader.find("cor_1").await.unwrap(), workflows(&["cor_1"]));
}
