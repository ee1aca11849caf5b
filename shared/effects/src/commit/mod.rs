//! The commit: one transaction per event.
//!
//! ```text
//!   duplicate at once     A ─ commit ✓           B ─ commit ✗ record exists, other owner ─▶ Duplicate
//!   our answer was lost   A ─ commit ✓ ─ ✗       A ─ commit ✗ record exists, own owner ───▶ Handled
//!   same key, other data  A ─ commit ✓           B ─ commit ✗ other fingerprint ──────────▶ permanent `key_reused`
//!   contention            A ─ commit …           B ─ ✗ TransactionConflict ─ jitter ─ again
//!   business condition    A ─ commit ✗ only its own condition failed ─────────────────────▶ the failure that it names
//!   key is parked         A ─ commit ✗ the parked key's row is there ─────────────────────▶ `waits_behind`, or with its change
//! ```

mod plan;
mod reading;
mod record;
mod size;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use serde_json::Value;
use throughline_envelope::{EventId, RawEvent, SagaId};

use crate::effects::Effects;
use crate::failure::Failure;
use crate::key::IdempotencyKey;
use crate::outbox::{Outgoing, Publisher, Row};
use crate::parking::{Parked, Place, WAITS_BEHIND};
use crate::service::is_passing;
use crate::world::World;
use plan::Plan;
use reading::Verdict;

/// What is to be committed, and on whose behalf.
#[derive(Debug)]
pub struct CommitRequest<'a> {
    /// The key under which the work is done once.
    pub key: IdempotencyKey,
    /// The fingerprint of what was received.
    pub fingerprint: String,
    /// The event that is handled: the parent of what is emitted.
    pub event: &'a RawEvent,
    /// The function's name.
    pub function: &'a str,
    /// What the handler decided.
    pub effects: &'a Effects,
    /// How long it is remembered.
    pub retention: Duration,
    /// For a compensation: the step that it undoes.
    pub undoes: Option<Undone>,
    /// At a consumer that parks in sequence: the event's place in the order of its key.
    pub place: Option<&'a Place>,
}

/// The step that a compensation undoes, and whether it was done when the compensation looked.
///
/// The compensation's transaction holds that to be still so, and leaves a tombstone on the step's key: a step that comes later is
/// refused as `superseded`, whatever delayed it.
///
/// ```text
///   late step       undo: not done ── reads ── commit, tombstone ✓            do ── commit ✗ tombstone ─▶ `superseded`
///   step meanwhile  undo: not done ── reads ── commit ✗ record exists ─▶ transient `step_raced`: looks and reads again
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The step's key.
    pub key: IdempotencyKey,
    /// Whether its record was there.
    pub done: bool,
}

/// Whether the effects were committed, now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Now, by this commit.
    Handled,
    /// Before, by another.
    Duplicate,
}

/// A commit that went through, or had gone through before.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Which of the two.
    pub outcome: Outcome,
    /// The response: the handler's, or for a duplicate the stored one.
    pub response: Option<Value>,
    /// What may have to be sent.
    pub outgoing: Vec<Outgoing>,
    /// The events that the commit wrote.
    pub emitted: Vec<EventId>,
    /// The sagas that the commit wrote.
    pub started: Vec<SagaId>,
}

/// Tries of one commit when others are in the way, or the answer was lost.
const TRIES: u32 = 6;
/// The longest wait before the second try; it doubles with each.
const WAIT_MILLIS: u64 = 25;

/// How a commit was decided.
enum Decided {
    /// It went through; the transaction as it was in the end.
    Now(Plan),
    /// It had gone through before.
    Before(Box<Committed>),
}

/// Commits effects.
#[derive(Debug)]
pub struct Committer<'a> {
    world: &'a World,
}

impl<'a> Committer<'a> {
    /// A committer in this world.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    /// Commits the effects and the deduplication record in one transaction, or finds that it was done before.
    ///
    /// # Errors
    /// Nothing was written. A condition's own failure, `key_reused`, `too_large` and other refusals are permanent; contention, throttling
    /// and an unreachable DynamoDB are transient, after a few tries with jitter in place. `waits_behind`: the key is parked.
    pub async fn commit(&self, request: CommitRequest<'_>) -> Result<Committed, Failure> {
        let plan = Plan::new(self.world, &request, None)?;
        let behind = plan.behind_others();
        let (decided, ahead) = if behind.is_empty() {
            (self.decided(plan, &request).await, BTreeMap::new())
        } else {
            Box::pin(async { futures::join!(self.decided(plan, &request), self.ahead(behind)) }).await
        };
        Ok(match decided? {
            Decided::Now(plan) => plan.committed(request.effects.response().cloned(), &ahead),
            Decided::Before(committed) => *committed,
        })
    }

