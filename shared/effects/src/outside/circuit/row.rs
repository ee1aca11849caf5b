//! The circuit's row in the idempotency table, `breaker|<dependency>`. It does not expire.
//!
//! ```text
//!              failures enough, epoch + 1              open_until is over: claim, epoch + 1
//!   closed ─────────────────────────────────▶ open ───────────────────────────────────────▶ half_open
//!     ▲  ADD failures                          ▲        probe failed, if owner and epoch are mine │  ▲
//!     │                                        └──────────────────────────────────────────────────┤  │ claim, epoch + 1,
//!     └───────────────────────────────────────────── probe succeeded, if owner and epoch are mine ┘  │ when probe_until is over
//!                                                                                          half_open ┘
//! ```

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::outbox::sortable;
use crate::world::World;

/// Tries of a change whose answer was lost: the first may have made it, under the same owner.
const TRIES: u32 = 3;

/// Whether calls are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Closed,
    /// None, until then.
    Open { until: Timestamp },
    /// One, which should have ended by then.
    HalfOpen { until: Timestamp },
}

/// What the row says.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    /// One more with each opening and each probe.
    pub(super) epoch: u64,
    pub(super) failures: u32,
    pub(super) successes: u32,
    /// How often in a row it has opened.
    pub(super) openings: u32,
    pub(super) closed_at: Timestamp,
    owner: String,
}

/// Who changes the row, under which epoch.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) owner: String,
    pub(super) epoch: u64,
}

/// A change that was made, or the state that its condition met instead.
pub(super) type Changed = Result<State, State>;

#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) world: &'a World,
    pub(super) dependency: &'a str,
    pub(super) function: &'a str,
}

impl Row<'_> {
    /// What it says, perhaps not of this very moment: a probe and a count are conditional writes.
    pub(super) async fn read(&self) -> Result<State, Failure> {
        let get = self.world.clients().dynamodb().get_item().table_name(self.table()?);
        let answer = get.key("key", text(self.key())).send().await?;
        Ok(State::of(&answer.item.unwrap_or_default()))
    }

    /// Counts a failure of a call that began at `began`, with the successes before it. A call that began before the circuit
    /// closed says nothing about now.
    pub(super) async fn count(&self, began: Timestamp, successes: u32, window: Duration) -> Result<Changed, Failure> {
        for _ in 1..TRIES {
            match self.add(began, successes).await? {
                Err(met) if met.phase == Phase::Closed && met.closed_at <= began => {}
                settled => return Ok(settled),
            }
            if let Ok(state) = self.begin(successes, window).await? {
                return Ok(Ok(state));
            }
        }
        self.add(began, successes).await
    }

    async fn add(&self, began: Timestamp, successes: u32) -> Result<Changed, Failure> {
        let add = self
            .update("ADD failures :one, successes :successes")?
            .condition_expression(
                "#status = :closed AND window_until > :now AND (attribute_not_exists(closed_at) OR closed_at <= :began)",
            )
            .expression_attribute_values(":closed", text("closed"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":successes", number(successes))
            .expression_attribute_values(":began", millis(began))
            .expression_attribute_values(":now", millis(self.now()));
        change(&add, 1).await
    }

    /// The first failure, or the first after a window.
    async fn begin(&self, successes: u32, window: Duration) -> Result<Changed, Failure> {
        let now = self.now();
        let begin = self
            .update(
                "SET #status = :closed, failures = :one, successes = :successes, window_until = :until ADD epoch :zero",
            )?
            .condition_expression("attribute_not_exists(#key) OR (#status = :closed AND window_until <= :now)")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":closed", text("closed"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":successes", number(successes))
            .expression_attribute_values(":until", millis(now + window))
            .expression_attribute_values(":now", millis(now));
        change(&begin, 1).await
    }

    /// Opens a closed circuit, if none did since `turn.epoch`.
    pub(super) async fn open(&self, turn: &Turn, until: Timestamp, cause: &str) -> Result<Changed, Failure> {
        let open = self
            .signed(
                "SET #status = :open, #owner = :owner, #function = :function, changed_at = :at, open_until = :until, \
                 openings = :one, cause = :cause ADD epoch :one",
                turn,
            )?
            .condition_expression("#status = :closed AND epoch = :epoch")
            .expression_attribute_names("#function", "function")
            .expression_attribute_values(":function", text(self.function))
            .expression_attribute_values(":closed", text("closed"))
            .expression_attribute_values(":open", text("open"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":epoch", number(turn.epoch))
            .expression_attribute_values(":cause", text(cause))
            .expression_attribute_values(":until", millis(until));
        Ok(own(change(&open, TRIES).await?, &Turn { epoch: turn.epoch + 1, ..turn.clone() }))
    }

    /// Takes the probe: of all who ask, one gets it. The answer's epoch fences what it does with it.
    pub(super) async fn claim(&self, owner: &str, until: Timestamp) -> Result<Changed, Failure> {
        let turn = Turn { owner: owner.to_owned(), epoch: 0 };
        let claim = self
            .signed(
                "SET #status = :half_open, #owner = :owner, #function = :function, changed_at = :at, \
                 probe_until = :until ADD epoch :one",
                &turn,
            )?
            .condition_expression(
                "(#status = :open AND open_until <= :now) \
                 OR (#status = :half_open AND (probe_until < :now OR #owner = :owner))",
            )
            .expression_attribute_names("#function", "function")
            .expression_attribute_values(":function", text(self.function))
            .expression_attribute_values(":open", text("open"))
            .expression_attribute_values(":half_open", text("half_open"))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":now", millis(self.now()));
        change(&claim, TRIES).await
    }

    /// The probe failed, or was not used: open again, if the turn is still the probe's.
    pub(super) async fn reopen(&self, turn: &Turn, until: Timestamp, openings: u32) -> Result<Changed, Failure> {
        let reopen = self
            .signed(
                "SET #status = :open, changed_at = :at, open_until = :until, openings = :openings REMOVE probe_until",
                turn,
            )?
            .condition_expression("#status = :half_open AND #owner = :owner AND epoch = :epoch")
            .expression_attribute_values(":open", text("open"))
            .expression_attribute_values(":half_open", text("half_open"))
            .expression_attribute_values(":epoch", number(turn.epoch))
            .expression_attribute_values(":openings", number(openings))
            .expression_attribute_values(":until", millis(until));
        Ok(own(change(&reopen, TRIES).await?, turn))
    }

    /// The probe succeeded: closed, if the turn is still the probe's.
    pub(super) async fn close(&self, turn: &Turn) -> Result<Changed, Failure> {
        let close = self
            .signed(
                "SET #status = :closed, changed_at = :at, closed_at = :now, window_until = :now, failures = :zero, \
                 successes = :zero, openings = :zero REMOVE probe_until, open_until, cause",
                turn,
            )?
            .condition_expression("#status = :half_open AND #owner = :owner AND epoch = :epoch")
            .expression_attribute_values(":closed", text("closed"))
            .expression_attribute_values(":half_open", text("half_open"))
            .expression_attribute_values(":epoch", number(turn.epoch))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":now", millis(self.now()));
        Ok(own(change(&close, TRIES).await?, turn))
    }

    fn now(&self) -> Timestamp {
        self.world.ambient().now()
    }

    fn key(&self) -> String {
        format!("breaker|{}", self.dependency)
    }

    fn table(&self) -> Result<&str, Failure> {
        Ok(self.world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
    }

    fn update(&self, expression: &str) -> Result<UpdateItemFluentBuilder, Failure> {
        let update = self.world.clients().dynamodb().update_item().table_name(self.table()?);
        Ok(update
            .key("key", text(self.key()))
            .update_expression(expression)
            .expression_attribute_names("#status", "status")
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(OnFailure::AllOld))
    }

    fn signed(&self, expression: &str, turn: &Turn) -> Result<UpdateItemFluentBuilder, Failure> {
        let update = self.update(expression)?.expression_attribute_names("#owner", "owner");
        Ok(update
            .expression_attribute_values(":owner", text(&turn.owner))
            .expression_attribute_values(":at", text(sortable(self.now()))))
    }
}

