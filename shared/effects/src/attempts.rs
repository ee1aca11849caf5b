//! Counting failed attempts.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use crate::failure::Failure;
use crate::key::IdempotencyKey;
use crate::world::World;

/// How long a count is kept: as long as SQS can keep a message.
const SECONDS: i64 = 14 * 24 * 60 * 60;

/// Counts the failed attempts of a message, on the failure path only: SQS's own receive count also counts deliveries that never ran.
#[derive(Debug)]
pub struct Attempts<'a> {
    world: &'a World,
}

impl<'a> Attempts<'a> {
    /// The counts of a function.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Counts one more failed attempt and answers how many there are.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached, or its answer was not a count.
    pub async fn failed(&self, key: &IdempotencyKey) -> Result<u32, Failure> {
        let expires_at = self.world.ambient().now().as_second() + SECONDS;
        let answer = self
            .world
            .clients()
            .dynamodb()
            .update_item()
            .table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
            .key("key", AttributeValue::S(format!("attempts|{key}")))
            .update_expression("ADD attempts :one SET expires_at = :expires_at")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":expires_at", AttributeValue::N(expires_at.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await?;
        let count = answer.attributes().and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        count.ok_or_else(|| Failure::transient("no_count", "DynamoDB did not answer the number of attempts"))
    }

    /// Forgets the count: the message was parked, and one that is redriven starts again.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached. Harmless: a redriven message is parked at its first failure then.
    pub async fn forget(&self, key: &IdempotencyKey) -> Result<(), Failure> {
        let delete = self.world.clients().dynamodb().delete_item();
        let delete = delete.table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?);
        delete.key("key", AttributeValue::S(format!("attempts|{key}"))).send().await?;
        Ok(())
    }
}
