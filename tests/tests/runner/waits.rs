//! When a message that failed comes again, as the queue has it.

use std::time::Duration;

use throughline_effects::{Effects, Failure};
use throughline_envelope::Event;
use throughline_runtime::{Backoff, Function};

use crate::LONG;
use crate::support::{Bench, Rung};
use crate::wire;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Fails, and asks for as many hours as the bell is called.
async fn later(event: Event<Rung>) -> Result<Effects, Failure> {
    let failure = Failure::transient("busy", "the bell is busy");
    Err(match event.data.bell.parse::<u32>() {
        Ok(hours) => failure.retry_after(hours * HOUR),
        Err(_) => failure,
    })
}

/// Delivers a message whose attempt fails; how long it is until it comes again.
async fn comes_again_after(bench: &Bench, function: &Function) -> Duration {
    let failed = tokio::time::Instant::now();
    loop {
        let batch = bench.batch().await;
        if !batch["Records"].as_array().unwrap().is_empty() {
            let waited = failed.elapsed();
            bench.run_and_delete(function, &batch, LONG).await;
            return waited;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn first_wait(bell: &str) -> Duration {
    let bench = Bench::new(false).await;
    let batch = bench.deliver(&[(wire(&bench.event(bell)), None)]).await;
    let function = Function::queue("ring", later);
    bench.run(&function, &batch, LONG).await;
    comes_again_after(&bench, &function).await
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_a_failure_asks_for_is_honoured_up_to_what_sqs_grants() {
    let two = first_wait("2").await;
    assert!((2 * HOUR..2 * HOUR + Duration::from_secs(3)).contains(&two), "above the cap of 15 minutes: {two:?}");
    let day = first_wait("24").await;
    let most = 11 * HOUR + Duration::from_secs(40 * 60);
    assert!((most..most + Duration::from_secs(2)).contains(&day), "SQS refuses what is longer than 12 hours: {day:?}");
}

/// The first waits of many messages are spread over a second, the sixth over half a minute.
#[tokio::test(start_paused = true)]
async fn waits_are_spread_and_grow_with_each_attempt() {
    let bench = Bench::new(false).await;
    let backoff = Backoff { base: Duration::from_secs(10), cap: Duration::from_secs(200) };
    let function = Function::queue("ring", later).max_attempts(8).backoff(backoff);
    let bodies: Vec<_> = (0..10).map(|_| (wire(&bench.event("front")), None)).collect();
    let batch = bench.deliver(&bodies).await;
    bench.run(&function, &batch, LONG).await;
    while bench.waiting(&bench.dead).await < 10 {
        comes_again_after(&bench, &function).await;
    }
    let waits = |attempt: u64| -> Vec<u64> {
        let lines = bench.lines.all();
        let lines = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let retrying = lines.filter(|line| line["stage"] == "retrying" && line["attempt"] == attempt);
        retrying.map(|line| line["retry_after_ms"].as_u64().unwrap()).collect()
    };
    for (attempt, ceiling) in [(1, 10_000), (3, 40_000), (5, 160_000), (6, 200_000), (7, 200_000)] {
        let waits = waits(attempt);
        assert_eq!(waits.len(), 10);
        assert!(waits.iter().all(|wait| *wait <= ceiling), "attempt {attempt}: {waits:?}");
        assert!(waits.iter().any(|wait| *wait > ceiling / 2), "attempt {attempt}: {waits:?}");
        assert!(waits.iter().any(|wait| *wait < ceiling / 2), "attempt {attempt}: {waits:?}");
    }
}
