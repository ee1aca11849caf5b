//! Schemas from Rust types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};
use throughline_envelope::contract_urn;

/// The schema of what `T` accepts, draft 2020-12.
pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>()
}

/// The schema as a document of its own: with the name that events call it by, and what it describes.
pub(crate) fn document(schema: &Schema, event_type: &str, version: u32) -> Value {
    let mut document = Map::new();
    let members = schema.as_object().cloned().unwrap_or_default();
    document.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("$id".to_owned(), json!(contract_urn(event_type, version)));
    document.insert("title".to_owned(), json!(format!("{event_type} version {version}")));
    if let Some(description) = members.get("description") {
        document.insert("description".to_owned(), description.clone());
    }
    for (name, member) in members {
        document.entry(name).or_insert(member);
    }
    Value::Object(document)
}

/// Where a schema refuses members that it does not name.
pub(crate) fn closed_at(schema: &Value) -> Option<String> {
    fn search(value: &Value, pointer: &str) -> Option<String> {
        match value {
            Value::Object(members) => {
                let closed = |name: &str| members.get(name) == Some(&Value::Bool(false));
                if closed("additionalProperties") || closed("unevaluatedProperties") {
                    return Some(pointer.to_owned());
                }
                members.iter().find_map(|(name, member)| search(member, &format!("{pointer}/{name}")))
            }
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(index, item)| search(item, &format!("{pointer}/{index}")))
            }
            _ => None,
        }
    }
    search(schema, "")
}
