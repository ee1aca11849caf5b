//! Eventually consistent reads that lag behind.
//!
//! A read that is not strongly consistent, and every read from a global index,
//! [may not show what was just written](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html).
//! The local cloud always shows it. So, while a table lags, it is written down what a write replaced; for a read that may be stale
//! what was replaced lately is put back, the cloud is asked, and the present is put back. Nothing else runs in between: the cloud
//! answers DynamoDB's operations at once.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use throughline_sandbox::connector::InProcess as Http;
use throughline_sandbox::template::Topology;
use throughline_sandbox::{Cloud, Service};

use crate::workflow::plan::{Fault, Plan};

type Answer = Result<HttpResponse, ConnectorError>;

/// How long a table lags. The relay reads once a minute.
const LASTS: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(300));
/// By how much.
const BEHIND: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A table that lags for a while.
#[derive(Debug)]
struct Lag {
    table: String,
    /// The names of its key's attributes.
    keys: Vec<String>,
    time: Range<Timestamp>,
    behind: SignedDuration,
}

/// What a write replaced.
#[derive(Debug, Clone)]
struct Version {
    table: String,
    key: Value,
    at: Timestamp,
    before: Option<Value>,
}

/// The tables that lag.
#[derive(Debug, Default)]
pub(crate) struct Lags {
    lags: Vec<Lag>,
    versions: Mutex<Vec<Version>>,
}

impl Lags {
    /// Those of a run whose work begins within `span`.
    pub(crate) fn all(plan: &Plan, topology: &Topology, stack: &str, span: Duration) -> Self {
        let lag = |(name, definition): (&String, &Value)| {
            let short = name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
            let site = plan.site(short, "reads", None);
            let time = plan.window(Fault::StaleRead, &site, span, LASTS)?;
            let behind = plan.time(Fault::StaleRead, &site, BEHIND.0, BEHIND.1);
            Some(Lag::new(name, definition, time, behind))
        };
        let tables = topology.tables.iter().map(|table| (&table.name, &table.definition));
        Self { lags: tables.filter_map(lag).collect(), versions: Mutex::default() }
    }

    /// Sends a request to the cloud. What it reads may be stale; what it writes is remembered for reads that are.
    pub(super) async fn call(&self, cloud: &Cloud, http: &Http, request: HttpRequest) -> Answer {
        let now = cloud.clock().now();
        if !self.lags.iter().any(|lag| lag.remembers(now)) {
            return http.call(request).await;
        }
        let Some(operation) =
            request.headers().get("x-amz-target").and_then(|name| name.strip_prefix("DynamoDB_20120810."))
        else {
            return http.call(request).await;
        };
        let input: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        if let Some(lag) = self.stale(operation, &input, now) {
            return self.in_the_past(cloud, lag, now, http.call(request)).await;
        }
        let mut replaced = Vec::new();
        for (table, key) in self.written(operation, &input, now) {
            let before = item(cloud, &table, &key).await?;
            replaced.push(Version { table, key, at: now, before });
        }
        let answer = http.call(request).await?;
        if answer.status().is_success() {
            self.remember(replaced);
        }
        Ok(answer)
    }

    /// The lag of a read that may be stale.
    fn stale(&self, operation: &str, input: &Value, now: Timestamp) -> Option<&Lag> {
        let reads = ["GetItem", "Query", "Scan"].contains(&operation);
        if !reads || input.get("ConsistentRead").and_then(Value::as_bool).unwrap_or_default() {
            return None;
        }
        let table = input.get("TableName")?.as_str()?;
        self.lags.iter().find(|lag| lag.table == table && lag.time.contains(&now))
    }

