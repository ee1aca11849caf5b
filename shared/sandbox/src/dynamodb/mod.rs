//! DynamoDB and DynamoDB Streams, by `dynoxide-rs`.
//!
//! Dynoxide, or the direct path on its tables, does what an operation does; this module gives it our clock and ids, AWS's names for
//! what it calls otherwise (ARNs, stream labels, shard ids), a stable order of members, and tells readers of a stream that it grew.

mod backups;
mod clock;
mod contents;
mod direct;
mod dispatch;
mod engine;
mod errors;
mod expiry;
mod insights;
mod names;
mod records;
mod replay;
mod shards;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;
mod writes;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

pub use contents::StoredItem;
pub use direct::KnownExpressions;
use engine::Engine;
use tokens::Turn;

use crate::clock::Clock;
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// How often expired items are deleted, in milliseconds of the cloud's clock.
/// AWS [deletes them within a few days](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html).
const SWEEP_EVERY: i64 = 60_000;

/// And while a client reads a stream, and so may wait for them.
const SWEEP_FOR_READERS_EVERY: i64 = 5_000;

/// State of the service.
pub struct DynamoDb {
    database: Result<Engine, String>,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tables: BTreeMap<String, tables::Facts>,
    tokens: tokens::Tokens,
    changes: BTreeMap<String, watch::Sender<u64>>,
    swept_at: i64,
}

/// How many requests on items, of the kinds that the direct path knows, were served which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// On the direct path.
    pub directly: u64,
    /// By dynoxide: expressions that are new, and whatever the direct path does not understand or finds invalid.
    pub handed_over: u64,
}

impl DynamoDb {
    pub(crate) fn new(clock: Clock, known: KnownExpressions) -> Self {
        let database = Engine::new(clock, known).map_err(|e| e.to_string());
        let state = State { swept_at: clock.now_millis(), ..State::default() };
        Self { database, clock, state: Mutex::new(state) }
    }

