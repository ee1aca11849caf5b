use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use throughline_envelope::{Ambient, RawEvent, SagaId, TraceContext};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{
    Journal, JournalLine, JsonLogs, Lines, Metrics, Outcome, OwnFields, Shared, SharedFields, Stage, fields, names,
};

const PAGE: &str = include_str!("../../../docs/journal.md");

/// The names in code font in the first column of the table under a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let section = PAGE.split(&format!("## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    rows.flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_page_documents_just_the_stages_and_fields_there_are() {
    assert_eq!(documented("Stages"), set(Stage::ALL.iter().map(|stage| stage.as_str())));
    assert_eq!(documented("Fields"), set(fields::ALL.iter().copied()));
    let metrics = PAGE.split("## Metrics").nth(1).unwrap();
    for name in names::ALL {
        assert!(metrics.contains(&format!("`{name}`")), "docs/journal.md does not name the metric {name}");
    }
}

/// A line with every field set has just the fields of the constants, in their order.
#[test]
fn a_line_has_just_the_fields_of_the_constants() {
    let line = full_line();
    let json = serde_json::to_value(&line).unwrap();
    let names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, fields::ALL);
    assert_eq!(serde_json::from_value::<JournalLine>(json).unwrap(), line);
}

fn full_line() -> JournalLine {
    let text = |name: &str| Some(name.to_owned());
    JournalLine {
        outcome: Some(Outcome::Handled),
        function: "f".into(),
        function_version: text("1"),
        request_id: text("r"),
        trigger: text("queue"),
        correlation_id: text("c"),
        event_id: text("e"),
        event_type: text("t"),
        event_source: text("s"),
        schema_version: Some(1),
        causation_id: text("p"),
        subject: text("o"),
        partition_key: text("o"),
        sequence: Some(1),
        trace_id: text("t"),
        span_id: text("s"),
        parent_span_id: text("p"),
        queue: text("q"),
        message_id: text("m"),
        delivery: Some(1),
        attempt: Some(1),
        duration_ms: Some(1.0),
        age_ms: Some(1.0),
        code: text("c"),
        cause: text("c"),
        class: text("c"),
        retry_after_ms: Some(1),
        saga_id: text("s"),
        saga: text("s"),
        step: text("s"),
        direction: text("do"),
        idempotency_key: text("k"),
        emitted: vec!["e".into()],
        started: vec!["s".into()],
        destinations: vec!["d".into()],
        dead_letter_queue: text("d"),
        dependency: text("d"),
        ..JournalLine::default()
    }
}

/// An event with every attribute, and one with none that it need not have.
fn events() -> [RawEvent; 2] {
    let ambient = Ambient::seeded(Timestamp::from_second(1_700_000_000).unwrap(), 2);
    let first = RawEvent::root(&ambient, "shop \"1\"", "shop.sold", Value::Null);
    let next = first.child(&ambient, "s", "t", Value::Null).with_subject("o\n\u{e9}").ordered("k", u64::MAX);
    [first, next.with_schema_version(3)]
}

/// A line of an attempt as a whole: what the lines share in `shared`, the rest in `own`.
fn whole(shared: &SharedFields<'_>, own: &OwnFields<'_>) -> JournalLine {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let of_event = |(event, span): (&RawEvent, &TraceContext)| JournalLine {
        parent_span_id: span.parent_span_id.map(|id| id.to_string()),
        ..JournalLine::of_event(event, span)
    };
    JournalLine {
        stage: own.stage,
        outcome: own.outcome,
        function: shared.function.to_owned(),
        function_version: text(shared.function_version),
        request_id: text(shared.request_id),
        trigger: text(shared.trigger),
        queue: text(shared.queue),
        message_id: text(shared.message_id),
        delivery: shared.delivery,
        attempt: own.attempt,
        duration_ms: own.duration_ms,
        age_ms: shared.age_ms,
        code: text(own.code),
        cause: text(own.cause),
        class: text(own.class),
        retry_after_ms: own.retry_after_ms,
        saga_id: shared.saga_id.map(ToString::to_string),
        saga: text(shared.saga),
        step: text(shared.step),
        direction: text(shared.direction),
        idempotency_key: text(own.idempotency_key),
        emitted: own.emitted.iter().map(ToString::to_string).collect(),
        started: own.started.iter().map(ToString::to_string).collect(),
        dead_letter_queue: text(own.dead_letter_queue),
        ..shared.event.map(of_event).unwrap_or_default()
    }
}

