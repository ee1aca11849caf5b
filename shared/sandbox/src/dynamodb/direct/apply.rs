//! What an update makes of an item.

use serde_json::{Value, json};

use super::expression::change::{Assigned, Term};
use super::expression::{Change, Parsed};
use super::request::Placeholders;
use super::table::Table;
use super::value::{self, Item, parts, texts};
use super::{Stop, Sure};

/// Leaves to dynoxide what it refuses for the request alone: targets that overlap or are keys, operands of the wrong type, an
/// update that is too large.
pub(super) fn check(change: &Parsed<Change>, placeholders: &Placeholders<'_>, table: &Table) -> Sure<()> {
    let targets = targets(&change.tree, placeholders)?;
    for (n, target) in targets.iter().enumerate() {
        let is_key = target.first().is_none_or(|name| table.is_key(name));
        let overlaps = |other: &Vec<&str>| other.starts_with(target) || target.starts_with(other);
        if is_key || targets.iter().skip(n + 1).any(overlaps) {
            return Err(Stop::Theirs);
        }
    }
    for (_, added) in &change.tree.adds {
        of_kind(placeholders.value(added)?, &["N", "SS", "NS"])?;
    }
    for (_, deleted) in &change.tree.deletes {
        of_kind(placeholders.value(deleted)?, &["SS", "NS"])?;
    }
    for (_, assigned) in &change.tree.sets {
        check_assigned(assigned, placeholders)?;
    }
    // At most what dynoxide counts: each word of the expression, and all that its placeholders stand for.
    let values =
        change.values.iter().map(|name| placeholders.value(name).and_then(value::check)).sum::<Sure<usize>>()?;
    (64 * change.length + values + 255 * change.names.len() <= value::LARGEST).then_some(()).ok_or(Stop::Theirs)
}

/// The names that each target of an update goes through.
pub(super) fn targets<'n>(change: &'n Change, placeholders: &Placeholders<'n>) -> Sure<Vec<Vec<&'n str>>> {
    let sets = change.sets.iter().map(|(path, _)| path);
    let with_values = change.adds.iter().chain(&change.deletes).map(|(path, _)| path);
    sets.chain(&change.removes).chain(with_values).map(|path| placeholders.names(path)).collect()
}

fn of_kind(value: &Value, kinds: &[&str]) -> Sure<()> {
    kinds.contains(&parts(value)?.0).then_some(()).ok_or(Stop::Theirs)
}

fn check_assigned(assigned: &Assigned, placeholders: &Placeholders<'_>) -> Sure<()> {
    match assigned {
        Assigned::Term(term) => check_term(term, None, placeholders),
        Assigned::Plus(left, right) | Assigned::Minus(left, right) => {
            check_term(left, Some("N"), placeholders)?;
            check_term(right, Some("N"), placeholders)
        }
    }
}

fn check_term(term: &Term, kind: Option<&str>, placeholders: &Placeholders<'_>) -> Sure<()> {
    match (term, kind) {
        (Term::Value(name), Some(kind)) => of_kind(placeholders.value(name)?, &[kind]),
        (Term::Value(_) | Term::Path(_), _) => Ok(()),
        (Term::IfNotExists(_, otherwise), _) => check_term(otherwise, None, placeholders),
        (Term::Append(first, second), _) => {
            check_term(first, Some("L"), placeholders)?;
            check_term(second, Some("L"), placeholders)
        }
        (Term::Group(inner), _) => check_assigned(inner, placeholders),
    }
}

/// The item after the update. Everything is worked out from the item before it.
pub(super) fn apply(before: &Item, change: &Change, placeholders: &Placeholders<'_>) -> Sure<Item> {
    let mut after = before.clone();
    for (path, assigned) in &change.sets {
        let value = assign(assigned, before, placeholders)?;
        set(&mut after, &placeholders.names(path)?, value)?;
    }
    for (path, name) in &change.adds {
        let value = add(placeholders.find(before, path)?, placeholders.value(name)?)?;
        set(&mut after, &placeholders.names(path)?, value)?;
    }
    for (path, name) in &change.deletes {
        let names = placeholders.names(path)?;
        let left = match placeholders.find(before, path)? {
            Some(found) => without(found, placeholders.value(name)?)?,
            None => None,
        };
        match left {
            Some(left) => set(&mut after, &names, left)?,
            None => remove(&mut after, &names)?,
        }
    }
    for path in &change.removes {
        remove(&mut after, &placeholders.names(path)?)?;
    }
    Ok(after)
}

