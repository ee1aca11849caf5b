//! What the benchmark and the two example functions have in common: a batch of ten records of an event like `orders.order.placed`, a
//! function that handles it, and a clock for the time inside the SDK's `send()`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_contracts::Contract;
use throughline_effects::{Clients, Effects, Failure, Record, Settings, Store, Table, Tables};
use throughline_envelope::{Ambient, Event};
use throughline_runtime::{Function, State};

/// Records of a batch: what an event source mapping hands over at once unless told otherwise.
pub const RECORDS: usize = 10;

/// An order was placed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Placed {
    /// Its id.
    #[schemars(regex(pattern = "^ord_[0-9A-Za-z_]+$"))]
    pub order_id: String,
    customer: Customer,
    #[schemars(length(min = 1, max = 40))]
    lines: Vec<Line>,
    #[schemars(range(min = 1))]
    total_cents: i64,
    currency: String,
    card: String,
}

/// Who placed it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    id: String,
    email: String,
}

/// What of.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    sku: String,
    #[schemars(range(min = 1))]
    quantity: u32,
    unit_price_cents: i64,
}

impl Contract for Placed {
    const TYPE: &'static str = "bench.order.placed";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "bench";
    const DESCRIPTION: &'static str = "An order was placed.";

    fn sample() -> Self {
        let line = |sku: &str| Line { sku: sku.into(), quantity: 2, unit_price_cents: 650 };
        Self {
            order_id: "ord_1".into(),
            customer: Customer { id: "cus_ada".into(), email: "ada@example.com".into() },
            lines: vec![line("tea-green-100"), line("cup-porcelain"), line("kettle-copper")],
            total_cents: 3900,
            currency: "EUR".into(),
            card: "tok_ok".into(),
        }
    }
}

/// What the customer is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Notice {
    order_id: String,
    text: String,
}

impl Record for Notice {
    const TABLE: &'static str = "notices";
    const KEY: &'static str = "order_id";
}

struct Notices {
    table: Table<Notice>,
}

impl Store for Notices {
    const TABLES: &'static [&'static str] = &["notices"];
    fn open(tables: Tables) -> Self {
        Self { table: tables.table() }
    }
}

async fn notify(notices: State<Notices>, placed: Event<Placed>) -> Result<Effects, Failure> {
    let order = &placed.data;
    let text = format!("{} of {} for {}", order.total_cents, order.currency, order.customer.email);
    Ok(Effects::new().write(notices.table.put_new(&Notice { order_id: order.order_id.clone(), text }).or_fail("told")))
}

/// A queue function that writes one row an event and emits nothing.
pub fn function() -> Function {
    Function::queue("notify", notify)
}

/// A batch as Lambda hands it over, of events that an EventBridge rule put into a queue.
pub fn batch(ambient: &Ambient) -> Value {
    let records: Vec<Value> = (0..RECORDS).map(|number| record(ambient, number)).collect();
    json!({ "Records": records })
}

fn record(ambient: &Ambient, number: usize) -> Value {
    let placed = Placed { order_id: format!("ord_{number}"), ..Placed::sample() };
    let data = serde_json::to_value(placed).unwrap_or_default();
    let event = Event::root(ambient, "bench", Placed::TYPE, data).with_subject(format!("ord_{number}"));
    let event = event.ordered(format!("ord_{number}"), 1);
    let body = json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": Placed::TYPE, "source": "bench",
        "account": "000000000000", "time": "2026-11-24T10:00:00Z", "region": "us-east-1", "resources": [],
        "detail": event.to_json(),
    });
    json!({
        "messageId": format!("059f36b4-87a3-44ab-83d2-66197570000{number}"), "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body.to_string(), "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3", "messageAttributes": {},
        "attributes": {
            "ApproximateReceiveCount": "1", "SentTimestamp": "1795514400000", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1795514400100",
        },
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:notify", "awsRegion": "us-east-1",
    })
}

/// Settings for connectors that answer by themselves.
pub fn settings() -> Settings {
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("THROUGHLINE_IDEMPOTENCY_TABLE", "bench-idempotency"),
        ("THROUGHLINE_TABLE_NOTICES", "bench-notices"),
        ("THROUGHLINE_SOURCE_QUEUE", "https://sqs.us-east-1.amazonaws.com/000000000000/notify"),
        ("THROUGHLINE_DEAD_LETTER_QUEUE", "https://sqs.us-east-1.amazonaws.com/000000000000/notify-dead"),
    ];
    Settings::from_map(
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
    )
}

/// Answers every request with success, at once, and counts them.
#[derive(Debug, Clone, Default)]
pub struct Canned {
    /// Requests so far.
    pub requests: Arc<AtomicU64>,
}

impl HttpConnector for Canned {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let status = http::StatusCode::OK.into();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from("{}"))))
    }
}

/// Adds up the time inside `send()`: from before a request is serialized until after its answer is read. Exact where one call is made
/// at a time, as with [`Canned`], which never waits.
#[derive(Debug, Clone, Default)]
pub struct InsideSend {
    began: Arc<std::sync::Mutex<Option<Instant>>>,
    nanos: Arc<AtomicU64>,
    /// Calls so far, where each [`RECORDS`] of them are told of.
    told: Option<Arc<AtomicU64>>,
}

impl InsideSend {
    /// One that writes to standard error, with the last call of each batch, the nanoseconds and the calls of the batch.
    pub fn telling_each_batch() -> Self {
        Self { told: Some(Arc::default()), ..Self::default() }
    }

    #[expect(clippy::print_stderr, reason = "read by tests/load/overhead.py")]
    fn tell(&self, calls: &AtomicU64) {
        if calls.fetch_add(1, Ordering::Relaxed) + 1 == RECORDS as u64 {
            eprintln!("{} {}", self.take(), calls.swap(0, Ordering::Relaxed));
        }
    }

    /// The nanoseconds since the last time it was asked.
    pub fn take(&self) -> u64 {
        self.nanos.swap(0, Ordering::Relaxed)
    }

    /// Clients whose DynamoDB calls are timed.
    pub fn watch(&self, clients: Clients) -> Clients {
        let config = clients.dynamodb().config().to_builder().interceptor(self.clone()).build();
        clients.with_dynamodb(aws_sdk_dynamodb::Client::from_conf(config))
    }
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn now() -> Instant {
    Instant::now()
}

impl Intercept for InsideSend {
    fn name(&self) -> &'static str {
        "InsideSend"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Ok(mut began) = self.began.lock() {
            *began = Some(now());
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let began = self.began.lock().ok().and_then(|mut began| began.take());
        if let Some(began) = began {
            let nanos = u64::try_from(now().duration_since(began).as_nanos()).unwrap_or(u64::MAX);
            self.nanos.fetch_add(nanos, Ordering::Relaxed);
        }
        if let Some(calls) = &self.told {
            self.tell(calls);
        }
        Ok(())
    }
}
