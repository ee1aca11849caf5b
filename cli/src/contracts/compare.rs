//! Whether a schema changed compatibly.
//!
//! Events are kept and replayed, and consumers are deployed before or after publishers. So both must hold: consumers of the
//! old schema accept events of the new one, and consumers of the new schema accept stored events of the old one.

use std::path::Path;

use jsoncompat::{CompatibilityResult, Role, SchemaDocument, analyze_compat};
use serde::Serialize;
use serde_json::Value;

use super::witness::{self, Pair, Witness};
use super::{changes, folder};
use crate::error::CliError;

/// A schema that changed incompatibly.
#[derive(Debug, Serialize)]
pub(super) struct Incompatible {
    /// The schema, in the registry.
    pub(super) schema: String,
    /// Who no longer understands whom.
    pub(super) direction: Direction,
    /// What changed in the schema, one line each.
    pub(super) changes: Vec<String>,
    /// An event that shows it. Without one, the change could not be shown to be compatible.
    pub(super) witness: Option<Witness>,
    /// Why there is no witness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// Who no longer understands whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// An event of the new schema is refused by a consumer of the old one.
    NewEventOldConsumer,
    /// A stored event of the old schema is refused by a consumer of the new one.
    OldEventNewConsumer,
    /// The schema is gone: its events are refused as of an unknown version.
    Deleted,
}

/// Compares the schema `path` of the registry with what it was.
pub(super) fn file(registry: &Path, path: &str, old: &Value) -> Result<Vec<Incompatible>, CliError> {
    let samples = witness::samples(registry, path)?;
    let Some(new) = folder::json(&registry.join(path))? else {
        return Ok(vec![deleted(path, samples.into_iter().next())]);
    };
    if changes::same(old, &new) {
        return Ok(Vec::new());
    }
    let (before, after) = match (document(old), document(&new)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(why), _) | (_, Err(why)) => {
            return Ok(vec![unproven(path, old, &new, why)]);
        }
    };
    let ways = [
        (Role::Serializer, Direction::NewEventOldConsumer, Pair { accepts: &new, refuses: old, named: false }),
        (Role::Deserializer, Direction::OldEventNewConsumer, Pair { accepts: old, refuses: &new, named: true }),
    ];
    let mut found = Vec::new();
    for (role, direction, pair) in ways {
        let (proved, reason) = match analyze_compat(&before, &after, role) {
            Ok(CompatibilityResult::Compatible) => continue,
            Ok(CompatibilityResult::Incompatible { counterexample, .. }) => (Some(counterexample), None),
            Ok(CompatibilityResult::Unknown { reason }) => (None, Some(reason)),
            Err(error) => (None, Some(error.to_string())),
        };
        let witness = witness::find(pair, &samples, proved.as_ref());
        let reason = reason.filter(|_| witness.is_none());
        let changes = changes::between(old, &new);
        found.push(Incompatible { schema: path.to_owned(), direction, changes, witness, reason });
    }
    // What is shown counts; what could only not be ruled out would blur it.
    if found.iter().any(|found| found.witness.is_some()) {
        found.retain(|found| found.witness.is_some());
    }
    Ok(found)
}

fn document(schema: &Value) -> Result<SchemaDocument, String> {
    SchemaDocument::from_json(schema).map_err(|error| error.to_string())
}

fn deleted(path: &str, sample: Option<Value>) -> Incompatible {
    let refused = vec!["the version is unknown".to_owned()];
    Incompatible {
        schema: path.to_owned(),
        direction: Direction::Deleted,
        changes: vec!["the schema was deleted".to_owned()],
        witness: sample.map(|event| Witness { event, refused }),
        reason: None,
    }
}

/// A schema that the prover cannot read.
fn unproven(path: &str, old: &Value, new: &Value, reason: String) -> Incompatible {
    Incompatible {
        schema: path.to_owned(),
        direction: Direction::NewEventOldConsumer,
        changes: changes::between(old, new),
        witness: None,
        reason: Some(reason),
    }
}
