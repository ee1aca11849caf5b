//! What the registry's folder should hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_envelope::{Ambient, CorrelationId, Event, EventId, RawEvent, TraceContext, contract_urn};

use super::{Entry, Registry};
use crate::{ContractError, Kind};

/// When every generated sample happened: 2026-11-24T10:00:00Z.
const SAMPLE_TIME: i64 = 1_795_514_400;

impl Registry {
    /// The generated files, by their path in the registry's folder.
    ///
    /// # Errors
    /// The first contract that is broken itself.
    pub fn files(&self) -> Result<BTreeMap<PathBuf, String>, ContractError> {
        let mut files = BTreeMap::new();
        for entry in self.entries() {
            let folder = PathBuf::from(&entry.info.event_type);
            files.insert(folder.join("contract.json"), pretty(&contract(entry)));
            for (version, schema) in entry.schemas()? {
                files.insert(folder.join(schema_file(version)), pretty(&schema));
            }
            for (version, sample) in entry.samples()? {
                let event = self.sample(entry, version, sample);
                files.insert(folder.join(format!("samples/v{version}.json")), pretty(&event.to_json()));
            }
        }
        Ok(files)
    }

    /// A whole event around sample data: the same at every call.
    fn sample(&self, entry: &Entry, version: u32, data: Value) -> RawEvent {
        let time = Timestamp::from_second(SAMPLE_TIME).unwrap_or_default();
        let event_type = &entry.info.event_type;
        let seed = TraceContext::derived(&contract_urn(event_type, version));
        let ambient = Ambient::seeded(time, seed_number(&seed));
        let id = EventId::generate(&ambient);
        let subject = entry.info.subject.as_ref().and_then(|pointer| data.pointer(pointer)).and_then(Value::as_str);
        let subject = subject.map(str::to_owned);
        let ordered = subject.clone().filter(|_| entry.info.ordered);
        Event {
            sequence: ordered.as_ref().map(|_| entry.sample_sequence),
            partition_key: ordered,
            subject,
            correlation_id: CorrelationId::derived(&self.source, &id),
            trace: seed,
            id,
            ..Event::root(&ambient, &self.source, event_type, data).with_schema_version(version)
        }
    }
}

fn seed_number(trace: &TraceContext) -> u64 {
    u64::from_str_radix(&trace.span_id.to_string(), 16).unwrap_or_default()
}

/// A contract as `contract.json` tells it.
fn contract(entry: &Entry) -> Value {
    let info = &entry.info;
    let version = |version: &u32| {
        json!({
            "version": version,
            "schema": schema_file(*version),
            "dataschema": contract_urn(&info.event_type, *version),
            "sample": format!("samples/v{version}.json"),
        })
    };
    json!({
        "name": info.event_type,
        "kind": info.kind,
        "owner": info.owner,
        "description": info.description,
        "subject": info.subject,
        "ordered": info.ordered,
        "current": info.version,
        "versions": info.versions.iter().map(version).collect::<Vec<_>>(),
    })
}

/// What a changelog begins as.
pub(super) fn changelog(entry: &Entry) -> String {
    let info = &entry.info;
    let what = match info.kind {
        Kind::Event => "event",
        Kind::Command => "command",
        Kind::Saga => "saga data",
        Kind::Output => "output of a saga's step",
    };
    let mut text = format!("# `{}` ({what})\n\n{}\n", info.event_type, info.description);
    for version in info.versions.iter().rev() {
        text.push_str(&format!("\n## {version}\n\nWhat changed, and why.\n"));
    }
    text
}

pub(super) fn schema_file(version: u32) -> String {
    format!("v{version}.schema.json")
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
