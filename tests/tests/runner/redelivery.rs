//! Events that come again: as a duplicate of what was done, and as a redrive of what was given up.

use std::time::Duration;

use crate::support::{Bells, Bench, Rung};
use crate::wire;
use serde_json::json;
use throughline_effects::{Effects, Failure, FailureExt as _};
use throughline_envelope::Event;
use throughline_runtime::{Function, State};
use throughline_sandbox::Service;

const LONG: Duration = Duration::from_secs(30);

/// Rings a bell that was never rung, and refuses one that was: so it refuses its own work when the event comes again.
async fn first_ring(bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    let bell = &event.data.bell;
    let known = bells.table.get(bell).await?;
    known.is_none().then_some(()).permanent("rung_before")?;
    Ok(Effects::new().write(bells.table.update(bell).add("rings", 1)))
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_refuses_its_own_work_meets_a_duplicate() {
    let bench = Bench::new(false).await;
    let function = Function::queue("ring", first_ring);
    let event = bench.event("front");
    for _ in 0..2 {
        let batch = bench.deliver(&[(wire(&event), None)]).await;
        assert!(bench.run(&function, &batch, LONG).await.is_empty());
    }
    assert_eq!(bench.stages(event.id.as_str()), ["received", "handled", "received", "duplicate"]);
    assert!(bench.dead_letters().await.is_empty());

    let other = bench.event("front");
    let batch = bench.deliver(&[(wire(&other), None)]).await;
    bench.run(&function, &batch, LONG).await;
    assert_eq!(bench.dead_letters().await[0].1["code"], "rung_before", "another event is refused");
}

#[tokio::test(start_paused = true)]
async fn a_redriven_message_starts_again_at_its_first_attempt() {
    async fn stuck(_event: Event<Rung>) -> Result<Effects, Failure> {
        Err(Failure::transient("stuck", "the bell is stuck"))
    }
    let bench = Bench::new(false).await;
    let function = Function::queue("ring", stuck).max_attempts(2);
    let event = bench.event("front");
    for _ in 0..2 {
        let batch = bench.deliver(&[(wire(&event), None)]).await;
        assert_eq!(bench.run(&function, &batch, LONG).await, [0], "the first attempt is not the last");
        tokio::time::sleep(Duration::from_secs(60)).await;
        let again = bench.batch().await;
        assert!(bench.run(&function, &again, LONG).await.is_empty());
        let letters = bench.dead_letters().await;
        assert_eq!((letters.len(), &letters[0].1["attempt"]), (1, &2.into()));
        for queue in [&bench.queue, &bench.dead] {
            bench.cloud.call(Service::Sqs, "PurgeQueue", json!({ "QueueUrl": queue })).await.unwrap();
        }
    }
}
