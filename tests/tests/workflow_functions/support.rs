//! The order workflow's tables, as `events/seed` fills them, and the payment gateway's double, in one process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_doubles::PaymentGateway;
use throughline_effects::{Settings, World};
use throughline_envelope::Ambient;
use throughline_runtime::{Function, Invocation};
use throughline_sandbox::connector::InProcess;
use throughline_sandbox::{Clock, Cloud, Service};
use throughline_telemetry::{Journal, Lines};

/// Every table with one key: the workflow's own, and the toolkit's deduplication records.
const TABLES: [(&str, &str); 8] = [
    ("idempotency", "key"),
    ("orders", "order_id"),
    ("stock", "sku"),
    ("reservations", "order_id"),
    ("payments", "order_id"),
    ("shipments", "order_id"),
    ("order-views", "order_id"),
    ("notifications", "notification_id"),
];

pub(crate) struct Shop {
    pub(crate) cloud: Cloud,
    pub(crate) gateway: PaymentGateway,
    ambient: Ambient,
}

struct Follows(Clock);

impl throughline_envelope::Clock for Follows {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// What a file of `events/` holds.
pub(crate) fn sample(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(path);
    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap()
}

impl Shop {
    /// A shop with its seeds.
    pub(crate) async fn open() -> Self {
        let clock = Clock::starting_at("2026-11-24T10:00:05Z".parse().unwrap());
        let cloud = Cloud::builder(clock).build();
        for (table, key) in TABLES {
            create_table(&cloud, table, &[key]).await;
        }
        create_table(&cloud, "events", &["pk", "sk"]).await;
        let ambient = Ambient::with_clock(Arc::new(Follows(clock)), 7);
        let shop = Self { cloud, gateway: PaymentGateway::default(), ambient };
        for table in ["stock", "orders", "order-views"] {
            for item in sample(&format!("seed/{table}.json")).as_array().unwrap() {
                let item = as_item(item);
                shop.cloud
                    .call(Service::DynamoDb, "PutItem", json!({ "TableName": table, "Item": item }))
                    .await
                    .unwrap();
            }
        }
        shop
    }

    /// Runs one invocation: the answer, or the error's type.
    pub(crate) async fn invoke(&self, function: &Function, payload: Value) -> Result<Value, String> {
        let lines = Arc::new(Lines::default());
        let gateway = self.gateway.clone();
        let http = InProcess::new(&self.cloud).host(
            "gateway.test",
            Arc::new(move |request| {
                let gateway = gateway.clone();
                Box::pin(async move { gateway.answer(request).await })
            }),
        );
        let journal = Journal::to(lines, &self.ambient);
        let http = SharedHttpConnector::new(http);
        let world = World::new(settings(), function.name(), http, self.ambient.clone(), journal).unwrap();
        let invocation = Invocation {
            request_id: format!("req-{}", self.ambient.random_u64()),
            deadline: self.ambient.now() + jiff::SignedDuration::from_secs(30),
            function_arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{}", function.name()),
            function_version: "$LATEST".into(),
        };
        function.invoke(&world, payload, invocation).await.map_err(|error| error.error_type)
    }

    /// The response of a step.
    pub(crate) async fn step(&self, function: &Function, payload: Value) -> Result<Value, String> {
        self.invoke(function, payload).await.map(|answer| answer["response"].clone())
    }

    /// An attribute of a row, as DynamoDB has it; null when there is no such row.
    pub(crate) async fn attribute(&self, table: &str, key: &str, name: &str) -> Value {
        let key_name = TABLES.iter().find(|(known, _)| *known == table).unwrap().1;
        let input = json!({ "TableName": table, "Key": { key_name: { "S": key } }, "ConsistentRead": true });
        let answer = self.cloud.call(Service::DynamoDb, "GetItem", input).await.unwrap();
        answer["Item"][name].clone()
    }

    /// The types and sequences of the events that were emitted about an order.
    pub(crate) async fn emitted(&self, order: &str) -> Vec<(String, u64)> {
        let input = json!({
            "TableName": "events", "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": order } },
        });
        let answer = self.cloud.call(Service::DynamoDb, "Query", input).await.unwrap();
        let told = |item: &Value| {
            let event: Value = serde_json::from_str(item["body"]["S"].as_str().unwrap()).unwrap();
            (event["type"].as_str().unwrap().to_owned(), event["sequence"].as_str().unwrap().parse().unwrap())
        };
        answer["Items"].as_array().unwrap().iter().map(told).collect()
    }
}

fn settings() -> Settings {
    let mut variables: BTreeMap<String, String> = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("THROUGHLINE_EVENTS_TABLE", "events"),
        ("THROUGHLINE_IDEMPOTENCY_TABLE", "idempotency"),
        ("THROUGHLINE_BUS", "default"),
        ("THROUGHLINE_SAGA_FULFIL_ORDER", "arn:aws:states:us-east-1:000000000000:stateMachine:fulfil-order"),
        ("PAYMENT_GATEWAY_URL", "http://gateway.test"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (table, _) in TABLES {
        let variable = format!("THROUGHLINE_TABLE_{}", table.to_uppercase().replace('-', "_"));
        variables.insert(variable, table.to_owned());
    }
    Settings::from_map(variables)
}

/// A table with these keys; one with two keys gets the outbox's local index as well.
async fn create_table(cloud: &Cloud, name: &str, keys: &[&str]) {
    let kinds = ["HASH", "RANGE"];
    let schema = |names: &[&str]| -> Vec<Value> {
        names.iter().zip(kinds).map(|(name, kind)| json!({ "AttributeName": name, "KeyType": kind })).collect()
    };
    let mut attributes = keys.to_vec();
    let mut input = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema(keys) });
    if keys.len() == 2 {
        attributes.push("unsent");
        input["LocalSecondaryIndexes"] = json!([{
            "IndexName": "unsent-by-key", "KeySchema": schema(&["pk", "unsent"]), "Projection": { "ProjectionType": "ALL" },
        }]);
    }
    let attributes = attributes.iter().map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    input["AttributeDefinitions"] = attributes.collect();
    cloud.call(Service::DynamoDb, "CreateTable", input).await.unwrap();
}

/// A plain JSON object as an item.
fn as_item(item: &Value) -> Value {
    fn attribute(value: &Value) -> Value {
        match value {
            Value::Null => json!({ "NULL": true }),
            Value::Bool(value) => json!({ "BOOL": value }),
            Value::Number(value) => json!({ "N": value.to_string() }),
            Value::String(value) => json!({ "S": value }),
            Value::Array(items) => json!({ "L": items.iter().map(attribute).collect::<Vec<_>>() }),
            Value::Object(_) => json!({ "M": as_item(value) }),
        }
    }
    item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}
