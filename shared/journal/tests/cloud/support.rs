//! A cloud with the journal's tables, and what gets written there.

use aws_lambda_events::event::cloudwatch_logs::LogData;
use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_journal::{Reader, Recorder, Tables};
use throughline_sandbox::connector::{InProcess, in_process, sdk_config};
use throughline_sandbox::template::{ResolveOptions, Template};
use throughline_sandbox::{Clock, Cloud, Service};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");

/// A stack's journal, event store and failures inbox.
pub(crate) struct Stack {
    pub(crate) cloud: Cloud,
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    pub(crate) reader: Reader,
}

impl Stack {
    pub(crate) async fn new() -> Self {
        let cloud = Cloud::builder(Clock::starting_at(now())).build();
        let options = ResolveOptions::new(&cloud, "orders").parameter("PaymentGatewayUrl", "http://payments.invalid");
        let topology = Template::load(TEMPLATE).unwrap().resolve(&options).unwrap();
        for table in &topology.tables {
            if ["orders-journal", "orders-events", "orders-failures"].contains(&table.name.as_str()) {
                cloud.call(Service::DynamoDb, "CreateTable", table.definition.clone()).await.unwrap();
            }
        }
        let client = Client::new(&sdk_config(&cloud, in_process(&cloud)));
        Self::with(cloud, client)
    }

    fn with(cloud: Cloud, client: Client) -> Self {
        let tables = Tables::of_stack("orders");
        let recorder = Recorder::new(client.clone(), tables.clone());
        Self { recorder, reader: Reader::new(client.clone(), tables), cloud, client }
    }

    /// The same stack, reached through another connector.
    pub(crate) fn through(&self, connector: InProcess) -> Self {
        let client = Client::new(&sdk_config(&self.cloud, connector.client()));
        Self::with(self.cloud.clone(), client)
    }

    pub(crate) async fn record(&self, lines: &[Value]) -> usize {
        self.recorder.record_logs(&logs(lines)).await.unwrap()
    }

    pub(crate) async fn count(&self, table: &str) -> i32 {
        self.client.scan().table_name(table).send().await.unwrap().count
    }

    /// A row of the event store.
    pub(crate) async fn store(&self, event: &str, correlation: &str, created_at: &str) {
        let text = |text: &str| json!({ "S": text });
        let item = json!({
            "pk": text(event), "sk": text("0"), "kind": text("event"), "event_id": text(event), "event_type": text("orders.order.placed"),
            "correlation_id": text(correlation), "subject": text("ord_1"), "body": text("{}"), "created_at": text(created_at),
            "type_hour": text("orders.order.placed#2026-11-24T10"),
        });
        let input = json!({ "TableName": "orders-events", "Item": item });
        self.cloud.call(Service::DynamoDb, "PutItem", input).await.unwrap();
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-24T10:00:09Z".parse().unwrap()
}

pub(crate) fn logs(lines: &[Value]) -> LogData {
    let entry =
        |(n, line): (usize, &Value)| json!({ "id": n.to_string(), "timestamp": 0, "message": line.to_string() });
    serde_json::from_value(json!({
        "owner": "000000000000", "logGroup": "orders-functions", "logStream": "2026/11/24/orders-start-fulfilment[$LATEST]abc",
        "subscriptionFilters": [], "messageType": "DATA_MESSAGE", "logEvents": lines.iter().enumerate().map(entry).collect::<Vec<_>>(),
    }))
    .unwrap()
}

/// A journal line of `start-fulfilment` at `evt_<n>` of workflow `cor_1`.
pub(crate) fn line(n: u32, stage: &str) -> Value {
    json!({
        "journal": 1, "time": format!("2026-11-24T10:00:{n:02}.000000000Z"), "level": "INFO", "stage": stage, "function": "start-fulfilment",
        "request_id": format!("r-{n}"), "correlation_id": "cor_1", "event_id": format!("evt_{n}"), "event_type": "orders.order.placed",
        "subject": "ord_1", "queue": "orders-start-fulfilment", "message_id": format!("m-{n}"), "span_id": format!("s{n}"), "attempt": 1,
    })
}

pub(crate) fn with(mut line: Value, name: &str, value: impl Into<Value>) -> Value {
    line[name] = value.into();
    line
}

/// A message of a dead-letter queue that SQS itself moved there.
pub(crate) fn moved(body: &Value) -> SqsMessage {
    serde_json::from_value(json!({
        "messageId": "m-1", "body": body.to_string(), "messageAttributes": {},
        "attributes": { "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:0:orders-start-fulfilment", "SentTimestamp": "1795514401000" },
        "eventSourceARN": "arn:aws:sqs:us-east-1:0:orders-start-fulfilment-dead",
    }))
    .unwrap()
}

/// The event with this id, as a queue has it.
pub(crate) fn event(id: &str) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "orders", "type": "orders.order.placed", "correlationid": "cor_1", "subject": "ord_1", "data": {} })
}
