//! Choice.

use std::cmp::Ordering as Found;

use jiff::Timestamp;
use serde_json::Value;

use super::failure::Failure;
use super::flow::{Run, Thread};
use super::state::{Left, Work};
use crate::data::{Data, EvaluationError};
use crate::machine::{Choice, Comparison, Next, Operand, Operator, State, Test, ValueKind};

impl Run<'_> {
    pub(super) fn choice(&self, thread: &Thread, work: &Work<'_>, choices: &[Choice]) -> Result<Left, Failure> {
        let data = self.data(thread, work.effective, work.context);
        for (index, choice) in choices.iter().enumerate() {
            let at = |e: EvaluationError| e.at(&format!("Choices[{index}]/Condition"));
            if holds(&choice.test, data).map_err(at)? {
                // A rule that was taken brings its own Assign and Output; the state's belong to Default.
                let state = State {
                    assign: choice.assign.clone(),
                    output: choice.output.clone(),
                    ..work.state.clone_shallow()
                };
                let left = self.finish(thread, &Work { state: &state, ..*work }, work.effective.clone(), None)?;
                return Ok(Left { next: Some(Next::State(choice.next.clone())), ..left });
            }
        }
        if work.state.next.is_none() {
            let cause = format!(
                "Failed to transition out of the state '{}'. The state's Choice matched nothing, and it has no Default.",
                work.name
            );
            return Err(Failure::new("States.NoChoiceMatched", Some(cause)));
        }
        self.finish(thread, work, work.effective.clone(), None)
    }
}

/// Definitions nest no deeper than `serde_json` reads, so this recursion is shallow.
fn holds(test: &Test, data: Data<'_>) -> Result<bool, EvaluationError> {
    match test {
        Test::Not(inner) => Ok(!holds(inner, data)?),
        Test::And(tests) => every(tests, data, true),
        Test::Or(tests) => every(tests, data, false).map(|none| !none),
        Test::Compare(comparison) => compare(comparison, data),
        Test::Condition(template) => match template.render(data)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(EvaluationError::new(
                "States.QueryEvaluationError",
                format!("A Condition must be a boolean, not {other}"),
            )),
        },
    }
}

/// Whether every test comes out as `wanted`.
fn every(tests: &[Test], data: Data<'_>, wanted: bool) -> Result<bool, EvaluationError> {
    for test in tests {
        if holds(test, data)? != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(comparison: &Comparison, data: Data<'_>) -> Result<bool, EvaluationError> {
    let found = comparison.variable.get(data);
    if let Operator::IsPresent(wanted) = comparison.operator {
        return Ok(found.is_some() == wanted);
    }
    let missing = |path: &crate::path::Path| {
        EvaluationError::runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ))
    };
    let value = found.ok_or_else(|| missing(&comparison.variable))?;
    Ok(match &comparison.operator {
        Operator::IsPresent(wanted) => *wanted,
        Operator::IsNull(wanted) => value.is_null() == *wanted,
        Operator::Is(kind, wanted) => is(&value, *kind) == *wanted,
        Operator::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
        Operator::Ordered(kind, ordering, operand) => {
            let other = match operand {
                Operand::Fixed(other) => other.clone(),
                Operand::Path(path) => path.get(data).ok_or_else(|| missing(path))?,
            };
            order(*kind, &value, &other).is_some_and(|found| ordering.holds(found))
        }
    })
}

fn is(value: &Value, kind: ValueKind) -> bool {
    match kind {
        ValueKind::String => value.is_string(),
        ValueKind::Numeric => value.is_number(),
        ValueKind::Boolean => value.is_boolean(),
        ValueKind::Timestamp => timestamp(value).is_some(),
    }
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// `None`, which is no match, when either is not of the operator's kind.
fn order(kind: ValueKind, left: &Value, right: &Value) -> Option<Found> {
    match kind {
        ValueKind::String => Some(left.as_str()?.cmp(right.as_str()?)),
        ValueKind::Numeric => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
        },
        ValueKind::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        ValueKind::Timestamp => Some(timestamp(left)?.cmp(&timestamp(right)?)),
    }
}

/// `StringMatches`: `*` stands for any characters, `\*` for itself.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => pieces.push(String::new()),
            c => {
                let c = if c == '\\' { chars.next().unwrap_or(c) } else { c };
                if let Some(piece) = pieces.last_mut() {
                    piece.push(c);
                }
            }
        }
    }
    match pieces.as_slice() {
        [] => text.is_empty(),
        [only] => only == text,
        [first, middle @ .., last] => {
            let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
            for piece in middle {
                match rest.split_once(piece.as_str()) {
                    Some((_, after)) => rest = after,
                    None => return false,
                }
            }
            rest.ends_with(last.as_str())
        }
    }
}

impl State {
    /// The fields that a Choice's exit needs, without its rules.
    fn clone_shallow(&self) -> Self {
        Self {
            language: self.language,
            input_path: None,
            output_path: self.output_path.clone(),
            output: None,
            assign: None,
            kind: crate::machine::Kind::Succeed,
            next: self.next.clone(),
        }
    }
}
