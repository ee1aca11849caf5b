//! What the runner costs: a batch of ten records from the bytes that Lambda hands over to the bytes of the answer, without the time inside
//! the SDK's `send()`: the whole of it, and, as it was measured before, what an interceptor sees of it. Envelopes are decoded, contracts
//! checked, records deduplicated, journal lines and metrics written (to `/dev/null`).
#![expect(missing_docs, clippy::unwrap_used, reason = "criterion's macros make public items; a bench may stop")]

#[expect(dead_code, unreachable_pub, reason = "shared with the examples")]
mod batch;
#[expect(unreachable_pub, reason = "a bench has no outside")]
mod span;

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use batch::{Canned, InsideSend, RECORDS};
use criterion::{Criterion, criterion_group, criterion_main};
use span::InsideSpan;
use throughline_effects::{Clients, World};
use throughline_envelope::Ambient;
use throughline_runtime::{Batch, Function, Invocation};
use throughline_telemetry::{Journal, Sink};

/// That of functions.
#[global_allocator]
static ALLOCATOR: throughline_runtime::Allocator = throughline_runtime::Allocator;

/// Lines that come at once are one write, as on standard output.
struct Null(File);

impl Sink for Null {
    fn line(&self, line: &str) {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        (&self.0).write_all(&bytes).unwrap();
    }

    fn lines(&self, lines: &str) {
        (&self.0).write_all(lines.as_bytes()).unwrap();
    }
}

struct Bench {
    function: Function,
    world: World,
    inside: InsideSend,
    span: InsideSpan,
    canned: Canned,
    payload: Vec<u8>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let (ambient, inside, canned) = (Ambient::system(), InsideSend::default(), Canned::default());
        let http = SharedHttpConnector::new(canned.clone());
        let clients = inside.watch(Clients::new(&batch::settings(), &http, &ambient).unwrap());
        let null = File::options().write(true).open("/dev/null").unwrap();
        let journal = Journal::to(Arc::new(Null(null)), &ambient);
        let world = World::with_clients(batch::settings(), "notify", clients, http, ambient.clone(), journal);
        let payload = serde_json::to_vec(&batch::batch(&ambient)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let span = InsideSpan::listen();
        Self { function: batch::function(), world, inside, span, canned, payload, runtime }
    }

    /// One batch.
    #[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
    fn run(&self) -> Times {
        self.inside.take();
        self.span.take();
        let began = Instant::now();
        let payload = serde_json::from_slice::<Batch>(&self.payload).unwrap();
        let answer = self.runtime.block_on(self.function.invoke(&self.world, payload, self.invocation())).unwrap();
        let answer = serde_json::to_vec(&answer).unwrap();
        let whole = began.elapsed();
        assert_eq!(answer, br#"{"batchItemFailures":[]}"#);
        let without = |nanos| whole.saturating_sub(Duration::from_nanos(nanos));
        Times { whole, outside: without(self.span.take()), outside_hooks: without(self.inside.take()) }
    }

    fn invocation(&self) -> Invocation {
        Invocation {
            request_id: "c6af9ac6-7b61-11e6-9a41-93e812345678".into(),
            deadline: self.world.ambient().now() + Duration::from_secs(30),
            function_arn: "arn:aws:lambda:us-east-1:000000000000:function:notify".into(),
            function_version: "$LATEST".into(),
        }
    }
}

/// How long a batch took.
struct Times {
    whole: Duration,
    /// Without the SDK's `send()`.
    outside: Duration,
    /// Without what an interceptor sees of it.
    outside_hooks: Duration,
}

fn runner(criterion: &mut Criterion) {
    let bench = Bench::new();
    bench.run();
    assert_eq!(bench.canned.requests.load(Ordering::Relaxed), RECORDS as u64, "one request a record");
    let mut measure = |name: &str, of: fn(Times) -> Duration| {
        criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| of(bench.run())).sum());
        });
    };
    measure("batch of ten, outside send()", |times| times.outside);
    measure("batch of ten, outside the interceptors of send()", |times| times.outside_hooks);
    measure("batch of ten, whole", |times| times.whole);
}

criterion_group!(benches, runner);
criterion_main!(benches);
