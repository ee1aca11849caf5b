//! The reading side: rows by whatever is at hand.

mod failures;
mod find;
mod query;
mod stored;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use throughline_envelope::CorrelationId;

pub use find::Subject;
pub use stored::StoredEvent;

use crate::keys::{Tables, hour_key, key_time};
use crate::life::LifeCycle;
use crate::row::{Row, Rows};
use query::Query;

/// Why the tables could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A query was refused.
    #[error("could not query table {table}")]
    Query {
        /// The table.
        table: String,
        /// What DynamoDB said.
        source: Box<SdkError<QueryError>>,
    },
    /// An item could not be read.
    #[error("could not read an item of table {table}")]
    Get {
        /// The table.
        table: String,
        /// What DynamoDB said.
        source: Box<SdkError<GetItemError>>,
    },
}

/// Reads the journal, the event store and the failures inbox of one stack. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(crate) client: Client,
    pub(crate) tables: Tables,
}

impl Reader {
    /// A reader of these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// The rows of one workflow.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_correlation(&self, id: &str) -> Result<Rows, ReadError> {
        self.rows(Query::table(&self.tables.journal, "pk", id)).await
    }

    /// The lines of one event: what every function made of it.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_event(&self, id: &str) -> Result<Rows, ReadError> {
        self.rows(Query::index(&self.tables.journal, "by-event", "event_id", id)).await
    }

    /// What happened to a business key.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_subject(&self, subject: &str) -> Result<Rows, ReadError> {
        self.rows(Query::index(&self.tables.journal, "by-subject", "subject", subject)).await
    }

    /// The lines and Lambda's report of one invocation.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_request(&self, id: &str) -> Result<Rows, ReadError> {
        self.rows(Query::index(&self.tables.journal, "by-request", "request_id", id)).await
    }

    /// The lines of a saga's steps.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_saga(&self, id: &str) -> Result<Rows, ReadError> {
        self.rows(Query::index(&self.tables.journal, "by-saga", "saga_id", id)).await
    }

    /// What a function did from `from` to `to`: one query for each hour of it.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn by_function(&self, function: &str, from: Timestamp, to: Timestamp) -> Result<Rows, ReadError> {
        let mut rows = Rows::default();
        let mut hour = from;
        loop {
            let query = Query::index(&self.tables.journal, "by-function", "function_hour", &hour_key(function, hour));
            rows.extend(self.read_rows(query.between("time", &key_time(from), &key_time(to))).await?);
            let next = hour.saturating_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
            if next > to && hour_key(function, next) > hour_key(function, to) {
                return Ok(rows);
            }
            hour = next;
        }
    }

    /// The life cycle of one workflow.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn life_cycle(&self, correlation_id: &str) -> Result<LifeCycle, ReadError> {
        let mut rows = self.by_correlation(correlation_id).await?;
        let events = self.events_of(correlation_id).await?;
        let failures = self.failures_of(correlation_id).await?;
        self.add_redriven(correlation_id, &failures, &mut rows).await?;
        rows.reports.extend(self.reports_of_open(&rows).await?);
        Ok(LifeCycle::build(correlation_id, rows, events, failures))
    }

    /// What is no event is another message with each redrive, and its lines stand under that one's id.
    async fn add_redriven(&self, id: &str, failures: &[crate::Failure], rows: &mut Rows) -> Result<(), ReadError> {
        let derived = failures.iter().filter(|failure| failure.correlation_derived);
        let messages = derived.flat_map(|failure| failure.message_id.iter().chain(&failure.redriven_as));
        let ids: BTreeSet<String> = messages.map(|message| CorrelationId::of_delivery(message).to_string()).collect();
        for other in ids.iter().filter(|other| *other != id) {
            rows.lines.extend(self.by_correlation(other).await?.lines);
        }
        Ok(())
    }

    /// The life cycle of a dead letter that belongs to no workflow: one that was recorded before such had a derived correlation id.
    ///
    /// # Errors
    /// What DynamoDB refused.
    pub async fn life_cycle_of_failure(&self, failure: &crate::Failure) -> Result<LifeCycle, ReadError> {
        if let Some(correlation) = &failure.correlation_id {
            return self.life_cycle(correlation).await;
        }
        let mut rows = match &failure.request_id {
            Some(request) => self.by_request(request).await?,
            None => Rows::default(),
        };
        // Its neighbours in the batch have lines of the same invocation.
        rows.lines.retain(|line| line.correlation_id.is_none() && line.message_id == failure.message_id);
        Ok(LifeCycle::build(&failure.failure_id, rows, Vec::new(), vec![failure.clone()]))
    }

    /// Lambda's reports of the invocations whose lines have no end: they say whether it crashed.
    async fn reports_of_open(&self, rows: &Rows) -> Result<Vec<crate::Report>, ReadError> {
        let requests = crate::life::open_requests(&rows.lines);
        let found = try_join_all(requests.iter().map(|request| self.by_request(request))).await?;
        Ok(found.into_iter().flat_map(|rows| rows.reports).collect())
    }

    async fn rows(&self, query: Query) -> Result<Rows, ReadError> {
        Ok(self.read_rows(query).await?.into_iter().collect())
    }

    async fn read_rows(&self, query: Query) -> Result<Vec<Row>, ReadError> {
        Ok(query.run(&self.client).await?.into_iter().filter_map(Row::read).collect())
    }
}