    /// Changes whenever something was written to `table`: the time to read its stream. The value counts writes.
    pub fn changes(&self, table: &str) -> watch::Receiver<u64> {
        let mut state = self.state();
        state.changes.entry(table.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// How requests on items were served so far.
    pub fn served(&self) -> Served {
        self.database.as_ref().map(Engine::served).unwrap_or_default()
    }

    /// Deletes the items whose time to live is over. Every call does this first when the last time is a minute ago,
    /// or five seconds when it reads a stream; a reader in this process that wants deletions while nothing else happens calls it itself.
    pub fn sweep(&self) {
        self.state().swept_at = self.clock.now_millis();
        let Ok(database) = &self.database else { return };
        let now = self.clock.now_millis().div_euclid(1_000);
        let swept = database.run(async |storage| match expiry::is_due(storage, now)? {
            true => dynoxide::ttl::sweep_expired_items(storage).await,
            false => Ok(0),
        });
        match swept {
            Ok(0) => {}
            Ok(_) => self.announce(&writes::Written::Any),
            Err(error) => tracing::error!(%error, "expired items could not be deleted"),
        }
    }

    /// Deletes every table, protected ones too.
    pub(crate) fn reset(&self) {
        let Ok(database) = &self.database else { return };
        // A page of names has a hundred.
        while delete_page(database) {}
        *self.state() = State { swept_at: self.clock.now_millis(), ..State::default() };
    }

    fn sweep_if_due(&self, every: i64) {
        let due = self.clock.now_millis() - self.state().swept_at >= every;
        if due {
            self.sweep();
        }
    }

    fn announce(&self, written: &writes::Written) {
        for (table, changes) in &self.state().changes {
            if written.includes(table) {
                changes.send_modify(|count| *count += 1);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self) -> Result<&Engine, ServiceError> {
        self.database.as_ref().map_err(|e| ServiceError::new("InternalServerError", e.clone()).status(500))
    }
}

/// Deletes the tables of one page; false when none was left or none could be deleted.
fn delete_page(database: &Engine) -> bool {
    let listed = dispatch::run(database, "ListTables", json!({})).unwrap_or_default();
    let names = listed.get("TableNames").and_then(Value::as_array).cloned().unwrap_or_default();
    let delete = |name: &Value| {
        let open = json!({ "TableName": name, "DeletionProtectionEnabled": false });
        let _ = dispatch::run(database, "UpdateTable", open);
        let deleted = dispatch::run(database, "DeleteTable", json!({ "TableName": name }));
        deleted.inspect_err(|error| tracing::error!(?error, %name, "a table could not be deleted")).is_ok()
    };
    names.iter().map(delete).filter(|deleted| *deleted).count() > 0
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, mut input: Value) -> Answer {
    let service = cloud.dynamodb();
    service.sweep_if_due(SWEEP_EVERY);
    names::inward(cloud, &mut input);
    match operation {
        "UpdateContinuousBackups" => return backups::update(service, &input),
        "DescribeContinuousBackups" => return backups::describe(service, &input),
        "UpdateContributorInsights" => return insights::update(cloud, &input),
        "DescribeContributorInsights" => return insights::describe(service, &input),
        "DescribeEndpoints" => return Ok(tables::endpoints(cloud)),
        _ => {}
    }
    let asked = tables::take(cloud, operation, &mut input)?;
    let mut output = run(service, operation, input, &asked).map_err(|e| names::error(cloud, e))?;
    names::outward(cloud, &mut output);
    tables::own_facts(cloud, operation, &asked, &mut output);
    if !is_sorted(&output) {
        output.sort_all_objects();
    }
    if let Some(Value::Array(tables)) = output.get_mut("ConsumedCapacity") {
        tables.sort_by_key(|table| table.get("TableName").map(Value::to_string));
    }
    Ok(output)
}

/// Whether the members of all objects are in order: mostly they are, and sorting costs more than looking.
fn is_sorted(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.keys().is_sorted() && members.values().all(is_sorted),
        Value::Array(items) => items.iter().all(is_sorted),
        _ => true,
    }
}

/// Runs an operation, a transaction with a token once.
fn run(service: &DynamoDb, operation: &str, mut input: Value, asked: &tables::Asked) -> Answer {
    let database = service.database()?;
    let token = match tokens::enter(service, operation, &mut input)? {
        Turn::Now(token) => token,
        Turn::Before => return replay::answer(database, &input),
        Turn::Answered(answer) => return Ok(answer),
    };
    let written = writes::of(operation, &input);
    let answer = match operation {
        "UpdateTable" => tables::update(database, input, asked),
        _ => dispatch::run(database, operation, input),
    };
    if let Some(token) = token {
        tokens::leave(service, &token, answer.as_ref().ok());
    }
    if answer.is_ok() {
        service.announce(&written);
    }
    answer
}

pub(crate) async fn call_streams(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    if !dispatch::STREAMS.contains(&operation) {
        return Err(ServiceError::unsupported(Service::DynamoDbStreams, operation));
    }
    let service = cloud.dynamodb();
    service.sweep_if_due(SWEEP_FOR_READERS_EVERY);
    let answer = match operation {
        "GetRecords" => records::read(cloud, &input),
        _ => of_shards(cloud, operation, input),
    };
    let mut output = answer.map_err(|e| names::error(cloud, e))?;
    output.sort_all_objects();
    Ok(output)
}

fn of_shards(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let service = cloud.dynamodb();
    let request = shards::inward(cloud, operation, input)?;
    let mut output = dispatch::run_streams(service.database()?, operation, request.input.clone())?;
    names::outward(cloud, &mut output);
    let state = service.state();
    shards::outward(&request, state.tables.get(shards::asked_for(&request)), &mut output);
    Ok(output)
}

impl fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDb").finish_non_exhaustive()
    }
}
