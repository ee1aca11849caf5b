//! Sending what a commit wrote.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use futures::future::join_all;
use throughline_envelope::RawEvent;
use throughline_telemetry::{JournalLine, Stage};

use super::refused::{answered, is_for_good};
use super::row::{Row, sortable};
use super::{Outgoing, in_partitions, known};
use crate::failure::{Failure, FailureExt};
use crate::world::World;

/// How long a row is kept after it was sent.
pub(super) const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Sends rows of the outbox: events to the bus, ordered ones to the FIFO queues as well, sagas to Step Functions. A row is marked as sent
/// after that, so it is sent at least once; its consumers deduplicate.
///
/// ```text
///   A ─ reads unsent 4, 5 ─ sends 4 ─ sends 5 ─ marks        both send 4 and 5: the FIFO queue drops the second (same
///   B ─ reads unsent 4, 5 ──── sends 4 ─ sends 5 ─ marks      deduplication id), other consumers see a duplicate
/// ```
#[derive(Debug)]
pub struct Publisher<'a> {
    world: &'a World,
}

impl<'a> Publisher<'a> {
    /// A publisher in this world.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Sends what a commit wrote, several partitions at once. For an ordered event it sends all that is unsent of its key, in order. What cannot be sent
    /// is logged and left to the relay: the event that caused it is done. Answers how many rows were sent.
    pub async fn send(&self, outgoing: &[Outgoing]) -> usize {
        let partitions = in_partitions(outgoing).into_iter();
        let sending = partitions.map(async |(pk, of)| {
            let sent = match known(&of) {
                Some(rows) => self.send_rows(rows).await,
                None => self.send_partition(pk).await,
            };
            self.logged(pk, sent)
        });
        join_all(sending).await.into_iter().sum()
    }

    fn logged(&self, pk: &str, result: Result<usize, Failure>) -> usize {
        result.unwrap_or_else(|failure| {
            tracing::warn!(partition = pk, cause = failure.cause(), "failed to send; the relay will");
            0
        })
    }

    /// Sends all unsent rows of a partition, in order, and stops at the first that cannot be sent.
    pub(crate) async fn send_partition(&self, pk: &str) -> Result<usize, Failure> {
        self.send_rows(self.unsent(pk).await?.iter().collect()).await
    }

    async fn send_rows(&self, rows: Vec<&Row>) -> Result<usize, Failure> {
        for row in &rows {
            self.send_row(row).await?;
        }
        Ok(rows.len())
    }

    /// The unsent rows of a partition, in order, read consistently.
    pub(crate) async fn unsent(&self, pk: &str) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        let mut from: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let page = self
                .world
                .clients()
                .dynamodb()
                .query()
                .table_name(self.world.settings().text("THROUGHLINE_EVENTS_TABLE")?)
                .index_name("unsent-by-key")
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(from.take())
                .send()
                .await?;
            for item in page.items() {
                rows.push(Row::read(item)?);
            }
            match page.last_evaluated_key {
                Some(key) => from = Some(key),
                None => return Ok(rows),
            }
        }
    }

    pub(super) async fn send_row(&self, row: &Row) -> Result<(), Failure> {
        let event = row.event()?;
        match &row.saga {
            Some(saga) => {
                self.start_saga(saga.id.as_str(), &saga.name, &row.body).await?;
                self.mark_sent(row).await?;
                self.journal(Stage::SagaStarted, row, &event, vec![saga.name.clone()]);
            }
            None => {
                let destinations = self.send_event(row, &event).await?;
                self.mark_sent(row).await?;
                self.journal(Stage::Published, row, &event, destinations);
            }
        }
        Ok(())
    }

    async fn send_event(&self, row: &Row, event: &RawEvent) -> Result<Vec<String>, Failure> {
        let mut destinations = Vec::new();
        if row.is_ordered() {
            for url in self.world.settings().ordered_queues() {
                let message = self.world.clients().sqs().send_message().queue_url(url).message_body(&row.body);
                let message = message.message_group_id(&row.pk).message_deduplication_id(event.id.as_str());
                answered(message.send().await, "not_queued")?;
                destinations.push(url.rsplit('/').next().unwrap_or(url).to_owned());
            }
        }
        let bus = self.world.settings().text("THROUGHLINE_BUS")?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(&event.source)
            .detail_type(&event.event_type)
            .time(event.time.into_aws())
            .detail(&row.body)
            .build();
        let answer = self.world.clients().events().put_events().entries(entry).send().await;
        let answer = answered(answer, "not_published")?;
        if let Some(refused) = answer.entries().iter().find(|entry| entry.error_code().is_some()) {
            let cause = refused.error_message().unwrap_or("no message");
            let code = refused.error_code().unwrap_or_default();
            let cause = format!("{bus}: {code}: {cause}");
            let failure = if is_for_good(code) { Failure::permanent } else { Failure::transient };
            return Err(failure("not_published", cause));
        }
        destinations.push(bus.to_owned());
        Ok(destinations)
    }

    /// Starts an execution named by the saga's id. One of that name was started by us before: that is success.
    async fn start_saga(&self, id: &str, name: &str, input: &str) -> Result<(), Failure> {
        let start = self.world.clients().sfn().start_execution();
        let machine = self.world.settings().saga(name).permanent("not_started")?;
        match start.state_machine_arn(machine).name(id).input(input).send().await {
            Err(error) if error.as_service_error().is_some_and(StartExecutionError::is_execution_already_exists) => {
                Ok(())
            }
            answer => answered(answer, "not_started").map(drop),
        }
    }

    async fn mark_sent(&self, row: &Row) -> Result<(), Failure> {
        let now = self.world.ambient().now();
        self.world
            .clients()
            .dynamodb()
            .update_item()
            .table_name(self.world.settings().text("THROUGHLINE_EVENTS_TABLE")?)
            .key("pk", AttributeValue::S(row.pk.clone()))
            .key("sk", AttributeValue::S(row.sk.clone()))
            .update_expression("SET sent_at = :now, expires_at = :expires REMOVE unsent, unsent_shard")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", AttributeValue::S(sortable(now)))
            .expression_attribute_values(":expires", AttributeValue::N((now.as_second() + KEPT_SECONDS).to_string()))
            .send()
            .await?;
        Ok(())
    }

    fn journal(&self, stage: Stage, row: &Row, event: &RawEvent, destinations: Vec<String>) {
        self.world.journal().write(JournalLine {
            stage,
            function: self.world.function().to_owned(),
            trigger: Some("outbox".to_owned()),
            saga_id: row.saga.as_ref().map(|saga| saga.id.to_string()),
            saga: row.saga.as_ref().map(|saga| saga.name.clone()),
            destinations,
            ..JournalLine::of_event(event, &event.trace)
        });
    }
}

/// A time as the SDK has it.
trait IntoAws {
    fn into_aws(self) -> aws_smithy_types::DateTime;
}

impl IntoAws for jiff::Timestamp {
    fn into_aws(self) -> aws_smithy_types::DateTime {
        aws_smithy_types::DateTime::from_nanos(self.as_nanosecond())
            .unwrap_or_else(|_| aws_smithy_types::DateTime::from_secs(self.as_second()))
    }
}