/// The map that a path ends in. One that is not there is left to dynoxide, which refuses it.
fn parent<'i, 'n>(item: &'i mut Item, path: &[&'n str]) -> Sure<(&'i mut Item, &'n str)> {
    let (last, parents) = path.split_last().ok_or(Stop::Theirs)?;
    let mut map = item;
    for name in parents {
        let value = map.get_mut(*name).and_then(Value::as_object_mut).ok_or(Stop::Theirs)?;
        map = value.get_mut("M").and_then(Value::as_object_mut).ok_or(Stop::Theirs)?;
    }
    Ok((map, last))
}

fn set(item: &mut Item, path: &[&str], value: Value) -> Sure<()> {
    let (map, name) = parent(item, path)?;
    map.insert(name.to_owned(), value);
    Ok(())
}

fn remove(item: &mut Item, path: &[&str]) -> Sure<()> {
    let (map, name) = parent(item, path)?;
    map.shift_remove(name);
    Ok(())
}

fn assign(assigned: &Assigned, before: &Item, placeholders: &Placeholders<'_>) -> Sure<Value> {
    let value = |term| evaluate(term, before, placeholders);
    match assigned {
        Assigned::Term(term) => value(term),
        Assigned::Plus(left, right) => sum(&value(left)?, &value(right)?, i128::checked_add),
        Assigned::Minus(left, right) => sum(&value(left)?, &value(right)?, i128::checked_sub),
    }
}

fn evaluate(term: &Term, before: &Item, placeholders: &Placeholders<'_>) -> Sure<Value> {
    match term {
        Term::Path(path) => placeholders.find(before, path)?.cloned().ok_or(Stop::Theirs),
        Term::Value(name) => placeholders.value(name).cloned(),
        Term::IfNotExists(path, otherwise) => match placeholders.find(before, path)? {
            Some(found) => Ok(found.clone()),
            None => evaluate(otherwise, before, placeholders),
        },
        Term::Append(first, second) => {
            let (mut first, second) = (evaluate(first, before, placeholders)?, evaluate(second, before, placeholders)?);
            let (Some(Value::Array(items)), Some(Value::Array(more))) = (first.get_mut("L"), second.get("L")) else {
                return Err(Stop::Theirs);
            };
            items.extend(more.iter().cloned());
            Ok(first)
        }
        Term::Group(inner) => assign(inner, before, placeholders),
    }
}

/// Whole numbers; fractions are left to dynoxide.
fn sum(left: &Value, right: &Value, operation: fn(i128, i128) -> Option<i128>) -> Sure<Value> {
    let number = |value: &Value| match parts(value)? {
        ("N", Value::String(number)) => number.parse::<i128>().map_err(|_| Stop::Theirs),
        _ => Err(Stop::Theirs),
    };
    let sum = operation(number(left)?, number(right)?).ok_or(Stop::Theirs)?.to_string();
    value::is_plain(&sum).then(|| json!({ "N": sum })).ok_or(Stop::Theirs)
}

fn add(found: Option<&Value>, added: &Value) -> Sure<Value> {
    let Some(found) = found else { return Ok(added.clone()) };
    match (parts(found)?, parts(added)?) {
        (("N", _), ("N", _)) => sum(found, added, i128::checked_add),
        ((kind @ ("SS" | "NS"), Value::Array(found)), (other, Value::Array(added))) if kind == other => {
            let mut all = texts(found)?;
            let more = texts(added)?.into_iter().filter(|text| !all.contains(text)).collect::<Vec<_>>();
            all.extend(more);
            match kind {
                "NS" => all.sort_by_cached_key(|number| dynoxide::types::normalize_number_for_sort(number)),
                _ => all.sort_unstable(),
            }
            Ok(json!({ kind: all }))
        }
        _ => Err(Stop::Theirs),
    }
}

/// What is left of a set, if anything is.
fn without(found: &Value, deleted: &Value) -> Sure<Option<Value>> {
    match (parts(found)?, parts(deleted)?) {
        ((kind @ ("SS" | "NS"), Value::Array(found)), (other, Value::Array(deleted))) if kind == other => {
            let left: Vec<&Value> = found.iter().filter(|item| !deleted.contains(item)).collect();
            Ok((!left.is_empty()).then(|| json!({ kind: left })))
        }
        _ => Err(Stop::Theirs),
    }
}
