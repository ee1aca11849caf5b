//! Which tables a request writes to.

use serde_json::Value;

/// The tables that a request may have written to.
pub(super) enum Written {
    Tables(Vec<String>),
    Any,
}

impl Written {
    pub(super) fn includes(&self, table: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tables(tables) => tables.iter().any(|t| t == table),
        }
    }
}

pub(super) fn of(operation: &str, input: &Value) -> Written {
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => Written::Tables(table(input).into_iter().collect()),
        "BatchWriteItem" => {
            let items = input.get("RequestItems").and_then(Value::as_object);
            Written::Tables(items.into_iter().flat_map(|items| items.keys().cloned()).collect())
        }
        "TransactWriteItems" => {
            let items = input.get("TransactItems").and_then(Value::as_array);
            let actions = items.into_iter().flatten().filter_map(Value::as_object).flat_map(|item| item.values());
            Written::Tables(actions.filter_map(table).collect())
        }
        "ExecuteStatement" | "ExecuteTransaction" | "BatchExecuteStatement" => Written::Any,
        _ => Written::Tables(Vec::new()),
    }
}

fn table(input: &Value) -> Option<String> {
    input.get("TableName").and_then(Value::as_str).map(str::to_owned)
}
