//! The failures inbox.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::query::Query;
use super::{ReadError, Reader};
use crate::attribute::object;
use crate::failure::Failure;
use crate::row::Fields;

impl Reader {
    /// What is open, newest first.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn open_failures(&self) -> Result<Vec<Failure>, ReadError> {
        let mut found = Vec::new();
        for shard in 0..4 {
            let inbox = format!("open#{shard}");
            found.extend(self.failures(Query::index(&self.tables.failures, "inbox", "inbox", &inbox)).await?);
        }
        found.sort_by(|a, b| (b.failed_at, &b.failure_id).cmp(&(a.failed_at, &a.failure_id)));
        Ok(found)
    }

    /// One failure.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn failure(&self, failure_id: &str) -> Result<Option<Failure>, ReadError> {
        let table = &self.tables.failures;
        let request = self.client.get_item().table_name(table).consistent_read(true);
        let answer = request
            .key("failure_id", AttributeValue::S(failure_id.to_owned()))
            .send()
            .await
            .map_err(|source| ReadError::Get { table: table.clone(), source: Box::new(source) })?;
        Ok(answer.item.as_ref().map(object).and_then(read))
    }

    /// The failure of a message, by SQS's id, open or settled: the last one, where a queue gave it to several that parked it.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn failure_of_message(&self, message_id: &str) -> Result<Option<Failure>, ReadError> {
        let query = Query::index(&self.tables.failures, "by-message", "message_id", message_id);
        Ok(self.failures(query).await?.pop())
    }

    /// The failures of a workflow, in order of time.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn failures_of(&self, correlation_id: &str) -> Result<Vec<Failure>, ReadError> {
        let query = Query::index(&self.tables.failures, "by-correlation", "correlation_id", correlation_id);
        self.failures(query).await
    }

    /// Every occurrence of a failure, in order of time.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn failures_like(&self, fingerprint: &str) -> Result<Vec<Failure>, ReadError> {
        self.failures(Query::index(&self.tables.failures, "by-fingerprint", "fingerprint", fingerprint)).await
    }

    /// A function's failures on a day (`2026-11-24`), in order of time.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn failures_of_function(&self, function: &str, day: &str) -> Result<Vec<Failure>, ReadError> {
        let key = format!("{function}#{day}");
        self.failures(Query::index(&self.tables.failures, "by-function", "function_day", &key)).await
    }

    async fn failures(&self, query: Query) -> Result<Vec<Failure>, ReadError> {
        Ok(query.run(&self.client).await?.into_iter().filter_map(read).collect())
    }
}

fn read(fields: Fields) -> Option<Failure> {
    serde_json::from_value(Value::Object(fields)).ok()
}
