//! DynamoDB's items as plain JSON, and back.

use serde_json::{Map, Number, Value, json};

/// Plain JSON as DynamoDB's wire has it.
pub(crate) fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(members) => json!({ "M": item(members) }),
    }
}

/// A row as an item.
pub(crate) fn item(row: &Map<String, Value>) -> Map<String, Value> {
    row.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// An item as a row, its members in the order of their names. Sets become lists; binary stays text in base64.
pub(crate) fn row(item: &Value) -> Value {
    let Value::Object(attributes) = item else { return Value::Null };
    let mut members: Vec<_> = attributes.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::Object(members.into_iter().collect())
}

fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    let items = |read: fn(&Value) -> Value| value.as_array().into_iter().flatten().map(read).collect();
    match kind.as_str() {
        "S" | "B" | "BOOL" => value.clone(),
        "N" => number(value),
        "L" => Value::Array(items(plain)),
        "SS" | "BS" => Value::Array(items(Value::clone)),
        "NS" => Value::Array(items(number)),
        "M" => row(value),
        _ => Value::Null,
    }
}

fn number(value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    serde_json::from_str::<Number>(text).map_or_else(|_| text.into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was() {
        let written = json!({ "a": 1, "b": [true, null, "x"], "c": { "d": 2.5 } });
        assert_eq!(row(&Value::Object(item(written.as_object().unwrap()))), written);
        assert_eq!(row(&json!({ "s": { "SS": ["a"] }, "n": { "NS": ["1"] } })), json!({ "n": [1], "s": ["a"] }));
    }
}
