use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use futures::FutureExt as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_contracts::Contract;
use throughline_effects::{Effects, Failure, Settings, World};
use throughline_envelope::{Ambient, Event};
use throughline_telemetry::{Journal, Sink, Stdout};

use super::record::Job;
use super::turns::Turns;
use crate::function::{Function, Work};
use crate::invocation::Invocation;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Rung {
    bell: String,
}

impl Contract for Rung {
    const TYPE: &'static str = "house.bell.rung";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "house";
    const DESCRIPTION: &'static str = "A bell was rung.";
    fn sample() -> Self {
        Self { bell: "front".into() }
    }
}

async fn hear(_: Event<Rung>) -> Result<Effects, Failure> {
    Ok(Effects::new())
}

#[derive(Debug)]
struct Away;

impl HttpConnector for Away {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(std::future::pending())
    }
}

/// Writes, and how many lines each had.
#[derive(Debug, Default)]
struct Writes(Mutex<Vec<usize>>);

impl Sink for Writes {
    fn line(&self, _: &str) {
        self.0.lock().unwrap().push(1);
    }
    fn lines(&self, lines: &str) {
        self.0.lock().unwrap().push(lines.lines().count());
    }
}

fn world(sink: Arc<dyn Sink>) -> World {
    let settings = [
        ("AWS_REGION", "r"),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("THROUGHLINE_IDEMPOTENCY_TABLE", "idempotency"),
    ];
    let settings = Settings::from_map(settings.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    let journal = Journal::to(sink, &ambient);
    World::new(settings, "hear", SharedHttpConnector::new(Away), ambient, journal).unwrap()
}

fn invocation() -> Invocation {
    Invocation {
        request_id: "r".into(),
        deadline: jiff::Timestamp::from_second(30).unwrap(),
        function_arn: "a".into(),
        function_version: "1".into(),
    }
}

/// What a record is worked on by is copied a few times before it runs: a call of an SDK in it that is not boxed is copied with it, and
/// once more for each function around it that keeps its argument. It has been 700 KB.
#[test]
fn what_works_on_a_record_is_small() {
    let (world, function, turns) = (world(Arc::new(Stdout)), Function::queue("hear", hear), Turns::default());
    let Work::Event(handler) = &function.work else { panic!("a queue function works on events") };
    let invocation = invocation();
    let job = Job { function: &function, handler: &**handler, world: &world, invocation: &invocation, turns: &turns };
    let bytes = size_of_val(&job.group(Vec::new()));
    assert!(bytes < 16 * 1024, "{bytes} bytes");
}

#[tokio::test(start_paused = true)]
async fn records_that_are_worked_on_at_once_say_that_they_arrived_in_one_write() {
    let (writes, function) = (Arc::new(Writes::default()), Function::queue("hear", hear));
    let world = world(Arc::<Writes>::clone(&writes));
    let rung = |number| Event::root(world.ambient(), "house", Rung::TYPE, json!({ "bell": number })).to_json();
    let records: Vec<Value> = (0..12).map(|number| json!({ "body": rung(number.to_string()).to_string() })).collect();
    let mut work = Box::pin(function.invoke(&world, json!({ "Records": records }), invocation()));
    // The first poll ends when ten wait for DynamoDB.
    assert!((&mut work).now_or_never().is_none());
    assert_eq!(*writes.0.lock().unwrap(), [10]);
}
