//! The relay: sends what a crashed runner left unsent.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Publisher;
use super::row::{SHARDS, sortable};
use crate::failure::Failure;
use crate::world::World;

/// Sends the rows of the outbox that are older than the longest function timeout: no runner is still about to send them.
#[derive(Debug)]
pub struct Relay<'a> {
    world: &'a World,
}

/// What one run of the relay did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RelayReport {
    /// Rows sent.
    pub sent: usize,
    /// Partitions that could not be sent; they are tried again by the next run.
    pub failed: usize,
    /// It ended because its deadline came near.
    pub ended_early: bool,
}

impl<'a> Relay<'a> {
    /// A relay in this world.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Sends what is unsent and older than `older_than`, each key in order, until `deadline`.
    ///
    /// # Errors
    /// The index of unsent rows cannot be read.
    pub async fn run(&self, older_than: Duration, deadline: Timestamp) -> Result<RelayReport, Failure> {
        let mut report = RelayReport::default();
        for shard in 0..SHARDS {
            for partition in self.partitions(shard, older_than).await? {
                if self.world.ambient().now() >= deadline {
                    report.ended_early = true;
                    return Ok(report);
                }
                match Publisher::new(self.world).send_partition(&partition).await {
                    Ok(sent) => report.sent += sent,
                    Err(failure) => {
                        tracing::warn!(partition, cause = failure.cause(), "failed to relay");
                        report.failed += 1;
                    }
                }
            }
        }
        Ok(report)
    }

    /// The partitions of a shard that have old unsent rows, oldest first.
    async fn partitions(&self, shard: u8, older_than: Duration) -> Result<Vec<String>, Failure> {
        let age = SignedDuration::try_from(older_than)?;
        let before = sortable(self.world.ambient().now().checked_sub(age)?);
        let mut partitions: Vec<String> = Vec::new();
        let mut from: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let page = self
                .world
                .clients()
                .dynamodb()
                .query()
                .table_name(self.world.settings().text("THROUGHLINE_EVENTS_TABLE")?)
                .index_name("unsent")
                .key_condition_expression("unsent_shard = :shard AND created_at < :before")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
                .expression_attribute_values(":before", AttributeValue::S(before.clone()))
                .set_exclusive_start_key(from.take())
                .send()
                .await?;
            for item in page.items() {
                let pk = item.get("pk").and_then(|value| value.as_s().ok());
                partitions.extend(pk.filter(|pk| !partitions.contains(pk)).cloned());
            }
            match page.last_evaluated_key {
                Some(key) => from = Some(key),
                None => return Ok(partitions),
            }
        }
    }
}
