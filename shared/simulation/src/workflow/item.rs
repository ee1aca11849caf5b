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
pub(crate) fn row(item: Value) -> Value {
    let Value::Object(mut members) = item else { return Value::Null };
    if !members.keys().is_sorted() {
        members.sort_keys();
    }
    members.values_mut().for_each(|value| *value = plain(value.take()));
    Value::Object(members)
}

fn plain(attribute: Value) -> Value {
    let Value::Object(members) = attribute else { return Value::Null };
    let Some((kind, value)) = members.into_iter().next() else { return Value::Null };
    match kind.as_str() {
        "S" | "B" | "BOOL" => value,
        "N" => number(&value),
        "L" => each(value, plain),
        "SS" | "BS" => each(value, |text| text),
        "NS" => each(value, |text| number(&text)),
        "M" => row(value),
        _ => Value::Null,
    }
}

fn each(values: Value, read: fn(Value) -> Value) -> Value {
    let Value::Array(values) = values else { return Value::Array(Vec::new()) };
    Value::Array(values.into_iter().map(read).collect())
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
        assert_eq!(row(Value::Object(item(written.as_object().unwrap()))), written);
        let sets = row(json!({ "s": { "SS": ["a"] }, "n": { "NS": ["1"] } }));
        assert_eq!(sets, json!({ "n": [1], "s": ["a"] }));
        assert_eq!(sets.to_string(), r#"{"n":[1],"s":["a"]}"#, "in the order of names");
    }
}
