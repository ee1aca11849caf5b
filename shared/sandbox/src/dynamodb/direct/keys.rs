//! The condition on keys of a query.

use serde_json::Value;

use super::evaluate::compare;
use super::expression::Condition;
use super::expression::condition::{Comparison, Operand};
use super::request::Placeholders;
use super::table::Attribute;
use super::value::{Item, key_text};
use super::{Stop, Sure};

/// What a query selects: one partition, and a part of it.
pub(super) struct Selection<'a> {
    pub(super) partition: String,
    range: Option<(&'a Attribute, Range<'a>)>,
}

enum Range<'a> {
    Compare(Comparison, &'a Value),
    Between(&'a Value, &'a Value),
    BeginsWith(&'a Value),
}

impl<'a> Selection<'a> {
    pub(super) fn of(
        condition: &Condition,
        placeholders: &Placeholders<'a>,
        partition: &Attribute,
        sort: Option<&'a Attribute>,
    ) -> Sure<Self> {
        let mut clauses = Vec::with_capacity(2);
        flatten(condition, &mut clauses)?;
        let mut selection = Self { partition: String::new(), range: None };
        for clause in clauses {
            let (name, range) = read(clause, placeholders)?;
            if name == partition.name {
                let Range::Compare(Comparison::Equal, value) = range else { return Err(Stop::Theirs) };
                let whole = key_text(partition.kind, partition.inner(value)?);
                if !std::mem::replace(&mut selection.partition, whole).is_empty() {
                    return Err(Stop::Theirs);
                }
            } else {
                let sort = sort.filter(|sort| sort.name == name).ok_or(Stop::Theirs)?;
                range.values().iter().try_for_each(|value| sort.inner(value).map(drop))?;
                if selection.range.replace((sort, range)).is_some() {
                    return Err(Stop::Theirs);
                }
            }
        }
        (!selection.partition.is_empty()).then_some(selection).ok_or(Stop::Theirs)
    }

    /// The part of the partition, as a condition on dynoxide's column, with its parameters.
    pub(super) fn range(&self) -> Sure<(Option<String>, Vec<String>)> {
        let Some((sort, range)) = &self.range else { return Ok((None, Vec::new())) };
        let text = |value: &Value| sort.inner(value).map(|inner| key_text(sort.kind, inner));
        let bounds = match range {
            Range::Compare(comparison, value) => vec![(sign(*comparison)?, text(value)?)],
            Range::Between(low, high) => vec![(">=", text(low)?), ("<=", text(high)?)],
            Range::BeginsWith(prefix) if sort.kind == "S" => {
                let from = text(prefix)?;
                let to = after(&from).map(|to| ("<", to));
                to.into_iter().chain([(">=", from)]).collect()
            }
            Range::BeginsWith(_) => return Err(Stop::Theirs),
        };
        let conditions: Vec<String> =
            bounds.iter().zip(2..).map(|((sign, _), place)| format!("AND sk {sign} ?{place}")).collect();
        Ok((Some(conditions.join(" ")), bounds.into_iter().map(|(_, text)| text).collect()))
    }

    /// Whether a key is in the part of the partition that is selected.
    pub(super) fn includes(&self, key: &Item) -> Sure<bool> {
        let Some((sort, range)) = &self.range else { return Ok(true) };
        let value = key.get(&sort.name).ok_or(Stop::Theirs)?;
        match range {
            Range::Compare(comparison, other) => compare(value, *comparison, other),
            Range::Between(low, high) => {
                Ok(compare(value, Comparison::GreaterOrEqual, low)? && compare(value, Comparison::LessOrEqual, high)?)
            }
            Range::BeginsWith(prefix) => Ok(sort.inner(value)?.starts_with(sort.inner(prefix)?)),
        }
    }
}

impl<'a> Range<'a> {
    fn values(&self) -> Vec<&'a Value> {
        match self {
            Self::Compare(_, value) | Self::BeginsWith(value) => vec![value],
            Self::Between(low, high) => vec![low, high],
        }
    }
}

fn flatten<'c>(condition: &'c Condition, clauses: &mut Vec<&'c Condition>) -> Sure<()> {
    if let Condition::And(left, right) = condition {
        flatten(left, clauses)?;
        return flatten(right, clauses);
    }
    clauses.push(condition);
    (clauses.len() <= 2).then_some(()).ok_or(Stop::Theirs)
}

/// The attribute that a clause is about, and what it says of it.
fn read<'n, 'a: 'n>(clause: &'n Condition, placeholders: &Placeholders<'a>) -> Sure<(&'n str, Range<'a>)> {
    let (of, range) = match clause {
        Condition::Compare(of, comparison, Operand::Value(value)) => {
            (of, Range::Compare(*comparison, placeholders.value(value)?))
        }
        Condition::Between(of, Operand::Value(low), Operand::Value(high)) => {
            (of, Range::Between(placeholders.value(low)?, placeholders.value(high)?))
        }
        Condition::BeginsWith(of, Operand::Value(prefix)) => (of, Range::BeginsWith(placeholders.value(prefix)?)),
        _ => return Err(Stop::Theirs),
    };
    let Operand::Path(path) = of else { return Err(Stop::Theirs) };
    let [step] = path.as_slice() else { return Err(Stop::Theirs) };
    Ok((placeholders.name(step)?, range))
}

fn sign(comparison: Comparison) -> Sure<&'static str> {
    Ok(match comparison {
        Comparison::Equal => "=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::NotEqual => return Err(Stop::Theirs),
    })
}

/// The first text after all that begin with `prefix`.
fn after(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        // The range of characters leaves out what none can be.
        if let Some(next) = (last..=char::MAX).nth(1) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}
