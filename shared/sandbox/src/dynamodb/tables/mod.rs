//! What we know of a table and dynoxide does not: its id and the time it was made, what its stream shows, its
//! encryption, its warm throughput.

mod capacity;
mod concerns;
mod encryption;
mod stream;

use serde_json::{Value, json};

pub(super) use self::stream::View;
use super::dispatch;
use super::engine::Engine;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

pub(super) struct Facts {
    id: String,
    created: f64,
    pub(super) recovery: bool,
    pub(super) insights: Option<super::insights::Insights>,
    stream: stream::Facts,
    key: Option<String>,
    capacity: capacity::Facts,
}

/// What a request to create or to change a table asks of us, and not of dynoxide.
#[derive(Default)]
pub(super) struct Asked {
    stream: Option<stream::Change>,
    encryption: Option<encryption::Change>,
    capacity: capacity::Change,
}

/// Members of global tables.
const GLOBAL: &[&str] = &["ReplicaUpdates", "GlobalTableWitnessUpdates", "MultiRegionConsistency"];

/// Takes from a request to create or to change a table what dynoxide does not know, and refuses what AWS refuses.
pub(super) fn take(cloud: &Cloud, operation: &str, input: &mut Value) -> Result<Asked, ServiceError> {
    let changes = match operation {
        "CreateTable" => false,
        "UpdateTable" => true,
        _ => return Ok(Asked::default()),
    };
    if let Some(global) = GLOBAL.iter().find(|name| input.get(**name).is_some_and(|value| !value.is_null())) {
        let message = format!("{global} is not supported by the local cloud: a table is in one region");
        return Err(ServiceError::new("ValidationException", message));
    }
    if changes {
        concerns::check(input)?;
    }
    let name = input.get("TableName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let state = cloud.dynamodb().state();
    let facts = state.tables.get(&name).filter(|_| changes);
    Ok(Asked {
        stream: stream::take(&name, facts.map(|facts| &facts.stream), input)?,
        encryption: encryption::take(cloud, facts.map(|facts| facts.key.as_deref()), input)?,
        capacity: capacity::take(facts.map(|facts| &facts.capacity), input)?,
    })
}

/// Runs a change of a table. One that is none for dynoxide describes the table.
pub(super) fn update(database: &Engine, input: Value, asked: &Asked) -> Answer {
    let ours = asked.encryption.is_some() || asked.capacity.asked();
    let theirs = input.as_object().is_some_and(|members| members.keys().any(|name| name != "TableName"));
    if !ours || theirs {
        return dispatch::run(database, "UpdateTable", input);
    }
    let mut described = dispatch::run(database, "DescribeTable", input)?;
    Ok(json!({ "TableDescription": described.get_mut("Table").map(Value::take) }))
}

/// Puts our facts into an answer that describes a table.
pub(super) fn own_facts(cloud: &Cloud, operation: &str, asked: &Asked, output: &mut Value) {
    for member in ["TableDescription", "Table"] {
        let Some(table) = output.get_mut(member) else { continue };
        let Some(name) = table.get("TableName").and_then(Value::as_str).map(str::to_owned) else { continue };
        let new = (operation == "CreateTable").then(|| Facts::new(cloud));
        let mut state = cloud.dynamodb().state();
        if let Some(facts) = new {
            state.tables.insert(name.clone(), facts);
        }
        let Some(facts) = state.tables.get_mut(&name) else { continue };
        facts.describe(operation, asked, seconds(cloud), table);
        if operation == "DeleteTable" {
            state.tables.remove(&name);
        }
    }
}

impl Facts {
    fn new(cloud: &Cloud) -> Self {
        Self {
            id: cloud.uuid().to_string(),
            created: seconds(cloud),
            recovery: false,
            insights: None,
            stream: stream::Facts::default(),
            key: None,
            capacity: capacity::Facts::default(),
        }
    }

    fn describe(&mut self, operation: &str, asked: &Asked, now: f64, table: &mut Value) {
        set_member(table, "TableId", self.id.as_str());
        if table.get("CreationDateTime").is_some() {
            set_member(table, "CreationDateTime", self.created);
        }
        if table.get("DeletionProtectionEnabled").is_none() {
            set_member(table, "DeletionProtectionEnabled", false);
        }
        self.stream.describe(asked.stream, table);
        encryption::describe(&mut self.key, operation, asked.encryption.as_ref(), table);
        self.capacity.describe(operation, &asked.capacity, now, table);
    }

    /// What records of the table's stream show.
    pub(super) fn view(&self) -> View {
        self.stream.view()
    }
}

pub(super) fn seconds(cloud: &Cloud) -> f64 {
    cloud.clock().now().as_duration().as_secs_f64()
}

fn invalid(message: impl AsRef<str>) -> ServiceError {
    let message = format!("One or more parameter values were invalid: {}", message.as_ref());
    ServiceError::new("ValidationException", message)
}

fn not_one_of(value: &str, place: &str, set: &str) -> ServiceError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy \
         enum value set: [{set}]"
    );
    ServiceError::new("ValidationException", message)
}

/// The answer to `DescribeEndpoints`, which some SDKs ask first.
pub(super) fn endpoints(cloud: &Cloud) -> Value {
    let address = cloud.endpoint().trim_start_matches("http://");
    json!({ "Endpoints": [{ "Address": address, "CachePeriodInMinutes": 1440 }] })
}
