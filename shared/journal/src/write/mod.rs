//! The writing side: what the `record-…` functions do.

mod changes;
mod logs;

#[cfg(test)]
mod tests;

use aws_lambda_events::event::cloudwatch_logs::LogData;
use aws_lambda_events::event::dynamodb::EventRecord;
use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;

use crate::batch::{self, WriteError};
use crate::failure::{self, Failure};
use crate::keys::Tables;

/// Days for which a row of the journal is kept.
pub(crate) const JOURNAL_DAYS: i64 = 30;
/// Bytes of a row above which its bulk is left out. DynamoDB takes
/// [400 KB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html), names and keys included.
const LARGEST: usize = 350_000;

/// Writes rows of the journal and of the failures inbox. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    client: Client,
    tables: Tables,
}

impl Recorder {
    /// A recorder that writes to these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// Writes the journal lines and platform reports among log lines; other lines are left out. Returns how many rows it wrote.
    ///
    /// # Errors
    /// What DynamoDB refused. Writing all of it again is harmless.
    pub async fn record_logs(&self, logs: &LogData) -> Result<usize, WriteError> {
        batch::write(&self.client, &self.tables.journal, logs::rows(logs, self.tables.stack())).await
    }

    /// Writes changes of business tables. Returns how many rows it wrote.
    ///
    /// # Errors
    /// What DynamoDB refused. Writing all of it again is harmless.
    pub async fn record_changes(&self, records: &[EventRecord]) -> Result<usize, WriteError> {
        batch::write(&self.client, &self.tables.journal, changes::rows(records, self.tables.stack())).await
    }

    /// Turns a dead letter into a row of the failures inbox, unless it is one already. Where the letter does not say why,
    /// the reason is derived from the journal. `now` is when it is recorded.
    ///
    /// # Errors
    /// What DynamoDB refused. Recording it again is harmless.
    pub async fn record_failure(&self, letter: &SqsMessage, now: Timestamp) -> Result<Failure, WriteError> {
        failure::record(&self.client, &self.tables, letter, now).await
    }
}
