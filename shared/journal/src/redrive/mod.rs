//! Redriving: what failed is sent to where it failed, once its cause is mended.
//!
//! ```text
//!   one failure       row: being redriven ─▶ sent to its queue ─▶ row `redriven`
//!                                            └ interrupted: may be redriven again after a minute; a second message is a duplicate
//!   a parked key      the first may go ─▶ sent ─▶ through ─▶ the next may go ─▶ … ─▶ the key is not parked any more
//!                                          └ fails again ─▶ parked again: the rest waits on
//!   left out          the next may go on from there
//! ```

mod drain;
mod error;
mod rows;
mod send;
mod skip;

use aws_sdk_dynamodb::Client;
use throughline_effects::{ParkedKey, ParkedKeys, RefusedRows};
use throughline_envelope::Ambient;

pub use drain::{Drained, Left};
pub use error::RedriveError;
pub use send::Way;
pub(crate) use skip::beginning;

use crate::failure::{Failure, OutboxRow};
use crate::keys::Tables;
use crate::read::Reader;

/// Sends failures of one stack to where they failed. Every step can be repeated: a command that was interrupted is given again.
#[derive(Debug, Clone)]
pub struct Redriver {
    reader: Reader,
    client: Client,
    sqs: aws_sdk_sqs::Client,
    parked: ParkedKeys,
    ambient: Ambient,
}

impl Redriver {
    /// A redriver of the failures of these tables.
    pub fn new(client: Client, sqs: aws_sdk_sqs::Client, tables: Tables, ambient: Ambient) -> Self {
        let parked = ParkedKeys::new(client.clone(), &tables.idempotency);
        Self { reader: Reader::new(client.clone(), tables), client, sqs, parked, ambient }
    }

    /// Sends one failure to its queue, or puts its row back into the outbox, and marks it `redriven`. Answers SQS's id of the message, or the row's sort key; `None` when it is not open any more.
    ///
    /// A failure of a key that is parked is not for this: [`drain`](Self::drain) keeps the order.
    ///
    /// # Errors
    /// It cannot be sent (see [`way`](Self::way)), or AWS refused.
    pub async fn redrive(&self, failure: &Failure) -> Result<Option<String>, RedriveError> {
        if failure.status != "open" {
            return Ok(None);
        }
        let way = self.way(failure)?;
        if let Way::Invocation { .. } = way {
            return Err(RedriveError::not_redrivable(failure, "it was no message of a queue"));
        }
        if !self.begin(failure).await? {
            return Ok(None);
        }
        let sent = match way {
            Way::Queue { queue } => self.send(failure, &queue).await,
            Way::Outbox(row) => self.put_back(failure, row).await,
            Way::Invocation { .. } => return Ok(None),
        };
        if sent.is_err() {
            self.give_up(failure).await?;
        }
        let message = sent?;
        self.mark_redriven(failure, &message).await?;
        Ok(Some(message))
    }

    /// A row that is in the outbox already was put there by a redrive that came no further.
    async fn put_back(&self, failure: &Failure, row: OutboxRow) -> Result<String, RedriveError> {
        let put = self.rows().put_back(&row.pk, &row.sk, &failure.failure_id, failure.redrives + 1).await;
        put.map_err(RedriveError::Outbox)?;
        Ok(row.sk)
    }

    fn rows(&self) -> RefusedRows {
        RefusedRows::new(self.client.clone(), &self.reader.tables.events)
    }

    /// Settles a failure without a redrive: a person decided that it can be left out. Of a key that is parked the next goes on from
    /// there, with [`drain`](Self::drain).
    ///
    /// # Errors
    /// AWS refused.
    pub async fn resolve(&self, failure: &Failure, because: &str) -> Result<(), RedriveError> {
        if let (Some(key), Some(message)) = (Self::key_of(failure), failure.message_id.as_deref()) {
            self.parked.leave_out(&key, message, self.ambient.now()).await.map_err(RedriveError::Parked)?;
        }
        if let Some(row) = &failure.row {
            self.rows().leave(&row.pk, &row.sk, self.ambient.now()).await.map_err(RedriveError::Outbox)?;
        }
        self.mark_resolved(failure, because).await
    }

    /// The parked key that a failure belongs to, if it does.
    pub fn key_of(failure: &Failure) -> Option<ParkedKey> {
        failure.parked_key.as_deref().map(|key| ParkedKey::new(failure.function.as_str(), key))
    }

    /// The failure that a key is parked for, while it is; of one whose head is through or left out, the first that waits.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn head_of(&self, key: &ParkedKey) -> Result<Option<Failure>, RedriveError> {
        let Some(parked) = self.parked.look(key).await.map_err(RedriveError::Parked)? else { return Ok(None) };
        let Some(first) = parked.in_order().first().map(|entry| entry.message_id.clone()) else { return Ok(None) };
        Ok(self.reader.failure(&crate::failure_id(&parked.dead_letter_queue, &first)).await?)
    }
}
