//! Tables.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableStatus,
};
use throughline_conformance::Account;

use super::eventually;

/// An item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A table of a case: partition key `pk`, sort key `sk`, both strings.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) dynamodb: Client,
    pub(crate) name: String,
    /// Its stream; empty without one.
    pub(crate) stream: String,
}

/// A string.
pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number.
pub(crate) fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item with this key and further attributes.
pub(crate) fn item(pk: &str, sk: &str, attributes: &[(&str, AttributeValue)]) -> Item {
    let key = [("pk", s(pk)), ("sk", s(sk))];
    key.into_iter().chain(attributes.iter().cloned()).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A table without a stream.
pub(crate) async fn table(t: &Account) -> Table {
    create(t, None).await
}

/// A table whose stream has both images.
pub(crate) async fn streamed_table(t: &Account) -> Table {
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
    create(t, Some(stream.build().unwrap())).await
}

async fn create(t: &Account, stream: Option<StreamSpecification>) -> Table {
    let name = t.name("table");
    let attribute = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let request = t.dynamodb.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
    let request = request.attribute_definitions(attribute("pk")).attribute_definitions(attribute("sk"));
    let request = request.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
    let request = request.set_stream_specification(stream);
    let table = request.send().await.unwrap().table_description.unwrap();
    t.at_end(t.dynamodb.delete_table().table_name(&name).send());
    let table = Table { dynamodb: t.dynamodb.clone(), name, stream: table.latest_stream_arn.unwrap_or_default() };
    eventually(t, "an active table", async || {
        let answer = table.dynamodb.describe_table().table_name(&table.name).send().await.unwrap();
        (answer.table?.table_status? == TableStatus::Active).then_some(())
    })
    .await;
    table
}

impl Table {
    pub(crate) async fn put(&self, item: Item) {
        self.dynamodb.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    pub(crate) async fn get(&self, pk: &str, sk: &str) -> Option<Item> {
        let request = self.dynamodb.get_item().table_name(&self.name).set_key(Some(item(pk, sk, &[])));
        request.consistent_read(true).send().await.unwrap().item
    }
}
