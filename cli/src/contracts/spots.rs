//! The places in a sample together with what a schema says about each.

use serde_json::Value;

/// A place in data.
pub(super) struct Spot<'a> {
    /// A JSON pointer; empty for the whole.
    pub(super) pointer: String,
    /// The schema there, its reference followed; none when the schema does not name the place.
    pub(super) schema: Option<&'a Value>,
}

/// Every place of `data`, outermost first.
pub(super) fn of<'a>(schema: &'a Value, data: &Value) -> Vec<Spot<'a>> {
    let mut spots = Vec::new();
    walk(schema, Some(schema), data, String::new(), &mut spots);
    spots
}

fn walk<'a>(root: &'a Value, schema: Option<&'a Value>, data: &Value, pointer: String, spots: &mut Vec<Spot<'a>>) {
    let schema = schema.and_then(|schema| follow(root, schema));
    spots.push(Spot { pointer: pointer.clone(), schema });
    match data {
        Value::Object(members) => {
            for (name, value) in members {
                let under = schema.and_then(|schema| schema.get("properties")?.get(name));
                walk(root, under, value, format!("{pointer}/{}", escape(name)), spots);
            }
        }
        Value::Array(items) => {
            let under = schema.and_then(|schema| schema.get("items"));
            for (at, value) in items.iter().enumerate() {
                walk(root, under, value, format!("{pointer}/{at}"), spots);
            }
        }
        _ => {}
    }
}

/// The schema that a local `$ref` leads to, or the schema itself.
pub(super) fn follow<'a>(root: &'a Value, mut schema: &'a Value) -> Option<&'a Value> {
    // A chain of references longer than this is a circle.
    for _ in 0..16 {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return Some(schema) };
        schema = root.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

/// A member's name in a [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
