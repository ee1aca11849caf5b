//! Reading resolved properties. Parameters are text, so numbers and booleans may be too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A property as text.
pub(super) fn text(properties: &Value, name: &str) -> Option<String> {
    properties.get(name).and_then(as_text)
}

pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether a property is true; false when it is not there.
pub(super) fn flag(properties: &Value, name: &str) -> bool {
    text(properties, name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// A document as the text that services take it in.
pub(super) fn document(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A list's items.
pub(super) fn items<'a>(properties: &'a Value, name: &str) -> &'a [Value] {
    properties.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A list of texts.
pub(super) fn texts(properties: &Value, name: &str) -> Vec<String> {
    items(properties, name).iter().filter_map(as_text).collect()
}

/// The properties with these names, with numbers and booleans where text says so.
pub(super) fn picked(properties: &Value, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), typed(properties.get(*name)?)))).collect()
}

/// Text that says a number or a boolean, as one. For inputs of services in which no text looks like that.
pub(super) fn typed(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            "true" | "false" => json!(text == "true"),
            _ => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
        },
        Value::Array(items) => items.iter().map(typed).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), typed(value))).collect(),
        _ => value.clone(),
    }
}

/// The `Tags` of a resource: a list of keys and values.
pub(crate) fn tags(properties: &Value) -> BTreeMap<String, String> {
    let pair = |tag: &Value| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default()));
    items(properties, "Tags").iter().filter_map(pair).collect()
}

/// The tags that are new or have another value, and the keys that are gone.
pub(super) fn tag_changes(old: &Value, new: &Value) -> (BTreeMap<String, String>, Vec<String>) {
    let (old, new) = (tags(old), tags(new));
    let gone = old.keys().filter(|key| !new.contains_key(*key)).cloned().collect();
    (new.into_iter().filter(|(key, value)| old.get(key) != Some(value)).collect(), gone)
}

/// Whether the properties differ in one of these.
pub(super) fn differ(old: &Value, new: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| old.get(*name) != new.get(*name))
}
