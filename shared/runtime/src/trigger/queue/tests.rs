use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline_contracts::Contract;
use throughline_effects::{Effects, Failure, Settings, World};
use throughline_envelope::{Ambient, Event};
use throughline_telemetry::Journal;

use super::record::Job;
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

/// What a record is worked on by is copied a few times before it runs: a call of an SDK in it that is not boxed is copied with it, and
/// once more for each function around it that keeps its argument. It has been 700 KB.
#[test]
fn what_works_on_a_record_is_small() {
    let settings = [("AWS_REGION", "r"), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let settings = Settings::from_map(settings.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    let journal = Journal::stdout(&ambient);
    let world = World::new(settings, "hear", SharedHttpConnector::new(Away), ambient, journal).unwrap();
    let function = Function::queue("hear", hear);
    let Work::Event(handler) = &function.work else { panic!("a queue function works on events") };
    let invocation = Invocation {
        request_id: "r".into(),
        deadline: jiff::Timestamp::UNIX_EPOCH,
        function_arn: "a".into(),
        function_version: "1".into(),
    };
    let job = Job { function: &function, handler: &**handler, world: &world, invocation: &invocation };
    let bytes = size_of_val(&job.group(Vec::new()));
    assert!(bytes < 16 * 1024, "{bytes} bytes");
}