/// Whatever a line of an attempt has, it is the text that the whole line serializes to.
#[test]
fn a_line_of_an_attempt_is_written_as_the_whole_line_is() {
    let ambient = Ambient::seeded(Timestamp::from_second(1_700_000_000).unwrap(), 1);
    let [first, next] = events();
    let (span, saga) = (next.trace.child(&ambient), SagaId::parse("saga_1").unwrap());
    let full = SharedFields {
        function: "f",
        function_version: Some("$LATEST"),
        request_id: Some("r"),
        trigger: Some("queue"),
        event: Some((&next, &span)),
        queue: Some("q"),
        message_id: Some("m \\"),
        delivery: Some(2),
        age_ms: Some(1.25),
        saga_id: Some(&saga),
        saga: Some("fulfil"),
        step: Some("charge"),
        direction: Some("do"),
    };
    let nothing = SharedFields { function: "f", ..SharedFields::default() };
    let of_first = SharedFields { event: Some((&first, &first.trace)), ..nothing };
    let (ids, sagas) = ([first.id.clone(), next.id.clone()], [saga.clone()]);
    let own = OwnFields {
        outcome: Some(Outcome::Failed),
        attempt: Some(7),
        duration_ms: Some(0.001),
        code: Some("c"),
        cause: Some("a \"cause\"\u{1}"),
        class: Some("permanent"),
        retry_after_ms: Some(u64::MAX),
        idempotency_key: Some("k|1"),
        emitted: &ids,
        started: &sagas,
        dead_letter_queue: Some("d"),
        ..OwnFields::of_stage(Stage::Failed)
    };

    let lines = Arc::new(Lines::default());
    let journal = Journal::to(lines.clone(), &ambient);
    for shared in [full, of_first, nothing] {
        for own in [
            own,
            OwnFields::of_stage(Stage::Retrying),
            OwnFields { duration_ms: Some(3.0), ..OwnFields::of_stage(Stage::Handled) },
        ] {
            journal.write_of(&Shared::new(&shared), &own);
            journal.write(whole(&shared, &own));
        }
    }
    let lines = lines.all();
    assert_eq!(lines.len(), 18);
    for pair in lines.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

/// What a sink was given at once.
#[derive(Default)]
struct Writes(std::sync::Mutex<Vec<usize>>);

impl crate::Sink for Writes {
    fn line(&self, line: &str) {
        self.lines(line);
    }
    fn lines(&self, lines: &str) {
        self.0.lock().unwrap().push(lines.lines().count());
    }
}

#[test]
fn lines_of_a_poll_are_one_write_and_all_are_out_when_the_work_waits_or_ends() {
    let writes = Arc::new(Writes::default());
    let journal = Journal::to(writes.clone(), &Ambient::seeded(Timestamp::UNIX_EPOCH, 1));
    let line = || journal.write(JournalLine::default());
    let so_far = || writes.0.lock().unwrap().clone();
    line();
    let mut polls = 0;
    let mut work = Box::pin(journal.holding(std::future::poll_fn(|_| {
        polls += 1;
        line();
        line();
        match polls {
            1 => std::task::Poll::Pending,
            _ => {
                journal.flush();
                line();
                std::task::Poll::Ready(())
            }
        }
    })));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(work.as_mut().poll(&mut context).is_pending());
    assert_eq!(so_far(), [1, 2], "the work waits");
    assert!(work.as_mut().poll(&mut context).is_ready());
    assert_eq!(so_far(), [1, 2, 2, 1], "flushed in between, and at the end");
    line();
    assert_eq!(so_far(), [1, 2, 2, 1, 1], "nothing is held any more");
}

#[test]
fn the_journal_sets_time_and_level_and_metrics_follow_the_specification() {
    let ambient = Ambient::seeded(Timestamp::from_second(1_700_000_000).unwrap(), 1);
    let lines = Arc::new(Lines::default());
    let journal = Journal::to(lines.clone(), &ambient);
    journal.write(JournalLine { stage: Stage::Parked, function: "f".into(), ..JournalLine::default() });
    journal.metrics(&Metrics::new("f"));
    let mut metrics = Metrics::new("f");
    metrics.processed(1.23456, Some(7.0));
    metrics.processed(2.0, None);
    metrics.failure("poison");
    journal.metrics(&metrics);

    let lines: Vec<Value> = lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "metrics that counted nothing write nothing");
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["time"], "2023-11-14T22:13:20.000000000Z");
    assert_eq!(lines[1]["processed"], 2);
    assert_eq!(lines[1]["duration"], serde_json::json!([1.235, 2.0]));
    assert_eq!(lines[1]["_aws"]["CloudWatchMetrics"][0]["Dimensions"], serde_json::json!([["function"]]));
    for metric in lines[1]["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
        assert!(lines[1].get(metric["Name"].as_str().unwrap()).is_some(), "{metric} has no value");
    }
}

