//! Counting failed attempts.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use jiff::Timestamp;

use crate::failure::Failure;
use crate::key::IdempotencyKey;
use crate::world::World;

/// How long a count is kept: as long as SQS can keep a message.
const SECONDS: i64 = 14 * 24 * 60 * 60;

/// How long an event has been waiting for an earlier one of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// How often it was tried.
    pub tries: u32,
    /// When it was tried first.
    pub since: Timestamp,
}

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
        self.count("attempts", key).await
    }

    async fn count(&self, what: &str, key: &IdempotencyKey) -> Result<u32, Failure> {
        let update = self.one_more(what, key)?.update_expression("ADD attempts :one SET expires_at = :expires_at");
        let answer = update.return_values(ReturnValue::UpdatedNew).send().await?;
        let count = answer.attributes().and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        count.ok_or_else(|| Failure::transient("no_count", "DynamoDB did not answer the number of attempts"))
    }

    /// Counts one more attempt that begins, of a message that may be what ends the process, and answers how many began without an end.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached, or its answer was not a count.
    pub async fn begins(&self, key: &IdempotencyKey) -> Result<u32, Failure> {
        self.count("begun", key).await
    }

    /// The attempt came to an end.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached.
    pub async fn ends(&self, key: &IdempotencyKey) -> Result<(), Failure> {
        self.delete("begun", key).await
    }

    /// Counts one more attempt that waits for an earlier event of its order, and answers since when it waits.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached, or its answer was not a count.
    pub async fn waits(&self, key: &IdempotencyKey) -> Result<Waits, Failure> {
        let now = self.world.ambient().now();
        let update = self.one_more("gap", key)?.update_expression(
            "ADD attempts :one SET waits_since = if_not_exists(waits_since, :now), expires_at = :expires_at",
        );
        let update = update.expression_attribute_values(":now", AttributeValue::S(now.to_string()));
        let answer = update.return_values(ReturnValue::AllNew).send().await?;
        let item = answer.attributes();
        let tries = item.and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        let since = item.and_then(|item| item.get("waits_since")?.as_s().ok()?.parse().ok());
        let (Some(tries), Some(since)) = (tries, since) else {
            return Err(Failure::transient("no_count", "DynamoDB did not answer since when the event waits"));
        };
        Ok(Waits { tries, since })
    }

    /// Forgets the counts: the message was parked, and one that is redriven starts again.
    ///
    /// # Errors
    /// Transient: DynamoDB could not be reached. Harmless: a redriven message is parked at its first failure then.
    pub async fn forget(&self, key: &IdempotencyKey) -> Result<(), Failure> {
        for what in ["attempts", "gap", "begun"] {
            self.delete(what, key).await?;
        }
        Ok(())
    }

    /// An update of a count's row, with what every count says: `:one`, and when it ends.
    fn one_more(&self, what: &str, key: &IdempotencyKey) -> Result<UpdateItemFluentBuilder, Failure> {
        let expires_at = self.world.ambient().now().as_second() + SECONDS;
        let update = self.world.clients().dynamodb().update_item();
        Ok(update
            .table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
            .key("key", AttributeValue::S(format!("{what}|{key}")))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":expires_at", AttributeValue::N(expires_at.to_string())))
    }

    async fn delete(&self, what: &str, key: &IdempotencyKey) -> Result<(), Failure> {
        let table = self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?;
        let delete = self.world.clients().dynamodb().delete_item().table_name(table);
        delete.key("key", AttributeValue::S(format!("{what}|{key}"))).send().await?;
        Ok(())
    }
}
