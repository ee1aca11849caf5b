//! Draining a parked key, one event after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use throughline_effects::{Entry, ParkedKey};
use tokio::time::Instant;

use super::{RedriveError, Redriver, Way};
use crate::failure::{Failure, failure_id};

/// How long between two looks at the key.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What came of draining a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Drained {
    /// The failures that were sent, in order.
    pub sent: Vec<String>,
    /// Why the key is parked still; none when it is not.
    pub left: Option<Left>,
    /// How many wait behind.
    pub waiting: usize,
}

/// Why a key is parked still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Left {
    /// An event that was sent failed again; this is its failure now.
    FailedAgain(String),
    /// An event that was sent is not through yet.
    OnItsWay(String),
    /// A message was parked, and its failure is not recorded yet.
    NotRecorded(String),
}

/// What is to be done about the head.
enum Step {
    Send(Box<Failure>),
    Wait(Left),
    Stop(Left),
}

impl Redriver {
    /// Sends the events of a parked key, each when the one before is through, until none is left, one fails again, or one is not
    /// through within `patience`. New ones that come meanwhile wait, and go last. May be repeated, and by several at once.
    ///
    /// # Errors
    /// AWS refused, or the first of them cannot be sent.
    pub async fn drain(&self, key: &ParkedKey, patience: Duration) -> Result<Drained, RedriveError> {
        self.settle(key).await?;
        let mut drained = Drained::default();
        let mut sent = BTreeMap::new();
        let mut deadline = Instant::now() + patience;
        loop {
            let parked = self.parked.next(key, self.ambient.now()).await.map_err(RedriveError::Parked)?;
            let Some((parked, head)) = parked.and_then(|parked| parked.head.clone().map(|head| (parked, head))) else {
                return Ok(Drained { left: None, waiting: 0, ..drained });
            };
            drained.waiting = parked.waiting.len();
            match self.step(&parked.dead_letter_queue, &head, &sent).await? {
                Step::Send(failure) => {
                    if !self.let_go(key, &head, &failure).await? {
                        continue;
                    }
                    sent.insert(head.id, head.message_id);
                    drained.sent.push(failure.failure_id);
                    deadline = Instant::now() + patience;
                }
                Step::Stop(left) => return Ok(Drained { left: Some(left), ..drained }),
                Step::Wait(left) if Instant::now() >= deadline => return Ok(Drained { left: Some(left), ..drained }),
                Step::Wait(_) => {}
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Marks what an interrupted command let go and sent, and did not mark: what has left the key's row is through. Answers those
    /// failures.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn settle(&self, key: &ParkedKey) -> Result<Vec<String>, RedriveError> {
        let mut settled = Vec::new();
        let begun: Vec<_> = self.open_of(key).await?.into_iter().filter(|one| one.redriving_at.is_some()).collect();
        if begun.is_empty() {
            return Ok(settled);
        }
        let parked = self.parked.look(key).await.map_err(RedriveError::Parked)?.unwrap_or_default();
        for failure in begun {
            let message = failure.message_id.as_deref();
            if parked.in_order().iter().all(|entry| Some(entry.message_id.as_str()) != message) {
                self.mark_redriven(&failure, "unknown").await?;
                settled.push(failure.failure_id);
            }
        }
        Ok(settled)
    }

    /// The open failures of a key, whether it is parked still or not.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn open_of(&self, key: &ParkedKey) -> Result<Vec<Failure>, RedriveError> {
        let open = self.reader.open_failures().await?.into_iter();
        Ok(open.filter(|failure| Self::key_of(failure).as_ref() == Some(key)).collect())
    }

    async fn step(&self, queue: &str, head: &Entry, sent: &BTreeMap<String, String>) -> Result<Step, RedriveError> {
        let id = failure_id(queue, &head.message_id);
        if sent.get(&head.id).is_some_and(|message| *message != head.message_id) {
            return Ok(Step::Stop(Left::FailedAgain(id)));
        }
        Ok(match self.reader.failure(&id).await? {
            None => Step::Wait(Left::NotRecorded(head.message_id.clone())),
            Some(failure) if failure.status == "open" => Step::Send(Box::new(failure)),
            Some(failure) => Step::Wait(Left::OnItsWay(failure.failure_id)),
        })
    }

    /// First the row lets it through, then it is sent, then its failure is marked: whatever is missing, a repetition does.
    /// `false` where somebody else did.
    async fn let_go(&self, key: &ParkedKey, head: &Entry, failure: &Failure) -> Result<bool, RedriveError> {
        let Way::Queue { queue } = self.way(failure)? else {
            return Err(RedriveError::not_redrivable(failure, "it was no message of a queue"));
        };
        if !self.parked.release(key, &head.id, self.ambient.now()).await.map_err(RedriveError::Parked)? {
            return Ok(false);
        }
        // Sent twice within five minutes it is one message of the FIFO queue, so whoever drains needs no minute's wait.
        match self.begin(failure).await {
            Ok(false) => return Ok(false),
            Ok(true) | Err(RedriveError::UnderWay { .. }) => {}
            Err(error) => return Err(error),
        }
        let message = self.send(failure, &queue).await?;
        self.mark_redriven(failure, &message).await?;
        Ok(true)
    }
}
