//! The relay: sends what a crashed runner left unsent.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Publisher;
use super::refused::refused;
use super::row::{SHARDS, sortable};
use crate::failure::{Class, Failure};
use crate::world::World;

/// Sends the rows of the outbox that are older than the longest function timeout: no runner is still about to send them.
///
/// ```text
///   A ─ commit ✓ ─ ✗ crash                     relay ─ finds the row, older than any runner ─ sends ─ marks
///   A ─ commit ✓ ─ sends ─ ✗ crash             relay ─ sends again ─ marks: consumers see a duplicate
///   A ─ commit ✓ ─ ✗ refused for good          relay ─ refused five times ─ dead-letter queue ─ takes it out
///   A ─ commit 4 ✓ ─ ✗    B ─ commit 5 ✓ ─ queries the key ─ sends 4, 5: nothing is left for the relay
/// ```
#[derive(Debug)]
pub struct Relay<'a> {
    world: &'a World,
}

/// What one run of the relay did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RelayReport {
    /// Rows sent.
    pub sent: usize,
    /// Rows that were refused for good, and are parked.
    pub parked: usize,
    /// Partitions that could not be sent; they are tried again by the next run.
    pub failed: usize,
    /// Partitions that were found, but not reached before the deadline. More may be left that were not looked for.
    pub left: usize,
    /// It ended because its deadline came near.
    pub ended_early: bool,
}

type Key = HashMap<String, AttributeValue>;

impl<'a> Relay<'a> {
    /// A relay in this world.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Sends what is unsent and older than `older_than`, oldest first, each key in order, until `deadline`. It begins at a random
    /// shard, so that a run that is too short for all of them is not always too short for the same ones.
    ///
    /// # Errors
    /// The index of unsent rows cannot be read.
    pub async fn run(&self, older_than: Duration, deadline: Timestamp) -> Result<RelayReport, Failure> {
        let age = SignedDuration::try_from(older_than)?;
        let before = sortable(self.world.ambient().now().checked_sub(age)?);
        let first = self.world.ambient().random_u64() % u64::from(SHARDS);
        let mut report = RelayReport::default();
        for shard in (0..u64::from(SHARDS)).map(|n| (first + n) % u64::from(SHARDS)) {
            self.shard(&shard.to_string(), &before, deadline, &mut report).await?;
            if report.ended_early {
                break;
            }
        }
        Ok(report)
    }

    /// One shard, page by page.
    async fn shard(
        &self,
        shard: &str,
        before: &str,
        deadline: Timestamp,
        report: &mut RelayReport,
    ) -> Result<(), Failure> {
        let mut done = BTreeSet::new();
        let mut from = None;
        loop {
            let page = self.page(shard, before, from).await?;
            let text = |item: &Key| item.get("pk").and_then(|value| value.as_s().ok()).cloned();
            let found: Vec<String> =
                page.items().iter().filter_map(text).filter(|partition| done.insert(partition.clone())).collect();
            self.partitions(&found, deadline, report).await;
            match page.last_evaluated_key {
                Some(key) if !report.ended_early => from = Some(key),
                _ => return Ok(()),
            }
        }
    }

    async fn partitions(&self, found: &[String], deadline: Timestamp, report: &mut RelayReport) {
        for (reached, partition) in found.iter().enumerate() {
            match self.partition(partition, deadline).await {
                Some(Ok((sent, parked))) => {
                    report.sent += sent;
                    report.parked += parked;
                }
                Some(Err(failure)) => {
                    tracing::warn!(partition, cause = failure.cause(), "failed to relay");
                    report.failed += 1;
                }
                None => {
                    report.left += found.len() - reached;
                    report.ended_early = true;
                    return;
                }
            }
        }
    }

    /// `None` when the deadline came first. What is cut off between sending and marking is sent again: consumers deduplicate.
    async fn partition(&self, partition: &str, deadline: Timestamp) -> Option<Result<(usize, usize), Failure>> {
        let left = Duration::try_from(deadline.duration_since(self.world.ambient().now())).unwrap_or_default();
        if left.is_zero() {
            return None;
        }
        tokio::time::timeout(left, self.rows(partition)).await.ok()
    }

    /// Sends what is unsent of a partition, in order, up to the first that cannot be sent; what is refused for good is parked, and
    /// the next goes on. Answers how many were sent, and how many parked.
    async fn rows(&self, partition: &str) -> Result<(usize, usize), Failure> {
        let publisher = Publisher::new(self.world);
        let (mut sent, mut parked) = (0, 0);
        for row in publisher.unsent(partition).await? {
            match publisher.send_row(&row).await {
                Ok(()) => sent += 1,
                Err(failure) if *failure.class() == Class::Permanent => {
                    if !refused(self.world, &row, &failure).await? {
                        return Err(failure);
                    }
                    parked += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok((sent, parked))
    }

    /// Rows of a shard that are unsent and old, oldest first.
    async fn page(&self, shard: &str, before: &str, from: Option<Key>) -> Result<QueryOutput, Failure> {
        let query = self
            .world
            .clients()
            .dynamodb()
            .query()
            .table_name(self.world.settings().text("THROUGHLINE_EVENTS_TABLE")?)
            .index_name("unsent")
            .key_condition_expression("unsent_shard = :shard AND created_at < :before")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
            .expression_attribute_values(":before", AttributeValue::S(before.to_owned()))
            .set_exclusive_start_key(from);
        Ok(query.send().await?)
    }
}
