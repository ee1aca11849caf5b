//! `batch` with a connector that answers by itself, and on standard error, for each invocation, the nanoseconds inside the SDK's `send()`
//! and the requests. What `tests/load/overhead.py` takes off the time that it measures as the Runtime API. `timed batch` prints the batch.

#[expect(unreachable_pub, reason = "shared with the benchmark")]
#[path = "../benches/batch/mod.rs"]
mod batch;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use batch::{Canned, InsideSend};
use throughline_effects::{Clients, World};
use throughline_envelope::Ambient;
use throughline_runtime::run_in;
use throughline_telemetry::Journal;

/// That of functions.
#[global_allocator]
static ALLOCATOR: throughline_runtime::Allocator = throughline_runtime::Allocator;

#[expect(clippy::print_stdout, reason = "its output is read by the script")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ambient = Ambient::system();
    if std::env::args().nth(1).as_deref() == Some("batch") {
        println!("{}", batch::batch(&ambient));
        return Ok(());
    }
    let inside = InsideSend::telling_each_batch();
    let http = SharedHttpConnector::new(Canned::default());
    let clients = inside.watch(Clients::new(&batch::settings(), &http, &ambient)?);
    let journal = Journal::stdout(&ambient);
    let world = World::with_clients(batch::settings(), "notify", clients, http, ambient, journal);
    Ok(run_in(batch::function(), world).await?)
}
