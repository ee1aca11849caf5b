//! JSON as DynamoDB attributes, and back. Numbers keep their digits.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A JSON value as an attribute.
pub(crate) fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(values) => AttributeValue::M(item(values)),
    }
}

/// A JSON object as an item.
pub(crate) fn item(values: &Map<String, Value>) -> Item {
    values.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// An item as a JSON object, its members in the order of their names. Sets become lists, bytes a list of numbers.
pub(crate) fn object(item: &Item) -> Map<String, Value> {
    let mut names: Vec<_> = item.iter().collect();
    names.sort_by_key(|(name, _)| *name);
    names.into_iter().map(|(name, value)| (name.clone(), json(value))).collect()
}

fn json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::N(value) => number(value),
        AttributeValue::S(value) => Value::String(value.clone()),
        AttributeValue::L(values) => values.iter().map(json).collect(),
        AttributeValue::M(values) => Value::Object(object(values)),
        AttributeValue::Ss(values) => values.iter().map(|v| Value::String(v.clone())).collect(),
        AttributeValue::Ns(values) => values.iter().map(|v| number(v)).collect(),
        AttributeValue::B(value) => bytes(value),
        AttributeValue::Bs(values) => values.iter().map(bytes).collect(),
        _ => Value::Null,
    }
}

fn bytes(value: &Blob) -> Value {
    value.as_ref().iter().map(|byte| Value::from(*byte)).collect()
}

/// A number that JSON cannot hold exactly stays text.
fn number(text: &str) -> Value {
    serde_json::from_str::<Number>(text).map_or_else(|_| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_json_says_comes_back_from_an_item() {
        let value =
            json!({ "list": [1, 2.5, "three", true, null], "map": { "deep": { "est": 18446744073709551615_u64 } } });
        let back = object(&item(value.as_object().unwrap()));
        assert_eq!(Value::Object(back), value);
    }

    #[test]
    fn sets_become_lists() {
        let set = Item::from([("s".to_owned(), AttributeValue::Ns(vec!["1".into(), "2".into()]))]);
        assert_eq!(Value::Object(object(&set)), json!({ "s": [1, 2] }));
    }
}
