//! The event store.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::query::Query;
use super::{ReadError, Reader};
use crate::redrive::beginning;
use crate::row::Fields;

/// An event or a saga's start, as the event store has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// `event` or `saga`.
    pub kind: String,
    /// The event; for a saga, the one that its input carries.
    pub event_id: String,
    /// Its type.
    #[serde(default)]
    pub event_type: String,
    /// The workflow.
    #[serde(default)]
    pub correlation_id: String,
    /// The business key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The event that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// The execution's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saga_id: Option<String>,
    /// The saga's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saga: Option<String>,
    /// When it was committed.
    pub created_at: Timestamp,
    /// When it was sent; none while it is unsent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The exact wire form: the CloudEvent, or the execution's input.
    #[serde(default)]
    pub body: String,
}

impl StoredEvent {
    /// Whether it still waits to be sent.
    pub fn is_unsent(&self) -> bool {
        self.sent_at.is_none()
    }

    /// Whether it is a saga's start.
    pub fn is_saga(&self) -> bool {
        self.kind == "saga"
    }

    pub(crate) fn read(fields: Fields) -> Option<Self> {
        serde_json::from_value(Value::Object(fields)).ok()
    }
}

impl Reader {
    /// The events and saga starts of one workflow, in order of time.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn events_of(&self, correlation_id: &str) -> Result<Vec<StoredEvent>, ReadError> {
        self.stored(Query::index(&self.tables.events, "by-correlation", "correlation_id", correlation_id)).await
    }

    /// One event, by its id. (A list: a saga's input carries an event too.)
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn event(&self, event_id: &str) -> Result<Vec<StoredEvent>, ReadError> {
        self.stored(Query::index(&self.tables.events, "by-event", "event_id", event_id)).await
    }

    /// The events of a business key, in order of time.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn events_of_subject(&self, subject: &str) -> Result<Vec<StoredEvent>, ReadError> {
        self.stored(Query::index(&self.tables.events, "by-subject", "subject", subject)).await
    }

    /// Whether the event store has an event of this key at this place, sent or not. Read consistently.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn has_sequence(&self, key: &str, sequence: u64) -> Result<bool, ReadError> {
        let query = self.client.query().table_name(&self.tables.events).consistent_read(true).limit(1);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :sk)");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(key.to_owned()));
        let found = query.expression_attribute_values(":sk", beginning(sequence)).send().await;
        let failed = |source| ReadError::Query { table: self.tables.events.clone(), source: Box::new(source) };
        Ok(!found.map_err(failed)?.items().is_empty())
    }

    async fn stored(&self, query: Query) -> Result<Vec<StoredEvent>, ReadError> {
        Ok(query.run(&self.client).await?.into_iter().filter_map(StoredEvent::read).collect())
    }
}
