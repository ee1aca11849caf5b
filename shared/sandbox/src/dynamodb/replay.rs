//! The answer to a transaction that was done before, under the same token.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::dispatch;
use super::engine::Engine;
use crate::wire::Answer;

/// Nothing is written again. Where the request asks for it, the answer says the capacity that
/// [reading the items](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html) takes.
pub(super) fn answer(database: &Engine, input: &Value) -> Answer {
    let capacity = input.get("ReturnConsumedCapacity").and_then(Value::as_str).unwrap_or("NONE");
    if capacity == "NONE" {
        return Ok(json!({}));
    }
    let mut keys = Keys { database, of_tables: BTreeMap::new() };
    let actions = input.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
    let actions = actions.filter_map(Value::as_object).flat_map(Map::values);
    let gets: Vec<Value> = actions.filter_map(|action| keys.get(action)).collect();
    let read = json!({ "TransactItems": gets, "ReturnConsumedCapacity": capacity });
    let read = dispatch::run(database, "TransactGetItems", read)?;
    Ok(json!({ "ConsumedCapacity": read.get("ConsumedCapacity") }))
}

struct Keys<'a> {
    database: &'a Engine,
    /// The names of the key attributes.
    of_tables: BTreeMap<String, Vec<String>>,
}

impl Keys<'_> {
    /// A read of the item that an action is about.
    fn get(&mut self, action: &Value) -> Option<Value> {
        let table = action.get("TableName")?.as_str()?;
        let key = match action.get("Key") {
            Some(key) => key.clone(),
            None => {
                let item = action.get("Item")?;
                let names = self.names(table).iter();
                names.filter_map(|name| Some((name.clone(), item.get(name)?.clone()))).collect()
            }
        };
        Some(json!({ "Get": { "TableName": table, "Key": key } }))
    }

    fn names(&mut self, table: &str) -> &[String] {
        let database = self.database;
        self.of_tables.entry(table.to_owned()).or_insert_with(|| {
            let described = dispatch::run(database, "DescribeTable", json!({ "TableName": table })).unwrap_or_default();
            let schema = described.pointer("/Table/KeySchema").and_then(Value::as_array).into_iter().flatten();
            schema.filter_map(|key| Some(key.get("AttributeName")?.as_str()?.to_owned())).collect()
        })
    }
}