    /// Tries the transaction until it is decided.
    async fn decided(&self, mut plan: Plan, request: &CommitRequest<'_>) -> Result<Decided, Failure> {
        let mut last = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                self.wait(attempt).await;
            }
            match self.attempt(&mut plan, request).await {
                Verdict::Committed => return Ok(Decided::Now(plan)),
                Verdict::Before(committed) => return Ok(Decided::Before(committed)),
                Verdict::Refused(failure) => return Err(failure),
                Verdict::Again(failure) => last = Some(failure),
                Verdict::Parked(parked) => {
                    plan = Plan::new(self.world, request, let_through(*parked, request.place)?)?;
                    last = Some(Failure::transient("contention", "the parked key changed all the time"));
                }
            }
        }
        Err(last.unwrap_or_else(|| Failure::transient("contention", "the transaction was not tried")))
    }

    /// The unsent rows that have to be sent before those of this commit, read while it is under way, so that sending need not wait for
    /// another answer. Earlier rows of a key were committed before the state was read that this commit's sequence follows, so none can be
    /// missed. What cannot be read is looked up when it is sent.
    async fn ahead(&self, behind: BTreeSet<String>) -> BTreeMap<String, Vec<Row>> {
        let publisher = &Publisher::new(self.world);
        let reading = behind.into_iter().map(async move |pk| {
            let rows = publisher.unsent(&pk).await.ok()?;
            Some((pk, rows))
        });
        let read = join_all(reading).await;
        read.into_iter().flatten().collect()
    }

    /// Whether the work was done before. For a handler that failed: it may have met its own earlier writes, and then its event
    /// is a duplicate and no failure. `None` when it was not done, or the same key was used for other data.
    ///
    /// # Errors
    /// Transient: the record cannot be read.
    pub async fn done_before(&self, key: &IdempotencyKey, fingerprint: &str) -> Result<Option<Committed>, Failure> {
        let found = self.record(key).await?;
        Ok(found.filter(|found| found.is_done() && found.fingerprint == fingerprint).map(|found| found.committed))
    }

    /// Looks whether a step was done, for the compensation that is about to undo it.
    ///
    /// # Errors
    /// Transient: the record cannot be read.
    pub async fn undone(&self, key: IdempotencyKey) -> Result<Undone, Failure> {
        let done = self.record(&key).await?.is_some_and(|found| found.is_done());
        Ok(Undone { key, done })
    }

    /// The record of a key, unless it expired.
    async fn record(&self, key: &IdempotencyKey) -> Result<Option<record::Found>, Failure> {
        let get = self.world.clients().dynamodb().get_item().consistent_read(true);
        let get = get.table_name(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?);
        let answer = Box::pin(get.key("key", AttributeValue::S(key.to_string())).send()).await;
        let answer = answer.map_err(Failure::of_call)?;
        let now = self.world.ambient().now().as_second();
        Ok(answer.item().map(record::read).filter(|found| found.expires_at >= now))
    }

    async fn attempt(&self, plan: &mut Plan, request: &CommitRequest<'_>) -> Verdict {
        let items = match plan.items(self.world, request) {
            Ok(items) => items,
            Err(failure) => return Verdict::Refused(failure),
        };
        let call = self.world.clients().dynamodb().transact_write_items();
        // The token makes a repetition after a lost answer the same transaction, for ten minutes:
        // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        let call = call.set_transact_items(Some(items)).client_request_token(plan.owner());
        // Boxed: what it is the innermost part of is moved from place to place before it runs.
        let sent = Box::pin(call.send()).await;
        match sent {
            Ok(_) => Verdict::Committed,
            Err(SdkError::ServiceError(error)) => {
                let failed = error.raw().status().is_server_error();
                match error.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        reading::read(cancelled.cancellation_reasons(), plan, request)
                    }
                    error if failed || is_passing(&error) => Verdict::Again(Failure::unavailable(&error)),
                    error => Verdict::Refused(refusal(error)),
                }
            }
            Err(error) => Verdict::Again(Failure::of_call(error)),
        }
    }

    /// Full jitter.
    async fn wait(&self, attempt: u32) {
        let ceiling = WAIT_MILLIS << attempt.saturating_sub(1).min(10);
        tokio::time::sleep(Duration::from_millis(self.world.ambient().random_u64() % (ceiling + 1))).await;
    }
}

/// The parked key, if it lets the event through: then it changes in the same transaction. `None` when it is not parked any more.
fn let_through(parked: Option<Parked>, place: Option<&Place>) -> Result<Option<Parked>, Failure> {
    match (parked, place) {
        (Some(parked), Some(place)) if !parked.lets_through(place) => {
            let cause = format!("the key {} is parked at {}", place.key.group, place.key.consumer);
            Err(Failure::transient(WAITS_BEHIND, cause))
        }
        (parked, _) => Ok(parked),
    }
}

/// The request itself was refused.
fn refusal(error: TransactWriteItemsError) -> Failure {
    let message = error.meta().message().unwrap_or("no message").to_owned();
    if error.is_idempotent_parameter_mismatch_exception() {
        // The token is this attempt's own: the next attempt has another.
        return Failure::transient("token_reused", message);
    }
    if error.meta().code() == Some("ValidationException") {
        return Failure::permanent("write_refused", message);
    }
    error.into()
}
