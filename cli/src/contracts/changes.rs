//! What changed between two schemas, for people.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Members that say nothing about what is valid.
const ANNOTATIONS: [&str; 9] =
    ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "format"];

/// Whether the two accept the same, as they differ in annotations only.
pub(super) fn same(old: &Value, new: &Value) -> bool {
    between(old, new).is_empty()
}

/// Every place that differs, one line each, by its JSON pointer. Annotations are left out.
pub(super) fn between(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    schemas("", old, new, &mut lines);
    lines
}

fn schemas(at: &str, old: &Value, new: &Value, lines: &mut Vec<String>) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return values(at, old, new, lines) };
    for key in keys(old, new).into_iter().filter(|key| !ANNOTATIONS.contains(key)) {
        let at = format!("{at}/{key}");
        match (key, old.get(key), new.get(key)) {
            ("required", old, new) => required(&at, old, new, lines),
            ("properties" | "$defs" | "patternProperties", Some(Value::Object(old)), Some(Value::Object(new))) => {
                named(&at, old, new, lines);
            }
            (_, Some(old), Some(new)) => schemas(&at, old, new, lines),
            (_, Some(old), None) => lines.push(format!("{at} was {old}, is gone")),
            (_, None, Some(new)) => lines.push(format!("{at} is new: {new}")),
            (_, None, None) => {}
        }
    }
}

/// Schemas by name: the names are not keywords.
fn named(at: &str, old: &Map<String, Value>, new: &Map<String, Value>, lines: &mut Vec<String>) {
    for name in keys(old, new) {
        let at = format!("{at}/{name}");
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => schemas(&at, old, new, lines),
            (Some(_), None) => lines.push(format!("{at} is gone")),
            _ => lines.push(format!("{at} is new")),
        }
    }
}

fn required(at: &str, old: Option<&Value>, new: Option<&Value>, lines: &mut Vec<String>) {
    let (old, new) = (texts(old), texts(new));
    lines.extend(old.difference(&new).map(|name| format!("{at}: `{name}` was required, is not")));
    lines.extend(new.difference(&old).map(|name| format!("{at}: `{name}` is required, was not")));
}

fn values(at: &str, old: &Value, new: &Value, lines: &mut Vec<String>) {
    if old != new {
        lines.push(format!("{at} was {old}, is {new}"));
    }
}

fn texts(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The names of both, the old one's first, each once.
fn keys<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> Vec<&'a str> {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    old.keys().chain(added).map(String::as_str).collect()
}
