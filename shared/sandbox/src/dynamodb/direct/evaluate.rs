//! Whether a condition holds for an item.

use std::borrow::Cow;
use std::cmp::Ordering;

use dynoxide::types::normalize_number_for_sort;
use serde_json::{Value, json};

use super::expression::Condition;
use super::expression::condition::{Comparison, Operand};
use super::request::Placeholders;
use super::value::{Item, parts};
use super::{Stop, Sure};

/// Leaves to dynoxide what it refuses for the operands in the request alone.
pub(super) fn check(condition: &Condition, placeholders: &Placeholders<'_>) -> Sure<()> {
    match condition {
        Condition::And(left, right) | Condition::Or(left, right) => {
            check(left, placeholders)?;
            check(right, placeholders)
        }
        Condition::Not(inner) => check(inner, placeholders),
        Condition::Between(_, Operand::Value(low), Operand::Value(high)) => {
            let (low, high) = (placeholders.value(low)?, placeholders.value(high)?);
            let right = parts(low)?.0 == parts(high)?.0 && !compare(low, Comparison::Greater, high)?;
            right.then_some(()).ok_or(Stop::Theirs)
        }
        Condition::Contains(of, what) if of == what => Err(Stop::Theirs),
        Condition::BeginsWith(_, Operand::Value(prefix)) => {
            (parts(placeholders.value(prefix)?)?.0 == "S").then_some(()).ok_or(Stop::Theirs)
        }
        _ => Ok(()),
    }
}

pub(super) fn holds(condition: &Condition, item: &Item, placeholders: &Placeholders<'_>) -> Sure<bool> {
    let value = |operand| resolve(operand, item, placeholders);
    match condition {
        Condition::And(left, right) => Ok(holds(left, item, placeholders)? && holds(right, item, placeholders)?),
        Condition::Or(left, right) => Ok(holds(left, item, placeholders)? || holds(right, item, placeholders)?),
        Condition::Not(inner) => Ok(!holds(inner, item, placeholders)?),
        Condition::Exists(path) => Ok(placeholders.find(item, path)?.is_some()),
        Condition::NotExists(path) => Ok(placeholders.find(item, path)?.is_none()),
        Condition::Compare(left, comparison, right) => match (value(left)?, value(right)?) {
            (Some(left), Some(right)) => compare(&left, *comparison, &right),
            // What is not there differs from everything.
            _ => Ok(*comparison == Comparison::NotEqual),
        },
        Condition::Between(of, low, high) => match (value(of)?, value(low)?, value(high)?) {
            (Some(of), Some(low), Some(high)) => {
                Ok(compare(&of, Comparison::GreaterOrEqual, &low)? && compare(&of, Comparison::LessOrEqual, &high)?)
            }
            _ => Ok(false),
        },
        Condition::In(of, candidates) => {
            let Some(of) = value(of)? else { return Ok(false) };
            for candidate in candidates {
                if let Some(candidate) = value(candidate)?
                    && compare(&of, Comparison::Equal, &candidate)?
                {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Type(path, kind) => {
            let (Some(found), Some(kind)) = (placeholders.find(item, path)?, value(kind)?) else { return Ok(false) };
            Ok(text(&kind)? == Some(parts(found)?.0))
        }
        Condition::BeginsWith(of, prefix) => {
            let (Some(of), Some(prefix)) = (value(of)?, value(prefix)?) else { return Ok(false) };
            Ok(matches!((text(&of)?, text(&prefix)?), (Some(of), Some(prefix)) if of.starts_with(prefix)))
        }
        Condition::Contains(of, what) => {
            let (Some(of), Some(what)) = (value(of)?, value(what)?) else { return Ok(false) };
            contains(&of, &what)
        }
    }
}

fn resolve<'v>(operand: &Operand, item: &'v Item, placeholders: &Placeholders<'v>) -> Sure<Option<Cow<'v, Value>>> {
    match operand {
        Operand::Path(path) => Ok(placeholders.find(item, path)?.map(Cow::Borrowed)),
        Operand::Value(name) => placeholders.value(name).map(|value| Some(Cow::Borrowed(value))),
        Operand::Size(path) => {
            let Some(found) = placeholders.find(item, path)? else { return Ok(None) };
            let size = match parts(found)? {
                ("S", Value::String(text)) => text.encode_utf16().count(),
                ("SS" | "NS" | "L", Value::Array(items)) => items.len(),
                ("M", Value::Object(members)) => members.len(),
                ("N" | "BOOL" | "NULL", _) => return Ok(None),
                _ => return Err(Stop::Theirs),
            };
            Ok(Some(Cow::Owned(json!({ "N": size.to_string() }))))
        }
    }
}

/// The text of a text. Bytes are left to dynoxide.
fn text(value: &Value) -> Sure<Option<&str>> {
    match parts(value)? {
        ("S", inner) => Ok(inner.as_str()),
        ("B" | "BS", _) => Err(Stop::Theirs),
        _ => Ok(None),
    }
}

fn contains(of: &Value, what: &Value) -> Sure<bool> {
    Ok(match (parts(of)?, parts(what)?) {
        (("B" | "BS", _), _) | (_, ("B" | "BS", _)) => return Err(Stop::Theirs),
        (("S", Value::String(of)), ("S", Value::String(what))) => of.contains(what.as_str()),
        (("SS", Value::Array(items)), ("S", what)) | (("NS", Value::Array(items)), ("N", what)) => items.contains(what),
        (("L", Value::Array(items)), _) => {
            for item in items {
                if compare(item, Comparison::Equal, what)? {
                    return Ok(true);
                }
            }
            false
        }
        _ => false,
    })
}

/// Compares two values in the form in which they are stored. Only texts and numbers have an order.
pub(super) fn compare(left: &Value, comparison: Comparison, right: &Value) -> Sure<bool> {
    let ordering = match (parts(left)?, parts(right)?) {
        (("B" | "BS", _), _) | (_, ("B" | "BS", _)) => return Err(Stop::Theirs),
        (("S", Value::String(left)), ("S", Value::String(right))) => left.cmp(right),
        (("N", Value::String(left)), ("N", Value::String(right))) => numbers(left, right),
        ((kind, left), (other, right)) => {
            let equal = kind == other && same(kind, left, right)?;
            return Ok(match comparison {
                Comparison::Equal => equal,
                Comparison::NotEqual => !equal,
                _ => false,
            });
        }
    };
    Ok(match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    })
}

fn numbers(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => normalize_number_for_sort(left).cmp(&normalize_number_for_sort(right)),
    }
}

/// Whether what two values of one type hold is the same.
fn same(kind: &str, left: &Value, right: &Value) -> Sure<bool> {
    match (kind, left, right) {
        ("L", Value::Array(left), Value::Array(right)) => {
            let pairs = left.iter().zip(right);
            Ok(left.len() == right.len() && all(pairs, |(left, right)| compare(left, Comparison::Equal, right))?)
        }
        ("M", Value::Object(left), Value::Object(right)) => {
            let same = |(name, left): (&String, &Value)| match right.get(name) {
                Some(right) => compare(left, Comparison::Equal, right),
                None => Ok(false),
            };
            Ok(left.len() == right.len() && all(left.iter(), same)?)
        }
        _ => Ok(left == right),
    }
}

fn all<T>(mut items: impl Iterator<Item = T>, holds: impl Fn(T) -> Sure<bool>) -> Sure<bool> {
    items.try_fold(true, |all, item| Ok(all && holds(item)?))
}
