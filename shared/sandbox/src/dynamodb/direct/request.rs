//! The members of a request, and the placeholders of its expressions.

use serde_json::{Map, Value};

use super::expression::{Parsed, Path, Step};
use super::value::{self, Item};
use super::{Stop, Sure};

/// Members, all of which are understood.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    /// A member that is not among the `known` leaves the request to dynoxide.
    pub(super) fn of(value: &'a Value, known: &[&str]) -> Sure<Self> {
        let members = value.as_object().ok_or(Stop::Theirs)?;
        let understood = members.keys().all(|name| known.contains(&name.as_str()));
        let members = Self(members);
        let plain = |name| members.text(name).map(|mode| mode.is_none_or(|mode| mode == "NONE"));
        let nothing_asked = plain("ReturnConsumedCapacity")? && plain("ReturnItemCollectionMetrics")?;
        (understood && nothing_asked).then_some(members).ok_or(Stop::Theirs)
    }

    pub(super) fn text(self, name: &str) -> Sure<Option<&'a str>> {
        self.0.get(name).map(|value| value.as_str().ok_or(Stop::Theirs)).transpose()
    }

    pub(super) fn required(self, name: &str) -> Sure<&'a str> {
        self.text(name)?.ok_or(Stop::Theirs)
    }

    pub(super) fn flag(self, name: &str) -> Sure<Option<bool>> {
        self.0.get(name).map(|value| value.as_bool().ok_or(Stop::Theirs)).transpose()
    }

    pub(super) fn object(self, name: &str) -> Sure<Option<&'a Item>> {
        self.0.get(name).map(|value| value.as_object().ok_or(Stop::Theirs)).transpose()
    }

    pub(super) fn list(self, name: &str) -> Sure<&'a [Value]> {
        self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).ok_or(Stop::Theirs)
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Whether a member that may be one of `choices`, or `NONE`, is the one or the other.
    pub(super) fn one_of(self, name: &str, choices: &[&'static str]) -> Sure<Option<&'static str>> {
        match self.text(name)? {
            None | Some("NONE") => Ok(None),
            Some(text) => choices.iter().find(|choice| **choice == text).copied().map(Some).ok_or(Stop::Theirs),
        }
    }
}

/// `ExpressionAttributeNames` and `ExpressionAttributeValues`.
#[derive(Clone, Copy, Default)]
pub(super) struct Placeholders<'a> {
    names: Option<&'a Map<String, Value>>,
    values: Option<&'a Map<String, Value>>,
}

impl<'a> Placeholders<'a> {
    pub(super) fn of(members: Members<'a>) -> Sure<Self> {
        let names = members.object("ExpressionAttributeNames")?;
        let values = members.object("ExpressionAttributeValues")?;
        let named = |value: &Value| value.as_str().is_some_and(|name| (1..=255).contains(&name.len()));
        if names.is_some_and(|names| names.is_empty() || !names.values().all(named)) {
            return Err(Stop::Theirs);
        }
        if values.is_some_and(Map::is_empty) {
            return Err(Stop::Theirs);
        }
        for value in values.into_iter().flat_map(Map::values) {
            value::check(value)?;
        }
        Ok(Self { names, values })
    }

    /// Leaves the request to dynoxide when a placeholder is not defined, or not used in any of the expressions.
    pub(super) fn check(&self, used: &[&dyn Used]) -> Sure<()> {
        let all = |defined: Option<&Map<String, Value>>, of: for<'u> fn(&'u dyn Used) -> &'u [String]| {
            let is_defined = |name: &String| defined.is_some_and(|defined| defined.contains_key(name));
            let is_used = |name: &String| used.iter().any(|used| of(*used).contains(name));
            used.iter().all(|used| of(*used).iter().all(is_defined))
                && defined.is_none_or(|defined| defined.keys().all(is_used))
        };
        let right = all(self.names, |used| used.names()) && all(self.values, |used| used.values());
        right.then_some(()).ok_or(Stop::Theirs)
    }

    pub(super) fn value(&self, name: &str) -> Sure<&'a Value> {
        self.values.and_then(|values| values.get(name)).ok_or(Stop::Theirs)
    }

    pub(super) fn name<'n>(&self, step: &'n Step) -> Sure<&'n str>
    where
        'a: 'n,
    {
        match step {
            Step::Name(name) => Ok(name),
            Step::Placeholder(name) => {
                self.names.and_then(|names| names.get(name)).and_then(Value::as_str).ok_or(Stop::Theirs)
            }
            Step::Index(_) => Err(Stop::Theirs),
        }
    }

    /// The attribute that a path begins with.
    pub(super) fn top<'n>(&self, path: &'n Path) -> Sure<&'n str>
    where
        'a: 'n,
    {
        self.name(path.first().ok_or(Stop::Theirs)?)
    }

    /// The names of a path that goes through no list.
    pub(super) fn names<'n>(&self, path: &'n Path) -> Sure<Vec<&'n str>>
    where
        'a: 'n,
    {
        path.iter().map(|step| self.name(step)).collect()
    }

    /// Follows a path into an item.
    pub(super) fn find<'i>(&self, item: &'i Item, path: &Path) -> Sure<Option<&'i Value>> {
        let Some((first, rest)) = path.split_first() else { return Err(Stop::Theirs) };
        let mut found = item.get(self.name(first)?);
        for step in rest {
            let Some(value) = found else { return Ok(None) };
            let (kind, inner) = value::parts(value)?;
            found = match (kind, inner, step) {
                ("L", Value::Array(items), Step::Index(index)) => items.get(*index),
                ("M", Value::Object(members), Step::Name(_) | Step::Placeholder(_)) => members.get(self.name(step)?),
                _ => None,
            };
        }
        Ok(found)
    }
}

/// The placeholders in an expression.
pub(super) trait Used {
    fn names(&self) -> &[String];
    fn values(&self) -> &[String];
}

impl<T> Used for Parsed<T> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn values(&self) -> &[String] {
        &self.values
    }
}
