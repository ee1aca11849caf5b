//! To the wire.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Event;

/// How our data schemas begin.
pub(super) const URN: &str = "urn:throughline:contract:";

/// The `dataschema` of a version of a contract.
#[must_use]
pub fn contract_urn(event_type: &str, version: u32) -> String {
    format!("{URN}{event_type}:{version}")
}

impl Event<Value> {
    /// The CloudEvent in structured JSON mode, members in a fixed order.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("specversion", json!("1.0"));
        put("id", json!(self.id));
        put("source", json!(self.source));
        put("type", json!(self.event_type));
        if let Some(subject) = &self.subject {
            put("subject", json!(subject));
        }
        put("time", json!(format!("{:.9}", self.time)));
        put("datacontenttype", json!("application/json"));
        put("dataschema", json!(contract_urn(&self.event_type, self.schema_version)));
        put("schemaversion", json!(self.schema_version));
        put("correlationid", json!(self.correlation_id));
        if let Some(causation_id) = &self.causation_id {
            put("causationid", json!(causation_id));
        }
        put("traceparent", json!(self.trace.traceparent()));
        if let Some(state) = &self.trace.state {
            put("tracestate", json!(state));
        }
        if let Some(partition_key) = &self.partition_key {
            put("partitionkey", json!(partition_key));
        }
        if let Some(sequence) = self.sequence {
            put("sequence", json!(format!("{sequence:020}")));
        }
        put("data", self.data.clone());
        Value::Object(members)
    }

    /// How many bytes the wire form has.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.to_json().to_string().len()
    }
}

impl Serialize for Event<Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}
