//! A small world for tests of the runner: the toolkit's own tables, one business table, one queue with its dead-letter queue.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_contracts::Contract;
use throughline_effects::{Record, Settings, Store, Table, Tables, World};
use throughline_envelope::{Ambient, Event};
use throughline_runtime::{Function, Invocation};
use throughline_sandbox::connector::InProcess;
use throughline_sandbox::{Clock, Cloud, Service};
use throughline_telemetry::{Journal, Lines};
use tokio::time::Instant;

use crate::LONG;

/// An event for tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    /// Which bell.
    pub bell: String,
}

impl Contract for Rung {
    const TYPE: &'static str = "test.bell.rung";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "tests";
    const DESCRIPTION: &'static str = "A bell was rung.";
    fn sample() -> Self {
        Self { bell: "front".into() }
    }
}

/// How often a bell was rung.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bell {
    /// Its name.
    pub bell: String,
    /// How often.
    pub rings: i64,
}

impl Record for Bell {
    const TABLE: &'static str = "bells";
    const KEY: &'static str = "bell";
}

/// The bells.
#[derive(Debug, Clone)]
pub struct Bells {
    /// One row per bell.
    pub table: Table<Bell>,
}

impl Store for Bells {
    const TABLES: &'static [&'static str] = &["bells"];
    fn open(tables: Tables) -> Self {
        Self { table: tables.table() }
    }
}

pub struct Bench {
    pub cloud: Cloud,
    pub world: World,
    pub lines: Arc<Lines>,
    pub queue: String,
    pub dead: String,
    pub ambient: Ambient,
}

#[derive(Debug)]
struct Follows(Clock);

impl throughline_envelope::Clock for Follows {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Bench {
    /// A world around a queue, standard or FIFO.
    pub async fn new(fifo: bool) -> Self {
        Self::with(fifo, |connector| connector).await
    }

    /// The same, with outside parties on the connector.
    pub async fn with(fifo: bool, outside: impl FnOnce(InProcess) -> InProcess) -> Self {
        let clock = Clock::starting_at("2026-11-24T10:00:00Z".parse().unwrap());
        let cloud = Cloud::builder(clock).build();
        let suffix = if fifo { ".fifo" } else { "" };
        let ambient = Ambient::with_clock(Arc::new(Follows(clock)), 7);
        let queue = create_queue(&cloud, &format!("bells{suffix}"), fifo).await;
        let dead = create_queue(&cloud, &format!("bells-dead{suffix}"), fifo).await;
        for (table, key) in [("idempotency", "key"), ("bells", "bell")] {
            create_table(
                &cloud,
                json!({
                    "TableName": table, "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
                    "AttributeDefinitions": [{ "AttributeName": key, "AttributeType": "S" }],
                }),
            )
            .await;
        }
        let settings = Settings::from_map(variables(&queue, &dead));
        let lines = Arc::new(Lines::default());
        let http = SharedHttpConnector::new(outside(InProcess::new(&cloud)));
        let world = World::new(settings, "ring", http, ambient.clone(), Journal::to(lines.clone(), &ambient)).unwrap();
        Self { cloud, world, lines, queue, dead, ambient }
    }

    /// A new event about a bell.
    pub fn event(&self, bell: &str) -> Event<Rung> {
        Event::root(&self.ambient, "test", Rung::TYPE, Rung { bell: bell.into() })
    }

    /// Sends bodies through the real queue and gives what Lambda would give to the function.
    pub async fn deliver(&self, bodies: &[(String, Option<&str>)]) -> Value {
        self.send_all(bodies).await;
        self.batch().await
    }

    /// Sends bodies through the real queue.
    pub async fn send_all(&self, bodies: &[(String, Option<&str>)]) {
        for (body, group) in bodies {
            self.send(body, *group).await;
        }
    }

    /// A batch of one message that no queue holds.
    pub async fn as_batch(&self, (body, group): &(String, Option<&str>)) -> Value {
        let number = self.ambient.random_u64();
        let name = self.queue.rsplit('/').next().unwrap();
        json!({ "Records": [{
            "messageId": format!("m-{number}"), "receiptHandle": "none", "body": body, "messageAttributes": {},
            "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "1", "SequenceNumber": format!("{number:020}") },
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{name}"), "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        }] })
    }

    /// Puts a bell that was never rung.
    pub async fn put_bell(&self, bell: &str) {
        let item = json!({ "bell": { "S": bell }, "rings": { "N": "0" } });
        self.cloud.call(Service::DynamoDb, "PutItem", json!({ "TableName": "bells", "Item": item })).await.unwrap();
    }

    /// Creates the dead-letter queue of a FIFO queue again.
    pub async fn create_dead_letter_queue(&self) {
        create_queue(&self.cloud, self.dead.rsplit('/').next().unwrap(), true).await;
    }

    /// Sends a body through the real queue.
    pub async fn send(&self, body: &str, group: Option<&str>) {
        let mut message = json!({ "QueueUrl": self.queue, "MessageBody": body });
        if let Some(group) = group {
            message["MessageGroupId"] = json!(group);
            message["MessageDeduplicationId"] = json!(self.ambient.random_u64().to_string());
        }
        self.cloud.call(Service::Sqs, "SendMessage", message).await.unwrap();
    }

