//! Pass, Wait, Fail.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::failure::Failure;
use super::flow::{Run, Thread};
use super::later;
use super::state::{Left, Work};
use crate::data::{Data, EvaluationError};
use crate::machine::{Amount, Fail, Pass, QueryLanguage, Text, Wait};
use crate::path::Path;
use crate::template::{Template, missing};

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
            Wait::Seconds(amount) => later(self.environment.clock.now(), delay(amount, data)?),
            Wait::Until(text) => until(text, data)?,
        };
        self.environment.clock.sleep_until(until).await;
        self.finish(thread, work, work.effective.clone(), None)
    }

    /// The failure that the state is.
    pub(super) fn fail(&self, thread: &Thread, work: &Work<'_>, fail: &Fail) -> Result<Failure, Failure> {
        let data = self.data(thread, work.effective, work.context);
        let error = fail.error.as_ref().map(|t| text("Error", t, data)).transpose()?;
        let cause = fail.cause.as_ref().map(|t| text("Cause", t, data)).transpose()?;
        Ok(Failure { error, ..Failure::new("", cause) })
    }
}

/// How long a Wait state waits.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html>
fn delay(amount: &Amount, data: Data<'_>) -> Result<SignedDuration, EvaluationError> {
    let Amount::Path(path) = amount else { return seconds(amount, data).map_err(|e| e.at("Seconds")) };
    let what = |what: String| EvaluationError::runtime(format!("The SecondsPath parameter {what}"));
    let shown = path.text();
    let Some(value) = path.get(data) else {
        return Err(what(format!("does not reference an input value: {shown}")));
    };
    let whole = integer(&value)
        .ok_or_else(|| what(format!("cannot be parsed as a long value: {shown} == {}", plain(&value))))?;
    if whole < 0 {
        return Err(what(format!("references a negative value: {shown} == {whole}")));
    }
    within_limit(whole.unsigned_abs())
}

fn until(text: &Text, data: Data<'_>) -> Result<Timestamp, EvaluationError> {
    if let Text::Computed(Template::Path(path)) = text {
        let what = |what: String| EvaluationError::runtime(format!("The TimestampPath parameter {what}"));
        let value =
            path.get(data).ok_or_else(|| what(format!("does not reference an input value: {}", path.text())))?;
        return value.as_str().and_then(timestamp).ok_or_else(|| {
            what(format!(
                "does not reference a valid ISO-8601 extended offset date-time format string: {} == {}",
                path.text(),
                plain(&value)
            ))
        });
    }
    let at = self::text("Timestamp", text, data)?;
    timestamp(&at).ok_or_else(|| {
        let cause = format!(
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {at}"
        );
        EvaluationError { late: true, ..EvaluationError::new("States.QueryEvaluationError", cause).at("Timestamp") }
    })
}

/// RFC 3339 with its `T` and its offset: `2026-11-25T12:00:00Z`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html>
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let offset = time.ends_with('Z') || time.get(time.len().checked_sub(6)?..)?.starts_with(['+', '-']);
    if !offset || date.len() != 10 || !text.is_ascii() {
        return None;
    }
    text.parse().ok()
}

/// A text that a field gives or computes.
fn text(field: &str, text: &Text, data: Data<'_>) -> Result<String, EvaluationError> {
    let template = match text {
        Text::Fixed(text) => return Ok(text.clone()),
        Text::Computed(template) => template,
    };
    let found = match template {
        Template::Path(path) => path.get(data).ok_or_else(|| missing(path, &format!("{field}Path"), data))?,
        other => other.render(data).map_err(|e| e.at(field))?,
    };
    match (found, template.expression()) {
        (Value::String(text), _) => Ok(text),
        (other, Some(expression)) => Err(EvaluationError::unexpected(expression, "string", &other).at(field)),
        (other, None) => {
            Err(EvaluationError::runtime(format!("The {field}Path field must refer to a string, but was: {other}")))
        }
    }
}

/// Text as it is, other values as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A whole number, or text that is one.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// An integer that the field `…Path` refers to.
pub(super) fn path_integer(field: &str, path: &Path, data: Data<'_>) -> Result<i64, EvaluationError> {
    let value = path.require(data)?;
    integer(&value).ok_or_else(|| refers(field, path, &value, "integer"))
}

/// A number that the field `…Path` refers to.
pub(super) fn path_float(field: &str, path: &Path, data: Data<'_>) -> Result<f64, EvaluationError> {
    let value = path.require(data)?;
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    number.ok_or_else(|| refers(field, path, &value, "float"))
}

fn refers(field: &str, path: &Path, value: &Value, what: &str) -> EvaluationError {
    let value = plain(value);
    let cause = format!("The {field} field refers to value \"{value}\" which is not a valid {what}: {}", path.text());
    EvaluationError::runtime(cause)
}

/// The duration that `amount` gives in seconds.
pub(super) fn seconds(amount: &Amount, data: Data<'_>) -> Result<SignedDuration, EvaluationError> {
    within_limit(number(amount, data)?)
}

fn within_limit(seconds: u64) -> Result<SignedDuration, EvaluationError> {
    if seconds > crate::limits::SECONDS {
        return Err(EvaluationError::runtime("Wait state delay is too long."));
    }
    Ok(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

pub(super) fn number(amount: &Amount, data: Data<'_>) -> Result<u64, EvaluationError> {
    let (value, expression) = match amount {
        Amount::Fixed(number) => return Ok(*number),
        Amount::Path(path) => (path.require(data)?, None),
        Amount::Expression(template) => (template.render(data)?, template.expression()),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and not negative")]
    let whole = value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64));
    whole.ok_or_else(|| match expression {
        Some(expression) => EvaluationError::unexpected(expression, "number", &value),
        None => EvaluationError::runtime(format!("A non-negative integer is expected, not {value}")),
    })
}