/// A metric has at most 100 values in a line, a batch up to 10,000 records: the rest goes into further lines, and nothing is lost.
#[test]
fn a_large_batch_keeps_every_value() {
    let ambient = Ambient::seeded(Timestamp::UNIX_EPOCH, 1);
    let lines = Arc::new(Lines::default());
    let mut metrics = Metrics::new("f");
    for n in 0..250 {
        metrics.processed(f64::from(n), Some(1.0).filter(|_| n < 150));
    }
    Journal::to(lines.clone(), &ambient).metrics(&metrics);

    let lines: Vec<Value> = lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counts = |name: &str| -> Vec<usize> {
        lines.iter().map(|line| line.get(name).map_or(0, |values| values.as_array().unwrap().len())).collect()
    };
    assert_eq!(counts(names::DURATION), [100, 100, 50]);
    assert_eq!(counts(names::EVENT_AGE), [100, 50, 0]);
    assert_eq!(lines[2]["duration"][49], 249.0);
    let processed: Vec<&Value> = lines.iter().filter_map(|line| line.get(names::PROCESSED)).collect();
    assert_eq!(processed, [&Value::from(250)], "a count stands in one line only");
}

#[test]
fn a_log_line_says_on_its_top_level_which_event_it_is_about() {
    let lines = Arc::new(Lines::default());
    let ambient = Ambient::seeded(Timestamp::UNIX_EPOCH, 1);
    let subscriber = tracing_subscriber::Registry::default().with(JsonLogs::to(lines.clone(), &ambient));
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!(
            "attempt",
            function = "reserve-stock",
            event_id = "evt_1",
            correlation_id = "cor_1",
            attempt = 2,
            stage = "received"
        );
        span.in_scope(|| tracing::warn!(sku = "apple", journal = 1, "low on stock"));
        span.record(fields::STAGE, "handled");
        span.in_scope(|| tracing::info!("done"));
        tracing::error!(count = 3.5, fine = false, "outside");
    });

    let lines: Vec<Value> = lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({
            "time": "1970-01-01T00:00:00.000000000Z", "level": "WARN", "message": "low on stock",
            "function": "reserve-stock", "event_id": "evt_1", "correlation_id": "cor_1", "attempt": 2, "stage": "received",
            "sku": "apple", "target": "throughline_telemetry::tests",
        })
    );
    assert_eq!((&lines[1]["stage"], &lines[1]["message"]), (&"handled".into(), &"done".into()));
    assert_eq!((&lines[2]["count"], lines[2].get("event_id")), (&3.5.into(), None));
}
