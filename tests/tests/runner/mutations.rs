//! What keeps later events behind one that is parked is taken away: they overtake it.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;
use throughline_effects::{Effects, Failure, FailureExt as _, World};
use throughline_envelope::Event;
use throughline_runtime::{Function, State};
use throughline_sandbox::connector::InProcess;
use throughline_telemetry::Journal;

use crate::LONG;
use crate::support::{Bells, Bench, Rung};
use crate::wire;

/// Rewrites the items of transactions on their way.
#[derive(Debug, Clone)]
struct Mutated {
    cloud: InProcess,
    keeps: fn(&Value) -> bool,
}

impl HttpConnector for Mutated {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(".TransactWriteItems")) {
            let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            body["TransactItems"].as_array_mut().unwrap().retain(self.keeps);
            *request.body_mut() = body.to_string().into();
        }
        self.cloud.call(request)
    }
}

/// Rings a bell; a cracked one cannot be rung.
async fn ring(bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    let sound = (event.data.bell != "cracked").then_some(&event.data.bell).permanent("cracked")?;
    Ok(Effects::new().write(bells.table.update(sound).add("rings", 1)))
}

/// The first event of a key is parked; how often the bell of the second, given later, has been rung then.
async fn rings_behind_a_parked_event(keeps: fn(&Value) -> bool) -> i64 {
    let mut bench = Bench::new(true).await;
    let http = SharedHttpConnector::new(Mutated { cloud: InProcess::new(&bench.cloud), keeps });
    let journal = Journal::to(Arc::clone(&bench.lines) as _, &bench.ambient);
    bench.world = World::new(bench.world.settings().clone(), "ring", http, bench.ambient.clone(), journal).unwrap();
    let function = Function::queue("ring", ring).parks_in_sequence();
    for (sequence, bell) in [(1, "cracked"), (2, "front")] {
        let event = bench.event(bell).ordered("a", sequence);
        let batch = bench.deliver(&[(wire(&event), Some("a"))]).await;
        bench.run_and_delete(&function, &batch, LONG).await;
    }
    assert!(bench.waiting(&bench.dead).await >= 1, "the first is parked");
    bench.rings("front").await
}

/// The condition that the key is not parked.
fn is_not_of_a_parked_key(item: &Value) -> bool {
    let key = item["ConditionCheck"]["Key"]["key"]["S"].as_str().unwrap_or_default();
    !key.starts_with("parked|")
}

#[tokio::test(start_paused = true)]
async fn without_the_condition_that_its_key_is_not_parked_an_event_overtakes() {
    assert_eq!(rings_behind_a_parked_event(|_| true).await, 0, "it waits behind the first");
    assert_eq!(rings_behind_a_parked_event(is_not_of_a_parked_key).await, 1, "the mutant lives");
}
