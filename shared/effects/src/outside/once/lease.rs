//! The lease on a key, fenced by an epoch: a row of the idempotency table, `once|<key>`.
//!
//! ```text
//!            claim, epoch + 1                    store, if owner and epoch are mine
//!   (none) ──────────────────▶ held ─────────────────────────────────────────────▶ done ── forgotten after 60 days
//!                             │  ▲ ▲
//!        give back, if mine   ▼  │ │ claim, epoch + 1, when lease_until is over
//!                            free┘ └── held
//! ```
//!
//! Powertools for AWS Lambda [completes and deletes](https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/) its
//! record unconditionally: a first holder that ends late overwrites the second's result, or deletes its record.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::outbox::sortable;
use crate::world::World;

/// How long a result is kept: past the time in which the same event can come back.
const KEPT_SECONDS: i64 = 60 * 24 * 60 * 60;
/// How much longer than its function a lease lasts: clocks of two functions may differ by that much.
const SKEW: SignedDuration = SignedDuration::from_secs(2);
/// Tries to take a lease when the answer was lost: the first may have taken it, under the same owner.
const TRIES: u32 = 3;

type Answer = Result<UpdateItemOutput, SdkError<UpdateItemError>>;
type Item = HashMap<String, AttributeValue>;

/// A lease that was taken.
#[derive(Debug)]
pub(super) struct Lease {
    key: String,
    owner: String,
    epoch: u64,
}

/// What came of trying to take it.
pub(super) enum Claim {
    Mine(Lease),
    /// The call was made before: its stored result.
    Done(String),
    /// Another has it, until then.
    Held(Timestamp),
}

/// What came of storing a result.
pub(super) enum Finish {
    Mine,
    /// The lease had passed to another: its result, where it stored one already.
    Fenced(Option<String>),
}

impl Lease {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Takes the lease where it is free: never held, given back, over, or forgotten.
    pub(super) async fn claim(
        world: &World,
        function: &str,
        key: &str,
        owner: &str,
        deadline: Timestamp,
    ) -> Result<Claim, Failure> {
        let now = world.ambient().now();
        let claim = row(world, key)?
            .update_expression(
                "SET #status = :held, #owner = :owner, lease_until = :until, #function = :function, created_at = :at, \
                 expires_at = :expires REMOVE #result ADD epoch :one",
            )
            .condition_expression(
                "attribute_not_exists(#key) OR expires_at < :now OR #status = :free \
                 OR (#status = :held AND (lease_until < :now_ms OR #owner = :owner))",
            )
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#function", "function")
            .expression_attribute_names("#result", "result")
            .expression_attribute_values(":free", text("free"))
            .expression_attribute_values(":owner", text(owner))
            .expression_attribute_values(":function", text(function))
            .expression_attribute_values(":at", text(sortable(now)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":now_ms", number(now.as_millisecond()))
            .expression_attribute_values(":until", number((deadline + SKEW).as_millisecond()))
            .expression_attribute_values(":expires", number(now.as_second() + KEPT_SECONDS))
            .return_values(ReturnValue::AllNew);
        for _ in 1..TRIES {
            match claim.clone().send().await {
                Err(error) if error.as_service_error().is_none() => continue,
                answer => return claimed(key, owner, answer),
            }
        }
        claimed(key, owner, claim.send().await)
    }

    /// The stored result, without taking the lease.
    pub(super) async fn result(world: &World, key: &str) -> Result<Option<String>, Failure> {
        let get = world.clients().dynamodb().get_item().consistent_read(true);
        let get = get.table_name(world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?);
        let answer = get.key("key", text(format!("once|{key}"))).send().await.map_err(Failure::of_call)?;
        let item = answer.item.unwrap_or_default();
        let expires_at = item.get("expires_at").and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        let kept = expires_at.is_some_and(|at| at >= world.ambient().now().as_second());
        Ok(result_of(&item).filter(|_| kept))
    }

    /// Stores the result and ends the lease.
    pub(super) async fn store(&self, world: &World, result: &str) -> Result<Finish, Failure> {
        let expires_at = world.ambient().now().as_second() + KEPT_SECONDS;
        let store = row(world, &self.key)?
            .update_expression("SET #status = :done, #result = :result, expires_at = :expires REMOVE lease_until")
            .condition_expression("#owner = :owner AND epoch = :epoch AND #status IN (:held, :done)")
            .expression_attribute_names("#result", "result")
            .expression_attribute_values(":done", text("done"))
            .expression_attribute_values(":result", text(result))
            .expression_attribute_values(":owner", text(&self.owner))
            .expression_attribute_values(":epoch", number(self.epoch))
            .expression_attribute_values(":expires", number(expires_at));
        match refused(store.send().await)? {
            None => Ok(Finish::Mine),
            Some(item) => Ok(Finish::Fenced(result_of(&item))),
        }
    }

    /// Gives it back without a result. Answers whether it was still this holder's.
    pub(super) async fn give_back(&self, world: &World) -> Result<bool, Failure> {
        let free = row(world, &self.key)?
            .update_expression("SET #status = :free REMOVE lease_until")
            .condition_expression("#owner = :owner AND epoch = :epoch AND #status = :held")
            .expression_attribute_values(":free", text("free"))
            .expression_attribute_values(":owner", text(&self.owner))
            .expression_attribute_values(":epoch", number(self.epoch));
        Ok(refused(free.send().await)?.is_none())
    }
}

fn claimed(key: &str, owner: &str, answer: Answer) -> Result<Claim, Failure> {
    let item = match answer {
        Ok(answer) => {
            let item = answer.attributes.unwrap_or_default();
            let epoch = item.get("epoch").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default();
            return Ok(Claim::Mine(Lease { key: key.to_owned(), owner: owner.to_owned(), epoch }));
        }
        Err(error) => held(error)?,
    };
    match result_of(&item) {
        Some(result) => Ok(Claim::Done(result)),
        None => {
            let until = item.get("lease_until").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default();
            Ok(Claim::Held(Timestamp::from_millisecond(until).unwrap_or_default()))
        }
    }
}

/// The row that a failed condition met; none when the update went through.
fn refused(answer: Answer) -> Result<Option<Item>, Failure> {
    match answer {
        Ok(_) => Ok(None),
        Err(error) => held(error).map(Some),
    }
}

/// The row that a condition met.
fn held(error: SdkError<UpdateItemError>) -> Result<Item, Failure> {
    match error {
        SdkError::ServiceError(error) if error.err().is_conditional_check_failed_exception() => {
            match error.into_err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => Ok(failed.item.unwrap_or_default()),
                error => Err(error.into()),
            }
        }
        error => Err(Failure::of_call(error)),
    }
}

fn result_of(item: &Item) -> Option<String> {
    item.get("result").and_then(|value| value.as_s().ok()).cloned()
}

fn row(world: &World, key: &str) -> Result<UpdateItemFluentBuilder, Failure> {
    let update = world.clients().dynamodb().update_item();
    Ok(update
        .table_name(world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
        .key("key", text(format!("once|{key}")))
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#owner", "owner")
        .expression_attribute_values(":held", text("held"))
        .return_values_on_condition_check_failure(OnFailure::AllOld))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