    /// The items that a request writes into tables that lag, each by table and key.
    fn written(&self, operation: &str, input: &Value, now: Timestamp) -> Vec<(String, Value)> {
        let writes: Vec<(&str, &Value)> = match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => vec![(text(input, "TableName"), input)],
            "TransactWriteItems" => {
                let items = input.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
                let writes = items.filter_map(|item| item.as_object()?.values().next());
                writes.map(|write| (text(write, "TableName"), write)).collect()
            }
            "BatchWriteItem" => {
                let tables = input.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
                let requests = tables.flat_map(|(table, requests)| {
                    let requests = requests.as_array().into_iter().flatten();
                    requests.filter_map(|request| Some((table.as_str(), request.as_object()?.values().next()?)))
                });
                requests.collect()
            }
            _ => Vec::new(),
        };
        let lag = |table: &str| self.lags.iter().find(|lag| lag.table == table && lag.remembers(now));
        writes.into_iter().filter_map(|(table, write)| Some((table.to_owned(), lag(table)?.key(write)?))).collect()
    }

    fn remember(&self, replaced: Vec<Version>) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = SignedDuration::try_from(BEHIND.1).unwrap_or_default();
        if let Some(newest) = replaced.first().map(|version| version.at) {
            versions.retain(|version| newest.duration_since(version.at) <= longest);
        }
        versions.extend(replaced);
    }

    /// What was replaced in a table since then, the newest first.
    fn replaced_since(&self, table: &str, then: Timestamp) -> Vec<Version> {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.iter().rev().filter(|version| version.table == table && version.at > then).cloned().collect()
    }

    /// Reads the table as it was.
    async fn in_the_past(
        &self,
        cloud: &Cloud,
        lag: &Lag,
        now: Timestamp,
        read: impl Future<Output = Answer>,
    ) -> Answer {
        let replaced = self.replaced_since(&lag.table, now - lag.behind);
        let asked = async {
            let mut present = Vec::new();
            for version in &replaced {
                present.push((&version.key, item(cloud, &lag.table, &version.key).await?));
                put(cloud, &lag.table, &version.key, version.before.as_ref()).await?;
            }
            let answer = read.await;
            for (key, image) in present.iter().rev() {
                put(cloud, &lag.table, key, image.as_ref()).await?;
            }
            answer
        };
        asked.now_or_never().unwrap_or_else(|| Err(other("DynamoDB did not answer at once")))
    }
}

impl Lag {
    fn new(table: &str, definition: &Value, time: Range<Timestamp>, behind: Duration) -> Self {
        let schema = definition.get("KeySchema").and_then(Value::as_array).into_iter().flatten();
        let keys = schema.map(|part| text(part, "AttributeName").to_owned()).collect();
        Self { table: table.to_owned(), keys, time, behind: SignedDuration::try_from(behind).unwrap_or_default() }
    }

    /// Whether what is written now may be read in its old state.
    fn remembers(&self, now: Timestamp) -> bool {
        self.time.start - self.behind <= now && now < self.time.end
    }

    /// The key of the item that a write is about; none where it only checks.
    fn key(&self, write: &Value) -> Option<Value> {
        let of = write.get("Item").or_else(|| write.get("Key"))?;
        let key: Option<Map<_, _>> = self.keys.iter().map(|name| Some((name.clone(), of.get(name)?.clone()))).collect();
        key.map(Value::Object)
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

async fn item(cloud: &Cloud, table: &str, key: &Value) -> Result<Option<Value>, ConnectorError> {
    let input = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
    let answer = cloud.call(Service::DynamoDb, "GetItem", input).await.map_err(other)?;
    Ok(answer.get("Item").cloned())
}

async fn put(cloud: &Cloud, table: &str, key: &Value, image: Option<&Value>) -> Result<(), ConnectorError> {
    let (operation, input) = match image {
        Some(item) => ("PutItem", json!({ "TableName": table, "Item": item })),
        None => ("DeleteItem", json!({ "TableName": table, "Key": key })),
    };
    cloud.call(Service::DynamoDb, operation, input).await.map(|_| ()).map_err(other)
}

fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConnectorError {
    ConnectorError::other(error.into(), None)
}
