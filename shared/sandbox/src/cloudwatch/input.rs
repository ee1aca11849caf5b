//! Reading the members of a request, whichever protocol it came in: in a form everything is text.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::errors;
use crate::wire::ServiceError;

/// A request or a part of one, with its place in it as errors name it: `MetricData.member.1.`.
#[derive(Clone)]
pub(super) struct Input<'a> {
    value: &'a Value,
    place: Cow<'static, str>,
}

impl<'a> Input<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self { value, place: Cow::Borrowed("") }
    }

    /// The member's name with its place.
    pub(super) fn named(&self, member: &str) -> String {
        format!("{}{member}", self.place)
    }

    fn get(&self, member: &str) -> Option<&'a Value> {
        self.value.get(member).filter(|value| !value.is_null())
    }

    pub(super) fn has(&self, member: &str) -> bool {
        self.get(member).is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()))
    }

    pub(super) fn text(&self, member: &str) -> Result<&'a str, ServiceError> {
        self.optional(member).ok_or_else(|| errors::missing(&self.named(member)))
    }

    pub(super) fn optional(&self, member: &str) -> Option<&'a str> {
        self.get(member).and_then(Value::as_str)
    }

    pub(super) fn flag(&self, member: &str) -> Option<bool> {
        let value = self.get(member)?;
        value.as_bool().or_else(|| value.as_str().map(|text| text == "true"))
    }

    pub(super) fn number(&self, member: &str) -> Result<Option<f64>, ServiceError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let number = number(value).ok_or_else(|| self.malformed(member, "a number"))?;
        Ok(Some(number))
    }

    pub(super) fn integer(&self, member: &str) -> Result<Option<i64>, ServiceError> {
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 1e15;
        match self.number(member)? {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number far from the limits")]
            Some(number) if whole(number) => Ok(Some(number as i64)),
            Some(_) => Err(self.malformed(member, "a whole number")),
            None => Ok(None),
        }
    }

    pub(super) fn numbers(&self, member: &str) -> Result<Vec<f64>, ServiceError> {
        let list = self.get(member).and_then(Value::as_array).into_iter().flatten();
        list.map(|value| number(value).ok_or_else(|| self.malformed(member, "a list of numbers"))).collect()
    }

    /// A time: seconds since 1970, or RFC 3339 text.
    pub(super) fn time(&self, member: &str) -> Result<Option<Timestamp>, ServiceError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let time = match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_f64().and_then(timestamp),
        };
        time.map(Some).ok_or_else(|| self.malformed(member, "a time"))
    }

    pub(super) fn texts(&self, member: &str) -> impl Iterator<Item = &'a str> {
        self.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    pub(super) fn part(&self, member: &str) -> Option<Self> {
        let place = format!("{}{member}.", self.place).into();
        self.get(member).filter(|value| value.is_object()).map(|value| Self { value, place })
    }

    pub(super) fn list(&self, member: &str) -> Vec<Self> {
        let list = self.get(member).and_then(Value::as_array).into_iter().flatten().zip(1..);
        let place = |number: usize| format!("{}{member}.member.{number}.", self.place).into();
        list.map(|(value, number)| Self { value, place: place(number) }).collect()
    }

    fn malformed(&self, member: &str, wanted: &str) -> ServiceError {
        errors::value(format!("The parameter {} must be {wanted}.", self.named(member)))
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

/// A time in seconds since 1970.
pub(super) fn timestamp(seconds: f64) -> Option<Timestamp> {
    SignedDuration::try_from_secs_f64(seconds).ok().and_then(|since| Timestamp::from_duration(since).ok())
}
