//! Reading why a transaction was cancelled, in the order that keeps the meanings apart.

use aws_sdk_dynamodb::types::CancellationReason;

use super::plan::{Plan, Slot};
use super::{CommitRequest, Committed, record};
use crate::failure::Failure;
use crate::parking::{self, Parked};
use crate::write::{Refusal, VERSION, Write};

/// What a try of the transaction came to.
pub(super) enum Verdict {
    Committed,
    Before(Box<Committed>),
    Again(Failure),
    Refused(Failure),
    /// The event's key is parked, or what is parked of it changed meanwhile.
    Parked(Box<Option<Parked>>),
}

/// The reasons that pass: somebody else is writing the same items, or too much is written at once.
const PASSING: [&str; 4] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"];

/// Reads the [cancellation reasons](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors),
/// one for each item, in this order:
///
/// 1. the deduplication record's condition failed: it was done before, whatever else is said;
/// 2. anything passing: then no condition of this try counts, because the items may have been in the middle of another transaction;
/// 3. anything else that is not a condition: an error that names the item;
/// 4. the event's key is parked: what its handler met is not its turn;
/// 5. business conditions alone: the failure that they name.
pub(super) fn read(reasons: &[CancellationReason], plan: &Plan, request: &CommitRequest<'_>) -> Verdict {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    if let Some(reason) = reasons.first().filter(|reason| code(reason) == "ConditionalCheckFailed") {
        return before(reason, plan, request);
    }
    if let Some(reason) = reasons.iter().find(|reason| PASSING.contains(&code(reason).as_str())) {
        let cause = format!("the transaction was cancelled: {}", code(reason));
        return Verdict::Again(Failure::transient("contention", cause).of_service());
    }
    let failed: Vec<(usize, &CancellationReason)> =
        reasons.iter().enumerate().filter(|(_, reason)| code(reason) != "None").collect();
    let writes = request.effects.all_writes();
    if let Some((index, reason)) = failed.iter().find(|(_, reason)| code(reason) != "ConditionalCheckFailed") {
        let item = name(plan.slot(*index, writes));
        let message = reason.message().unwrap_or("no message");
        let cause = format!("{item}: {}: {message}", code(reason));
        return Verdict::Refused(Failure::permanent("write_refused", cause));
    }
    match failed.into_iter().min_by_key(|(index, _)| precedence(plan.slot(*index, writes))) {
        Some((index, reason)) => match plan.slot(index, writes) {
            Some(Slot::Write(write)) => refused(write, reason),
            Some(Slot::Tombstone) => Verdict::Refused(raced(request)),
            Some(Slot::Parked) => is_parked(reason),
            slot => {
                Verdict::Refused(Failure::permanent("write_refused", format!("{}: it is there already", name(slot))))
            }
        },
        None => Verdict::Again(Failure::transient("contention", "the transaction was cancelled without a reason")),
    }
}

/// Which of several failed conditions speaks. A step that was done meanwhile, or a key that is parked, first; then the place in an
/// order: a duplicate or a gap makes all else meaningless. Then what was read too old: what else failed was decided on it. Then a business refusal.
fn precedence(slot: Option<Slot<'_>>) -> u8 {
    let write = match slot {
        Some(Slot::Write(write)) => write,
        Some(Slot::Tombstone | Slot::Parked) => return 0,
        _ => return 5,
    };
    match write.refusal {
        Refusal::InOrder(_) => 1,
        Refusal::Retry(_) => 2,
        Refusal::Fail(_) => 3,
        Refusal::Unnamed => 4,
    }
}

fn name(slot: Option<Slot<'_>>) -> String {
    match slot {
        Some(Slot::Write(write)) => write.item_name(),
        Some(Slot::Row(row)) => format!("event {}", row.event_id),
        Some(Slot::Tombstone) => "the tombstone on the step".to_owned(),
        Some(Slot::Parked) => "the parked key".to_owned(),
        Some(Slot::Record) => "the deduplication record".to_owned(),
        None => "an item that was not sent".to_owned(),
    }
}

/// The record is there: ours, the same event's, or another event's with the same key.
fn before(reason: &CancellationReason, plan: &Plan, request: &CommitRequest<'_>) -> Verdict {
    let Some(item) = reason.item() else {
        return Verdict::Again(Failure::transient("contention", "DynamoDB did not return the deduplication record"));
    };
    let found = record::read(item);
    if found.owner == plan.owner() {
        return Verdict::Committed;
    }
    if let Some(by) = found.undone_by {
        let cause = format!("{} was undone by {by}: it comes too late", request.key);
        return Verdict::Refused(Failure::permanent("superseded", cause));
    }
    if found.fingerprint != request.fingerprint {
        let cause = format!(
            "key {} was used for other data; the event is refused, not answered with the old result",
            request.key
        );
        return Verdict::Refused(Failure::permanent("key_reused", cause));
    }
    Verdict::Before(Box::new(found.committed))
}

fn is_parked(reason: &CancellationReason) -> Verdict {
    match reason.item().filter(|item| !item.is_empty()).cloned().map(parking::read).transpose() {
        Ok(parked) => Verdict::Parked(Box::new(parked)),
        Err(failure) => Verdict::Refused(failure),
    }
}

/// The step was done, or undone by another, after the compensation had looked.
fn raced(request: &CommitRequest<'_>) -> Failure {
    let step = request.undoes.as_ref().map(|undone| undone.key.to_string()).unwrap_or_default();
    Failure::transient("step_raced", format!("{step} was committed while its compensation decided"))
}

fn refused(write: &Write, reason: &CancellationReason) -> Verdict {
    let item = write.item_name();
    Verdict::Refused(match &write.refusal {
        Refusal::Fail(code) => Failure::permanent(*code, format!("{item}: {}", code.replace('_', " "))),
        Refusal::Retry(code) => Failure::transient(*code, format!("{item} changed after it was read")),
        Refusal::Unnamed => Failure::permanent("condition_failed", format!("a condition on {item} does not hold")),
        Refusal::InOrder(sequence) => return in_order(*sequence, &item, reason),
    })
}

/// The row's version tells what became of the sequence before: done already, or missing still.
fn in_order(sequence: u64, item: &str, reason: &CancellationReason) -> Verdict {
    let version = reason.item().and_then(|row| row.get(VERSION)?.as_n().ok()?.parse::<u64>().ok()).unwrap_or_default();
    if version >= sequence {
        return Verdict::Before(Box::new(Committed {
            outcome: super::Outcome::Duplicate,
            response: None,
            outgoing: Vec::new(),
            emitted: Vec::new(),
            started: Vec::new(),
        }));
    }
    let cause = format!("{item} is at {version}, the event is {sequence}: it waits for {}", version + 1);
    Verdict::Refused(Failure::transient("gap", cause))
}
