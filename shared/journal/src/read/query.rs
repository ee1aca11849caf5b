//! Queries, page after page.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::ReadError;
use crate::attribute::object;
use crate::row::Fields;

/// A query of a table or an index by its partition key.
#[derive(Debug, Clone)]
pub(super) struct Query {
    table: String,
    index: Option<&'static str>,
    key: &'static str,
    value: String,
    between: Option<(&'static str, String, String)>,
}

impl Query {
    pub(super) fn table(table: &str, key: &'static str, value: &str) -> Self {
        Self { table: table.to_owned(), index: None, key, value: value.to_owned(), between: None }
    }

    pub(super) fn index(table: &str, index: &'static str, key: &'static str, value: &str) -> Self {
        Self { index: Some(index), ..Self::table(table, key, value) }
    }

    /// Only those whose sort key is from `from` to `to`, both included.
    pub(super) fn between(mut self, key: &'static str, from: &str, to: &str) -> Self {
        self.between = Some((key, from.to_owned(), to.to_owned()));
        self
    }

    /// Everything it finds, in order of the sort key.
    pub(super) async fn run(self, client: &Client) -> Result<Vec<Fields>, ReadError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let mut request = client
                .query()
                .table_name(&self.table)
                .set_index_name(self.index.map(str::to_owned))
                .key_condition_expression(self.condition())
                .expression_attribute_names("#key", self.key)
                .expression_attribute_values(":key", AttributeValue::S(self.value.clone()))
                .set_exclusive_start_key(start);
            if let Some((key, from, to)) = &self.between {
                request = request
                    .expression_attribute_names("#sort", *key)
                    .expression_attribute_values(":from", AttributeValue::S(from.clone()))
                    .expression_attribute_values(":to", AttributeValue::S(to.clone()));
            }
            let page = request
                .send()
                .await
                .map_err(|source| ReadError::Query { table: self.table.clone(), source: Box::new(source) })?;
            found.extend(page.items.unwrap_or_default().iter().map(object));
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    fn condition(&self) -> &'static str {
        if self.between.is_some() { "#key = :key AND #sort BETWEEN :from AND :to" } else { "#key = :key" }
    }
}