    /// The messages of a queue, visible or not.
    pub async fn waiting(&self, queue: &str) -> u64 {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let input = json!({ "QueueUrl": queue, "AttributeNames": names });
        let answer = self.cloud.call(Service::Sqs, "GetQueueAttributes", input).await.unwrap();
        names.iter().map(|name| answer["Attributes"][name].as_str().unwrap().parse::<u64>().unwrap()).sum()
    }

    /// What is visible in the queue, as Lambda gives it.
    pub async fn batch(&self) -> Value {
        let input = json!({ "QueueUrl": self.queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 60,
            "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"] });
        let answer = self.cloud.call(Service::Sqs, "ReceiveMessage", input).await.unwrap();
        let name = self.queue.rsplit('/').next().unwrap();
        let records = answer["Messages"].as_array().cloned().unwrap_or_default().into_iter().map(|message| {
            json!({
                "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
                "attributes": message["Attributes"], "messageAttributes": {}, "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{name}"), "awsRegion": "us-east-1",
            })
        });
        json!({ "Records": records.collect::<Vec<_>>() })
    }

    /// Runs a batch with a deadline this far away; answers the bodies' indices that are reported as failed.
    pub async fn run(&self, function: &Function, batch: &Value, time: Duration) -> Vec<usize> {
        let deadline = self.ambient.now() + jiff::SignedDuration::try_from(time).unwrap();
        let invocation = Invocation {
            request_id: format!("req-{}", self.ambient.random_u64()),
            deadline,
            function_arn: "arn:aws:lambda:us-east-1:000000000000:function:ring".into(),
            function_version: "$LATEST".into(),
        };
        let answer = function.invoke(&self.world, batch.clone(), invocation).await.unwrap();
        let records = batch["Records"].as_array().unwrap();
        let position = |failure: &Value| {
            records.iter().position(|record| record["messageId"] == failure["itemIdentifier"]).unwrap()
        };
        answer["batchItemFailures"].as_array().unwrap().iter().map(position).collect()
    }

    /// The same, and takes what was acknowledged out of the queue, as an event source mapping does.
    pub async fn run_and_delete(&self, function: &Function, batch: &Value, time: Duration) {
        let failed = self.run(function, batch, time).await;
        for (index, record) in batch["Records"].as_array().unwrap().iter().enumerate() {
            if !failed.contains(&index) {
                let input = json!({ "QueueUrl": self.queue, "ReceiptHandle": record["receiptHandle"] });
                self.cloud.call(Service::Sqs, "DeleteMessage", input).await.unwrap();
            }
        }
    }

    /// Takes what is in the queue, as an event source mapping does, for so long.
    pub async fn consume(&self, function: &Function, time: Duration, pause: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let batch = self.batch().await;
            if batch["Records"].as_array().unwrap().is_empty() {
                tokio::time::sleep(pause).await;
            } else {
                self.run_and_delete(function, &batch, LONG).await;
            }
        }
    }

    /// The lines of the journal.
    pub fn journal(&self) -> Vec<Value> {
        self.lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How often a message was received, at most.
    pub fn receives(&self) -> u64 {
        self.journal().iter().filter_map(|line| line["delivery"].as_u64()).max().unwrap()
    }

    /// What the dead-letter queue holds: body and reason.
    pub async fn dead_letters(&self) -> Vec<(String, Value)> {
        let input = json!({ "QueueUrl": self.dead, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"] });
        let answer = self.cloud.call(Service::Sqs, "ReceiveMessage", input).await.unwrap();
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let letter = |message: &Value| {
            let reason = message["MessageAttributes"]["reason"]["StringValue"].as_str().unwrap();
            (message["Body"].as_str().unwrap().to_owned(), serde_json::from_str(reason).unwrap())
        };
        messages.iter().map(letter).collect()
    }

    /// How often a bell was rung, by the table.
    pub async fn rings(&self, bell: &str) -> i64 {
        Bells::open(Tables::new(&self.world)).table.get(bell).await.unwrap().map_or(0, |bell| bell.rings)
    }

    /// The stages that the journal has for an event, in order.
    pub fn stages(&self, event_id: &str) -> Vec<String> {
        let lines = self.lines.all();
        let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter(|line| line["event_id"] == event_id)
            .map(|line| line["stage"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn variables(queue: &str, dead: &str) -> BTreeMap<String, String> {
    [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("THROUGHLINE_IDEMPOTENCY_TABLE", "idempotency"),
        ("THROUGHLINE_EVENTS_TABLE", "events"),
        ("THROUGHLINE_TABLE_BELLS", "bells"),
        ("THROUGHLINE_SOURCE_QUEUE", queue),
        ("THROUGHLINE_DEAD_LETTER_QUEUE", dead),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

async fn create_queue(cloud: &Cloud, name: &str, fifo: bool) -> String {
    let attributes = if fifo { json!({ "FifoQueue": "true" }) } else { json!({}) };
    let input = json!({ "QueueName": name, "Attributes": attributes });
    cloud.call(Service::Sqs, "CreateQueue", input).await.unwrap()["QueueUrl"].as_str().unwrap().to_owned()
}

async fn create_table(cloud: &Cloud, input: Value) {
    cloud.call(Service::DynamoDb, "CreateTable", input).await.unwrap();
}