/// Makes a change, again where its answer was lost.
async fn change(update: &UpdateItemFluentBuilder, tries: u32) -> Result<Changed, Failure> {
    let mut left = tries;
    loop {
        left -= 1;
        let error = match update.clone().send().await {
            Ok(answer) => return Ok(Ok(State::of(&answer.attributes.unwrap_or_default()))),
            Err(error) if error.as_service_error().is_none() && left > 0 => continue,
            Err(error) => error,
        };
        return match error.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(met) => Ok(Err(State::of(&met.item.unwrap_or_default()))),
            error => Err(error.into()),
        };
    }
}

/// A change that was met because an earlier try of it had been made is made.
fn own(changed: Changed, turn: &Turn) -> Changed {
    changed.or_else(|met| if met.owner == turn.owner && met.epoch == turn.epoch { Ok(met) } else { Err(met) })
}

impl State {
    fn of(item: &HashMap<String, AttributeValue>) -> Self {
        let number = |name: &str| item.get(name).and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        let count = |name: &str| number(name).and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
        let time = |name: &str| Timestamp::from_millisecond(number(name).unwrap_or_default()).unwrap_or_default();
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        let phase = match text("status").as_str() {
            "open" => Phase::Open { until: time("open_until") },
            "half_open" => Phase::HalfOpen { until: time("probe_until") },
            _ => Phase::Closed,
        };
        Self {
            phase,
            epoch: number("epoch").and_then(|epoch| u64::try_from(epoch).ok()).unwrap_or_default(),
            failures: count("failures"),
            successes: count("successes"),
            openings: count("openings"),
            closed_at: time("closed_at"),
            owner: text("owner"),
        }
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn millis(time: Timestamp) -> AttributeValue {
    number(time.as_millisecond())
}
