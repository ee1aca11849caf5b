//! `batch` with a connector that answers by itself, and on standard error, for each invocation, the nanoseconds inside the SDK's `send()`.
//! What `tests/load/overhead.py` takes off the time that it measures as the Runtime API. `timed batch` prints the batch.

#[expect(unreachable_pub, reason = "shared with the benchmark")]
#[path = "../benches/batch/mod.rs"]
mod batch;

use std::sync::atomic::Ordering;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use batch::{Canned, InsideSend};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use throughline_effects::{Clients, World};
use throughline_envelope::Ambient;
use throughline_runtime::Invocation;
use throughline_telemetry::Journal;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is read by the script")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ambient = Ambient::system();
    if std::env::args().nth(1).as_deref() == Some("batch") {
        println!("{}", batch::batch(&ambient));
        return Ok(());
    }
    let (inside, canned) = (InsideSend::default(), Canned::default());
    let http = SharedHttpConnector::new(canned.clone());
    let clients = inside.watch(Clients::new(&batch::settings(), &http, &ambient)?);
    let journal = Journal::stdout(&ambient);
    let world = &World::with_clients(batch::settings(), "notify", clients, http, ambient, journal);
    let (function, inside, canned) = (&batch::function(), &inside, &canned);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        let invocation = Invocation {
            request_id: event.context.request_id.clone(),
            deadline: Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)?,
            function_arn: event.context.invoked_function_arn.clone(),
            function_version: "$LATEST".into(),
        };
        let answer = function.invoke(world, event.payload, invocation).await;
        eprintln!("{} {}", inside.take(), canned.requests.swap(0, Ordering::Relaxed));
        answer.map_err(Error::from)
    }))
    .await
}
