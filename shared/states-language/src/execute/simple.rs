//! Pass, Wait, Fail.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::failure::Failure;
use super::flow::{Run, Thread};
use super::later;
use super::state::{Left, Work};
use crate::data::{Data, EvaluationError};
use crate::machine::{Amount, Fail, Pass, QueryLanguage, Text, Wait};

impl Run<'_> {
    pub(super) fn pass(&self, thread: &Thread, work: &Work<'_>, pass: &Pass) -> Result<Left, Failure> {
        if work.state.language == QueryLanguage::Jsonata {
            return self.finish(thread, work, work.input.clone(), None);
        }
        let data = self.data(thread, work.effective, work.context);
        let result = match (&pass.result, &pass.parameters) {
            (Some(result), _) => result.clone(),
            (None, Some(template)) => template.render(data).map_err(|e| e.at("Parameters"))?,
            (None, None) => work.effective.clone(),
        };
        let combined = match &pass.result_path {
            Some(path) => path.set(work.input.clone(), result.clone())?,
            None => work.input.clone(),
        };
        self.finish(thread, work, combined, Some(&result))
    }

    pub(super) async fn wait(&self, thread: &Thread, work: &Work<'_>, wait: &Wait) -> Result<Left, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let until = match wait {
            Wait::Seconds(amount) => {
                later(self.environment.clock.now(), seconds(amount, data).map_err(|e| e.at("Seconds"))?)
            }
            Wait::Until(text) => {
                let at = self.text(text, data).map_err(|e| e.at("Timestamp"))?;
                at.parse::<Timestamp>().map_err(|_| {
                    EvaluationError::runtime(format!("The timestamp parameter '{at}' is not a valid timestamp."))
                })?
            }
        };
        self.environment.clock.sleep_until(until).await;
        self.finish(thread, work, work.effective.clone(), None)
    }

    /// The failure that the state is.
    pub(super) fn fail(&self, thread: &Thread, work: &Work<'_>, fail: &Fail) -> Result<Failure, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let error = fail.error.as_ref().map(|t| self.text(t, data).map_err(|e| e.at("Error"))).transpose()?;
        let cause = fail.cause.as_ref().map(|t| self.text(t, data).map_err(|e| e.at("Cause"))).transpose()?;
        Ok(Failure { error, ..Failure::new("", cause) })
    }

    fn text(&self, text: &Text, data: Data<'_>) -> Result<String, EvaluationError> {
        let template = match text {
            Text::Fixed(text) => return Ok(text.clone()),
            Text::Computed(template) => template,
        };
        match template.render(data)? {
            Value::String(text) => Ok(text),
            other => Err(EvaluationError::runtime(format!("A string is expected, not {other}"))),
        }
    }
}

/// The duration that `amount` gives in seconds.
pub(super) fn seconds(amount: &Amount, data: Data<'_>) -> Result<SignedDuration, EvaluationError> {
    let seconds = number(amount, data)?;
    if seconds > crate::limits::SECONDS {
        let cause = format!("{seconds} seconds are more than {}", crate::limits::SECONDS);
        return Err(EvaluationError::runtime(cause));
    }
    Ok(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

pub(super) fn number(amount: &Amount, data: Data<'_>) -> Result<u64, EvaluationError> {
    let value = match amount {
        Amount::Fixed(number) => return Ok(*number),
        Amount::Path(path) => path.require(data)?,
        Amount::Expression(template) => template.render(data)?,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and not negative")]
    let whole = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64));
    whole.ok_or_else(|| EvaluationError::runtime(format!("A non-negative integer is expected, not {value}")))
}
