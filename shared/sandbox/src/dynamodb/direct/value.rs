//! Attribute values as they are in JSON: `{"S": "text"}`.
//!
//! Only values in the form in which dynoxide stores them are served: numbers without superfluous zeros, sets in order. Others are
//! its to bring into that form.

use dynoxide::AttributeValue;
use dynoxide::types::{normalize_number_for_sort, number_size};
use serde_json::{Map, Value};

use super::{Stop, Sure};
use crate::hash::md5_start;

/// An item, or a key: values by attribute name.
pub(super) type Item = Map<String, Value>;

/// Lists and maps that are deeper are left to dynoxide, which refuses those deeper than 32.
const DEEPEST: usize = 24;

/// Sizes that are left to dynoxide: [items have 400 KB at most](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
pub(super) const LARGEST: usize = dynoxide::types::MAX_ITEM_SIZE;

/// The type of a value, and what it holds.
pub(super) fn parts(value: &Value) -> Sure<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1).ok_or(Stop::Theirs)?;
    members.iter().next().map(|(kind, inner)| (kind.as_str(), inner)).ok_or(Stop::Theirs)
}

/// The size that DynamoDB counts an item with, when all of it is as it would be stored.
pub(super) fn check_item(item: &Item) -> Sure<usize> {
    check_members(item, 0, 0)
}

/// The size of one value, when it is as it would be stored.
pub(super) fn check(value: &Value) -> Sure<usize> {
    check_at(value, 0)
}

fn check_members(members: &Item, depth: usize, each: usize) -> Sure<usize> {
    let mut size = 0;
    for (name, value) in members {
        if name.is_empty() {
            return Err(Stop::Theirs);
        }
        size += name.len() + each + check_at(value, depth)?;
    }
    Ok(size)
}

fn check_at(value: &Value, depth: usize) -> Sure<usize> {
    let (kind, inner) = parts(value)?;
    match (kind, inner) {
        ("S", Value::String(text)) => Ok(text.len()),
        ("N", Value::String(number)) if is_plain(number) => Ok(number_size(number)),
        ("BOOL", Value::Bool(_)) | ("NULL", Value::Bool(true)) => Ok(1),
        ("M", Value::Object(members)) if depth < DEEPEST => Ok(3 + check_members(members, depth + 1, 1)?),
        ("L", Value::Array(items)) if depth < DEEPEST => {
            let mut size = 3 + items.len();
            for item in items {
                size += check_at(item, depth + 1)?;
            }
            Ok(size)
        }
        ("SS", Value::Array(items)) => {
            let texts = texts(items)?;
            let ordered = !texts.is_empty() && texts.is_sorted_by(|one, next| one < next);
            ordered.then(|| texts.iter().map(|text| text.len()).sum()).ok_or(Stop::Theirs)
        }
        ("NS", Value::Array(items)) => {
            let numbers = texts(items)?;
            let keys: Vec<String> = numbers.iter().map(|number| normalize_number_for_sort(number)).collect();
            let plain = !numbers.is_empty() && numbers.iter().all(|number| is_plain(number));
            let ordered = plain && keys.is_sorted_by(|one, next| one < next);
            ordered.then(|| numbers.iter().map(|number| number_size(number)).sum()).ok_or(Stop::Theirs)
        }
        _ => Err(Stop::Theirs),
    }
}

/// An answer with one member. (`json!` would copy it.)
pub(super) fn answer(name: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), value)]))
}

/// The members of a set.
pub(super) fn texts(items: &[Value]) -> Sure<Vec<&str>> {
    items.iter().map(|item| item.as_str().ok_or(Stop::Theirs)).collect()
}

/// Whether there is a set of numbers in it, which some answers show in an order of their own.
pub(super) fn has_number_set(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| (name == "NS" && value.is_array()) || has_number_set(value))
        }
        Value::Array(items) => items.iter().any(has_number_set),
        _ => false,
    }
}

/// Whether a number is written as it is stored: at most 38 digits, no exponent, nothing superfluous.
pub(super) fn is_plain(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_is = !whole.is_empty() && all_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let fraction_is = fraction.is_none_or(|text| !text.is_empty() && all_digits(text) && !text.ends_with('0'));
    whole_is && fraction_is && whole.len() + fraction.map_or(0, str::len) <= 38 && number != "-0"
}

/// The text under which dynoxide's tables have a key value.
pub(super) fn key_text(kind: &str, inner: &str) -> String {
    match kind {
        "N" => ["N:", &normalize_number_for_sort(inner)].concat(),
        _ => ["S:", inner].concat(),
    }
}

/// The prefix by which dynoxide orders parallel scans.
pub(super) fn hash_prefix(kind: &str, inner: &str) -> String {
    match kind {
        "N" => dynoxide::storage::compute_hash_prefix(&AttributeValue::N(inner.to_owned())),
        // The same, which dynoxide writes as 32 digits first.
        _ => md5_start(&["Outliers", inner]),
    }
}

#[cfg(test)]
mod tests {
    use super::{hash_prefix, is_plain};

    #[test]
    fn texts_are_ordered_for_parallel_scans_as_dynoxide_does() {
        for text in ["a", "ORDER#ord_01", "é\u{1f980}", &"x".repeat(2048)] {
            let theirs = dynoxide::storage::compute_hash_prefix(&dynoxide::AttributeValue::S(text.to_owned()));
            assert_eq!(hash_prefix("S", text), theirs, "{text}");
        }
    }

    #[test]
    fn a_plain_number_is_what_dynoxide_makes_of_it() {
        for number in ["0", "-1", "10", "1.5", "-0.25", "0.001", "99999999999999999999999999999999999999"] {
            assert!(is_plain(number), "{number}");
            assert_eq!(dynoxide::types::normalize_dynamo_number(number), number);
        }
        for number in ["", "-", "-0", "00", "01", "1.", ".5", "1.0", "1e3", "+1", " 1", "1 ", "0.0", "NaN"] {
            assert!(!is_plain(number), "{number}");
        }
        assert!(!is_plain(&"9".repeat(39)));
    }
}
