//! The places in a sample together with what a schema says about each.

use serde_json::Value;

/// A place in data.
pub(super) struct Spot<'a> {
    /// A JSON pointer; empty for the whole.
    pub(super) pointer: String,
    /// The schema there, its reference followed; none when the schema does not name the place.
    pub(super) schema: Option<&'a Value>,
    /// Whether it is a member that the schema could have named and did not.
    pub(super) unnamed: bool,
}

impl<'a> Spot<'a> {
    /// The members that the schema names here.
    pub(super) fn properties(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.schema.and_then(|schema| schema.get("properties")?.as_object()).into_iter().flatten()
    }
}

/// Every place of `data`, outermost first.
pub(super) fn of<'a>(schema: &'a Value, data: &Value) -> Vec<Spot<'a>> {
    let mut spots = Vec::new();
    let whole = Spot { pointer: String::new(), schema: follow(schema, schema), unnamed: false };
    walk(schema, whole, data, &mut spots);
    spots
}

fn walk<'a>(root: &'a Value, spot: Spot<'a>, data: &Value, spots: &mut Vec<Spot<'a>>) {
    let (pointer, schema) = (spot.pointer.clone(), spot.schema);
    spots.push(spot);
    match data {
        Value::Object(members) => {
            let names =
                schema.is_some_and(|s| s.get("properties").is_some() && s.get("additionalProperties").is_none());
            for (name, value) in members {
                let named = schema.and_then(|schema| schema.get("properties")?.get(name));
                let schema = named.and_then(|named| follow(root, named));
                let pointer = format!("{pointer}/{}", escape(name));
                walk(root, Spot { pointer, schema, unnamed: names && named.is_none() }, value, spots);
            }
        }
        Value::Array(items) => {
            let schema = schema.and_then(|schema| follow(root, schema.get("items")?));
            for (at, value) in items.iter().enumerate() {
                walk(root, Spot { pointer: format!("{pointer}/{at}"), schema, unnamed: false }, value, spots);
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
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
