//! An outside party is away for longer than the attempts of a message last: with a breaker on it the messages wait, without one they are
//! parked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Request, Response};
use serde_json::json;
use throughline_effects::{Breaker, Effects, Failure, Once, Outside, World};
use throughline_envelope::Event;
use throughline_runtime::{CallContext, Description, FromCall, Function, State};
use throughline_sandbox::connector::InProcess;
use tokio::time::Instant;

use crate::LONG;
use crate::support::{Bells, Bench, Rung};
use crate::wire;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The tower, whose bells somebody else rings.
struct Tower {
    once: Once,
    outside: Outside,
}

impl FromCall for Tower {
    fn from_call(world: &World, call: &CallContext) -> Result<Self, Failure> {
        let once = Once::from_call(world, call)?.behind(&call.circuit(world, "tower"));
        Ok(Self { once, outside: Outside::from_call(world, call)? })
    }

    fn describe(description: &mut Description) {
        Once::describe(description);
        Outside::describe(description);
    }
}

/// Has bells whose name begins with `tower` rung by the tower.
async fn ring(tower: Tower, bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    let bell = &event.data.bell;
    if bell.starts_with("tower") {
        let asked = async |_: String| {
            let reply = tower.outside.post("http://tower.invalid/rings", &[], &json!({ "bell": bell })).await?;
            if reply.status == 200 { Ok(()) } else { Err(Failure::transient("tower_away", "nobody is in the tower")) }
        };
        tower.once.call(event.id.as_str(), asked).await?;
    }
    Ok(Effects::new().write(bells.table.update(bell).add("rings", 1)))
}

fn without_breaker() -> Function {
    Function::queue("ring", ring)
}

fn with_breaker() -> Function {
    without_breaker().breaker(Breaker::on("tower"))
}

/// A bench whose tower is away from now on, for so long.
async fn bench(fifo: bool, away: Duration) -> Bench {
    let back_at = Instant::now() + away;
    let tower = move |_: Request<Bytes>| {
        let status = if Instant::now() < back_at { 503 } else { 200 };
        let response = Response::builder().status(status).body(Bytes::from("null")).unwrap();
        async move { response }.boxed()
    };
    Bench::with(fifo, |cloud: InProcess| cloud.host("tower.invalid", Arc::new(tower))).await
}

/// Sends so many messages about one bell of the tower.
async fn send(bench: &Bench, count: usize) {
    for _ in 0..count {
        bench.send(&wire(&bench.event("tower")), None).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_parks_what_has_no_breaker_and_nothing_of_what_has_one() {
    let bench = bench(false, HOUR).await;
    send(&bench, 30).await;
    bench.consume(&without_breaker(), HOUR, Duration::from_secs(5)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.rings("tower").await), (30, 0), "the control: all are parked");

    let bench = self::bench(false, HOUR).await;
    send(&bench, 30).await;
    bench.consume(&with_breaker(), HOUR, Duration::from_secs(5)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.rings("tower").await), (0, 0));
    let tried = bench.journal().iter().filter(|line| line["code"] == "tower_away").count();
    assert!(tried < 40, "the tower was left alone: {tried} calls");

    bench.consume(&with_breaker(), HOUR, Duration::from_secs(5)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.rings("tower").await), (0, 30));
    assert!(bench.receives() < 30, "{} receives of one message", bench.receives());
    let opened = bench.journal().iter().filter(|line| line["stage"] == "circuit_opened").count();
    assert!(opened >= 10, "it opened for at most five minutes at a time: {opened}");
    assert_eq!(bench.journal().iter().filter(|line| line["stage"] == "circuit_closed").count(), 1);
}

/// One message alone opens the circuit with its last attempt, which then is none.
#[tokio::test(start_paused = true)]
async fn a_message_alone_survives_an_outage_too() {
    let bench = bench(false, HOUR).await;
    send(&bench, 1).await;
    bench.consume(&with_breaker(), 2 * HOUR, Duration::from_secs(5)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.rings("tower").await), (0, 1));
    let attempts: Vec<_> = bench
        .journal()
        .iter()
        .filter(|line| line["stage"] == "retrying")
        .map(|line| (line["code"].as_str().unwrap().to_owned(), line["attempt"].as_u64()))
        .collect();
    let counted: Vec<_> = attempts.iter().filter_map(|(_, attempt)| *attempt).collect();
    assert_eq!(counted, [1, 2, 3, 4], "the fifth failure opened the circuit: {attempts:?}");
}

/// SQS forgets a message after four days and says nothing: so it is parked before.
#[tokio::test(start_paused = true)]
async fn an_outage_of_days_parks_what_the_queue_would_soon_forget() {
    let bench = bench(false, 200 * HOUR).await;
    send(&bench, 3).await;
    bench.consume(&with_breaker(), 96 * HOUR, Duration::from_secs(300)).await;
    assert_eq!((bench.waiting(&bench.dead).await, bench.waiting(&bench.queue).await), (3, 0));
    let (_, reason) = bench.dead_letters().await.remove(0);
    assert_eq!(reason["class"], "exhausted");
    assert!(["circuit_open", "tower_away"].contains(&reason["code"].as_str().unwrap()), "{reason}");
    assert!(bench.receives() < 100, "{} receives: the queue's own limit would have parked it", bench.receives());
}

#[tokio::test(start_paused = true)]
async fn in_a_fifo_queue_an_open_circuit_holds_back_those_groups_only_that_need_it() {
    let bench = bench(true, HOUR).await;
    let opening: Vec<_> = (0..5).map(|group| (wire(&bench.event("tower")), format!("opens-{group}"))).collect();
    let bodies: Vec<_> = opening.iter().map(|(body, group)| (body.clone(), Some(group.as_str()))).collect();
    let batch = bench.deliver(&bodies).await;
    bench.run(&with_breaker(), &batch, LONG).await;

    let events = ["tower", "front", "back", "side"].map(|bell| bench.event(bell));
    let groups = ["a", "a", "b", "b"];
    let bodies: Vec<_> = events.iter().zip(groups).map(|(event, group)| (wire(event), Some(group))).collect();
    let batch = bench.deliver(&bodies).await;
    bench.run_and_delete(&with_breaker(), &batch, LONG).await;

    assert_eq!(bench.stages(events[0].id.as_str()), ["received", "retrying"]);
    assert_eq!(bench.stages(events[1].id.as_str()), ["handed_back"]);
    assert_eq!((bench.rings("front").await, bench.rings("back").await, bench.rings("side").await), (0, 1, 1));
    let refused = bench.journal().into_iter().find(|line| line["code"] == "circuit_open").unwrap();
    assert_eq!((&refused["event_id"], refused.get("attempt")), (&events[0].id.as_str().into(), None));

    bench.consume(&with_breaker(), 2 * HOUR, Duration::from_secs(5)).await;
    assert_eq!((bench.rings("tower").await, bench.rings("front").await), (6, 1));
    assert_eq!(bench.waiting(&bench.dead).await, 0);
}

#[test]
fn a_function_says_which_breakers_it_has() {
    let described = serde_json::to_value(with_breaker().describe()).unwrap();
    assert_eq!(
        described["breakers"],
        json!([{ "dependency": "tower", "failures": 5, "percent": 50, "window_seconds": 60, "open_seconds": 30, "longest_seconds": 300 }])
    );
}
