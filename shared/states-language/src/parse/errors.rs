//! `Retry` and `Catch`.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>

use serde_json::Value;

use super::fields::Fields;
use crate::diagnostic::Rule;
use crate::limits::SECONDS;
use crate::machine::{Catcher, QueryLanguage, Retrier};

/// AWS's limit for `MaxDelaySeconds`.
const MAX_DELAY_SECONDS: u64 = 31_622_400;

pub(super) fn retriers(fields: &mut Fields<'_>) -> Vec<Retrier> {
    entries(fields, "Retry", |entry, errors| {
        let jitter = entry.string("JitterStrategy");
        if let Some(other) = jitter.as_deref().filter(|j| !matches!(*j, "FULL" | "NONE")) {
            let message = format!("'JitterStrategy' must be 'FULL' or 'NONE', not '{other}'");
            entry.error(Rule::WrongValue, "JitterStrategy", message);
        }
        let interval_seconds = entry.integer("IntervalSeconds", 1, SECONDS).unwrap_or(1);
        let max_delay_seconds = entry.integer("MaxDelaySeconds", 1, MAX_DELAY_SECONDS);
        if max_delay_seconds.is_some_and(|most| most <= interval_seconds) {
            let message = "'MaxDelaySeconds' must be greater than 'IntervalSeconds'";
            entry.error(Rule::WrongValue, "MaxDelaySeconds", message);
        }
        Some(Retrier {
            errors,
            interval_seconds,
            max_attempts: entry.integer("MaxAttempts", 0, SECONDS).unwrap_or(3),
            backoff_rate: entry.number("BackoffRate", 1.0).unwrap_or(2.0),
            max_delay_seconds,
            full_jitter: jitter.as_deref() == Some("FULL"),
        })
    })
}

pub(super) fn catchers(fields: &mut Fields<'_>, language: QueryLanguage) -> Vec<Catcher> {
    entries(fields, "Catch", |entry, errors| {
        entry.require("Next");
        let next = entry.string("Next");
        let mut catcher =
            Catcher { errors, next: next.unwrap_or_default(), result_path: None, output: None, assign: None };
        match language {
            QueryLanguage::JsonPath => {
                catcher.result_path = entry.result_path();
                catcher.assign = entry.json_path("Assign");
            }
            QueryLanguage::Jsonata => {
                catcher.output = entry.jsonata("Output");
                catcher.assign = entry.jsonata("Assign");
            }
        }
        (!catcher.next.is_empty()).then_some(catcher)
    })
}

fn entries<T>(
    fields: &mut Fields<'_>,
    name: &str,
    mut read: impl FnMut(&mut Fields<'_>, Vec<String>) -> Option<T>,
) -> Vec<T> {
    let place = fields.place(name);
    let values = fields.array(name).unwrap_or_default();
    let mut found = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let Some(mut entry) = Fields::of(value, &format!("{place}[{index}]"), fields.report) else { continue };
        entry.string("Comment");
        let errors = error_equals(&mut entry, index + 1 == values.len());
        found.extend(read(&mut entry, errors));
        entry.finish();
    }
    found
}

/// `States.ALL` stands alone, in the last entry.
fn error_equals(entry: &mut Fields<'_>, last: bool) -> Vec<String> {
    entry.require("ErrorEquals");
    let Some(values) = entry.array("ErrorEquals") else { return Vec::new() };
    let errors: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if errors.len() < values.len() {
        entry.error(Rule::WrongType, "ErrorEquals", "'ErrorEquals' must be an array of strings");
    }
    if values.is_empty() {
        entry.error(Rule::WrongValue, "ErrorEquals", "'ErrorEquals' must not be empty");
    }
    if errors.iter().any(|e| e == "States.ALL") && (!last || errors.len() > 1) {
        let message = "'States.ALL' must stand alone, and in the last of the retriers or catchers";
        entry.error(Rule::StatesAllNotLast, "ErrorEquals", message);
    }
    errors
}
