//! The rows of a table, as they were at one moment.

use serde_json::Value;
use throughline_sandbox::dynamodb::StoredItem;

use super::item::row;

/// Rows, and the items that they were read from, both in the order of their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    items: Vec<StoredItem>,
    rows: Vec<Value>,
}

impl Table {
    /// A table that was not read from anywhere.
    pub(super) fn of(rows: Vec<Value>) -> Self {
        Self { items: Vec::new(), rows }
    }

    /// The rows of these items. A row whose item is as it was before is not read again: most are.
    pub(super) fn read(items: Vec<StoredItem>, before: Self) -> Self {
        let mut known = before.items.into_iter().zip(before.rows).peekable();
        let rows = items.iter().map(|item| {
            while known.next_if(|(old, _)| old.key < item.key).is_some() {}
            match known.next_if(|(old, _)| old == item) {
                Some((_, row)) => row,
                None => serde_json::from_str(&item.json).map_or(Value::Null, row),
            }
        });
        let rows = rows.collect();
        Self { items, rows }
    }

    pub(super) fn rows(&self) -> &[Value] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use throughline_sandbox::{Clock, Cloud, Service};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn rows_that_changed_came_or_went_are_read_and_the_others_kept() {
        let cloud = Cloud::builder(Clock::starting_at(jiff::Timestamp::UNIX_EPOCH)).build();
        let call = async |operation: &str, input: Value| cloud.call(Service::DynamoDb, operation, input).await.unwrap();
        let key = json!([{ "AttributeName": "id", "KeyType": "HASH" }]);
        let named = json!([{ "AttributeName": "id", "AttributeType": "S" }]);
        let table = json!({ "TableName": "rows", "KeySchema": key, "AttributeDefinitions": named, "BillingMode": "PAY_PER_REQUEST" });
        call("CreateTable", table).await;
        let item = |id: &str, value: u32| json!({ "id": { "S": id }, "value": { "N": value.to_string() } });
        for id in ["b", "d", "a"] {
            call("PutItem", json!({ "TableName": "rows", "Item": item(id, 1) })).await;
        }
        let first = Table::read(cloud.items("rows").unwrap(), Table::default());
        let row = |id: &str, value: u32| json!({ "id": id, "value": value });
        assert_eq!(first.rows(), [row("a", 1), row("b", 1), row("d", 1)]);
        call("PutItem", json!({ "TableName": "rows", "Item": item("b", 2) })).await;
        call("PutItem", json!({ "TableName": "rows", "Item": item("c", 1) })).await;
        call("DeleteItem", json!({ "TableName": "rows", "Key": { "id": { "S": "a" } } })).await;
        let second = Table::read(cloud.items("rows").unwrap(), first);
        assert_eq!(second.rows(), [row("b", 2), row("c", 1), row("d", 1)]);
        assert_eq!(cloud.items("none").unwrap_err().code, "ResourceNotFoundException");
    }
}
