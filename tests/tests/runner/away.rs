//! DynamoDB is away for longer than the attempts of a message last: it is no attempt, and nothing is parked.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use throughline_effects::{Effects, Failure};
use throughline_envelope::Event;
use throughline_runtime::{Function, State};
use throughline_sandbox::Service;
use throughline_sandbox::faults::{Call, Faults, RequestFault};

use crate::support::{Bells, Bench, Rung};
use crate::wire;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The table of bells throttles, or fails, until then.
#[derive(Debug)]
struct Away {
    until: Timestamp,
    fault: fn(Service) -> RequestFault,
}

impl Faults for Away {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        let concerned = call.service == Service::DynamoDb && call.input.to_string().contains(r#""bells""#);
        (concerned && call.at < self.until).then(|| (self.fault)(call.service))
    }
}

async fn ring(bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    Ok(Effects::new().write(bells.table.update(&event.data.bell).add("rings", 1)))
}

fn function() -> Function {
    Function::queue("ring", ring)
}

/// A bench with so many messages, whose table of bells is away for so long.
async fn bench(messages: usize, away: Duration, fault: fn(Service) -> RequestFault) -> Bench {
    let bench = Bench::new(false).await;
    for _ in 0..messages {
        bench.send(&wire(&bench.event("front")), None).await;
    }
    let until = bench.ambient.now() + SignedDuration::try_from(away).unwrap();
    bench.cloud.set_faults(Some(Arc::new(Away { until, fault })));
    bench
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_away_for_a_minute_parks_nothing() {
    for fault in [RequestFault::throttled, RequestFault::unavailable] {
        let bench = bench(30, MINUTE, fault).await;
        bench.consume(&function(), 5 * MINUTE, Duration::from_secs(1)).await;
        assert_eq!((bench.waiting(&bench.dead).await, bench.rings("front").await), (0, 30));
        assert!(bench.receives() > 2 && bench.receives() < 20, "{} receives of one message", bench.receives());
        let retrying: Vec<_> = bench.journal().into_iter().filter(|line| line["stage"] == "retrying").collect();
        assert!(retrying.len() >= 30 && retrying.iter().all(|line| line.get("attempt").is_none()), "{retrying:?}");
    }
}

/// The control: what the handler says is an attempt, and five are soon over.
#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_for_a_minute_parks_what_came() {
    async fn busy(_: Event<Rung>) -> Result<Effects, Failure> {
        Err(Failure::transient("busy", "the bell is busy"))
    }
    let bench = bench(30, Duration::ZERO, RequestFault::throttled).await;
    bench.consume(&Function::queue("ring", busy), MINUTE, Duration::from_secs(1)).await;
    assert_eq!(bench.waiting(&bench.dead).await, 30);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_hours_parks_nothing_and_is_soon_got_over() {
    let bench = bench(5, 8 * HOUR, RequestFault::unavailable).await;
    bench.consume(&function(), 12 * HOUR, MINUTE).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.rings("front").await), (0, 5));
    assert!(bench.receives() < 50, "{} receives of one message", bench.receives());
}

/// SQS forgets a message after four days and says nothing: so it is parked before.
#[tokio::test(start_paused = true)]
async fn a_table_that_never_comes_back_parks_what_the_queue_would_soon_forget() {
    let bench = bench(3, 200 * HOUR, RequestFault::throttled).await;
    bench.consume(&function(), 96 * HOUR, Duration::from_secs(300)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.waiting(&bench.queue).await), (3, 0));
    let (_, reason) = bench.dead_letters().await.remove(0);
    assert_eq!((&reason["class"], &reason["code"]), (&"exhausted".into(), &"service_unavailable".into()));
    assert!(bench.receives() < 100, "{} receives: the queue's own limit would have parked it", bench.receives());
}

/// A connection on which nothing comes back uses up the function's time: that is DynamoDB's doing, too.
#[tokio::test(start_paused = true)]
async fn a_commit_that_is_never_answered_takes_no_attempt() {
    let slow = |_| RequestFault::Late { before: Duration::ZERO, after: HOUR };
    let bench = bench(1, MINUTE, slow).await;
    let batch = bench.batch().await;
    bench.run(&function(), &batch, Duration::from_secs(20)).await;
    let line = bench.journal().into_iter().find(|line| line["stage"] == "retrying").unwrap();
    assert_eq!((&line["code"], line.get("attempt")), (&"deadline".into(), None));
}
