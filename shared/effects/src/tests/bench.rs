//! A world in a local cloud with the tables of `docs/data-model.md`.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_envelope::{Ambient, Clock as AmbientClock, Event, RawEvent};
use throughline_sandbox::connector::InProcess;
use throughline_sandbox::{Clock, Cloud, Service};
use throughline_telemetry::{Journal, JournalLine, Lines};

use super::shop::{Article, Shop};
use super::wire::Wire;
use crate::{
    CommitRequest, Committed, Committer, Effects, Failure, IdempotencyKey, Publisher, Settings, Store, Tables, World,
    fingerprint,
};

pub(super) const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

struct CloudClock(Clock);

impl AmbientClock for CloudClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(super) struct Bench {
    pub(super) cloud: Cloud,
    pub(super) wire: Wire,
    pub(super) world: World,
    pub(super) shop: Shop,
    lines: Arc<Lines>,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(|connector| connector).await
    }

    /// With outside parties on the connector.
    pub(super) async fn with(outside: impl FnOnce(InProcess) -> InProcess) -> Self {
        let cloud = Cloud::builder(Clock::starting_at("2026-11-24T12:00:00Z".parse().unwrap())).build();
        create(&cloud).await;
        let wire = Wire::to(outside(InProcess::new(&cloud)));
        let ambient = Ambient::with_clock(Arc::new(CloudClock(cloud.clock())), 7);
        let lines = Arc::new(Lines::default());
        let journal = Journal::to(lines.clone(), &ambient);
        let http = SharedHttpConnector::new(wire.clone());
        let world = World::new(settings(), "take-order", http, ambient, journal).unwrap();
        let shop = Shop::open(Tables::new(&world));
        Self { cloud, wire, world, shop, lines }
    }

    /// Another environment of the same function: it shares the tables and the journal, and remembers nothing.
    pub(super) fn another_environment(&self) -> World {
        let http = SharedHttpConnector::new(self.wire.clone());
        let ambient = self.world.ambient().clone();
        World::new(settings(), "take-order", http, ambient, self.world.journal().clone()).unwrap()
    }

    /// The event that is handled.
    pub(super) fn event(&self) -> RawEvent {
        Event::root(self.world.ambient(), "shop", "shop.order.place", json!({ "order_id": "o-1" })).with_subject("o-1")
    }

    pub(super) async fn commit(&self, event: &RawEvent, effects: &Effects) -> Result<Committed, Failure> {
        let request = CommitRequest {
            key: self.key(event),
            fingerprint: fingerprint(&event.event_type, &event.data),
            event,
            function: "take-order",
            effects,
            retention: RETENTION,
            undoes: None,
            place: None,
        };
        Committer::new(&self.world).commit(request).await
    }

    pub(super) fn key(&self, event: &RawEvent) -> IdempotencyKey {
        IdempotencyKey::event("take-order", &event.source, &event.id)
    }

    pub(super) async fn send(&self, committed: &Committed) -> usize {
        Publisher::new(&self.world).send(&committed.outgoing).await
    }

    /// Puts articles on the shelf, past the commit.
    pub(super) async fn stocked(self, sku: &str, available: i64) -> Self {
        let item = json!({ "sku": { "S": sku }, "available": { "N": available.to_string() } });
        self.call(Service::DynamoDb, "PutItem", json!({ "TableName": "t-stock", "Item": item })).await;
        self
    }

    pub(super) async fn available(&self, sku: &str) -> i64 {
        self.shop.stock.get(sku).await.unwrap().map_or(0, |article: Article| article.available)
    }

    pub(super) async fn call(&self, service: Service, operation: &str, input: Value) -> Value {
        self.cloud.call(service, operation, input).await.unwrap()
    }

    /// All items of a table, in the order of their keys.
    pub(super) async fn items(&self, table: &str) -> Vec<Value> {
        let answer = self.call(Service::DynamoDb, "Scan", json!({ "TableName": format!("t-{table}") })).await;
        let mut items = answer["Items"].as_array().unwrap().clone();
        items.sort_by_key(|item| format!("{}{}", item["pk"]["S"], item["sk"]["S"]));
        items
    }

    /// The rows of the event store that are not sent.
    pub(super) async fn unsent(&self) -> usize {
        self.items("events").await.iter().filter(|row| row.get("unsent").is_some()).count()
    }

    /// The bodies of the messages in the ordered queue, with group and deduplication id, oldest first. They stay in flight.
    pub(super) async fn ordered(&self) -> Vec<(String, String, Value)> {
        let url = json!({ "QueueUrl": queue_url(), "MaxNumberOfMessages": 10, "AttributeNames": ["All"] });
        let answer = self.call(Service::Sqs, "ReceiveMessage", url).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let read = |message: &Value| {
            let attributes = &message["Attributes"];
            let body = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
            (text(&attributes["MessageGroupId"]), text(&attributes["MessageDeduplicationId"]), body)
        };
        answer["Messages"].as_array().map(|messages| messages.iter().map(read).collect()).unwrap_or_default()
    }

    /// The journal so far.
    pub(super) fn journal(&self) -> Vec<JournalLine> {
        let lines = self.written().into_iter().filter(|line| line.get("journal").is_some());
        lines.map(|line| serde_json::from_value(line).unwrap()).collect()
    }

    /// The metrics so far.
    pub(super) fn metrics(&self) -> Vec<Value> {
        self.written().into_iter().filter(|line| line.get("_aws").is_some()).collect()
    }

    fn written(&self) -> Vec<Value> {
        self.lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(super) fn queue_url() -> String {
    "http://cloud.invalid/000000000000/t-orders.fifo".to_owned()
}

pub(super) fn undelivered_url() -> String {
    "http://cloud.invalid/000000000000/t-undelivered".to_owned()
}

fn settings() -> Settings {
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("THROUGHLINE_EVENTS_TABLE", "t-events"),
        ("THROUGHLINE_IDEMPOTENCY_TABLE", "t-idempotency"),
        ("THROUGHLINE_TABLE_STOCK", "t-stock"),
        ("THROUGHLINE_TABLE_VIEWS", "t-views"),
        ("THROUGHLINE_BUS", "t-bus"),
        ("THROUGHLINE_ORDERED_QUEUES", &queue_url()),
        ("THROUGHLINE_DEAD_LETTER_QUEUE", &undelivered_url()),
        ("THROUGHLINE_SAGA_FULFIL_ORDER", "arn:aws:states:us-east-1:000000000000:stateMachine:fulfil-order"),
    ];
    Settings::from_map(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
}

async fn create(cloud: &Cloud) {
    for (table, key) in [("idempotency", "key"), ("stock", "sku"), ("views", "order_id")] {
        let input = json!({
            "TableName": format!("t-{table}"), "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": key, "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
        });
        cloud.call(Service::DynamoDb, "CreateTable", input).await.unwrap();
    }
    cloud.call(Service::DynamoDb, "CreateTable", events_table()).await.unwrap();
    let fifo = json!({ "QueueName": "t-orders.fifo", "Attributes": { "FifoQueue": "true" } });
    cloud.call(Service::Sqs, "CreateQueue", fifo).await.unwrap();
    cloud.call(Service::Sqs, "CreateQueue", json!({ "QueueName": "t-undelivered" })).await.unwrap();
    cloud.call(Service::EventBridge, "CreateEventBus", json!({ "Name": "t-bus" })).await.unwrap();
}

/// The event store with the two indexes that sending reads, as the template has them.
fn events_table() -> Value {
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let attributes = ["pk", "sk", "unsent", "unsent_shard", "created_at"].map(attribute);
    let keys = |hash: &str, range: &str| json!([{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }]);
    let projected = [
        "kind",
        "event_id",
        "event_type",
        "correlation_id",
        "causation_id",
        "subject",
        "saga_id",
        "saga",
        "created_at",
        "body",
    ];
    json!({
        "TableName": "t-events", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": keys("pk", "sk"),
        "LocalSecondaryIndexes": [{
            "IndexName": "unsent-by-key", "KeySchema": keys("pk", "unsent"),
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": projected },
        }],
        "GlobalSecondaryIndexes": [{
            "IndexName": "unsent", "KeySchema": keys("unsent_shard", "created_at"),
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }],
    })
}
