//! An update of some attributes.

use serde::Serialize;
use serde_json::Value;

use super::{Action, Condition, Write, Writes};

/// Changes to some of an item's attributes. The item is made if it is not there, unless a condition says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct Update {
    #[serde(skip)]
    target: Option<(&'static str, &'static str, Value)>,
    #[serde(skip)]
    conditions: Vec<Condition>,
    pub(crate) sets: Vec<(String, Value)>,
    pub(crate) defaults: Vec<(String, Value)>,
    pub(crate) adds: Vec<(String, i64)>,
    pub(crate) appends: Vec<(String, Value)>,
    pub(crate) removes: Vec<String>,
}

impl Update {
    pub(crate) fn of(table: &'static str, key_name: &'static str, key: Value) -> Self {
        Self {
            target: Some((table, key_name, key)),
            conditions: Vec::new(),
            sets: Vec::new(),
            defaults: Vec::new(),
            adds: Vec::new(),
            appends: Vec::new(),
            removes: Vec::new(),
        }
    }

    /// Sets an attribute. A value that is not JSON (a map with keys that are not text) becomes null.
    pub fn set(mut self, attribute: &str, value: impl Serialize) -> Self {
        self.set_value(attribute, serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    pub(crate) fn set_value(&mut self, attribute: &str, value: Value) {
        self.sets.retain(|(name, _)| name != attribute);
        self.sets.push((attribute.to_owned(), value));
    }

    /// Sets an attribute that is not there yet.
    pub fn set_if_absent(mut self, attribute: &str, value: impl Serialize) -> Self {
        self.defaults.push((attribute.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null)));
        self
    }

    /// Adds to a number; one that is not there counts as zero.
    pub fn add(mut self, attribute: &str, number: i64) -> Self {
        self.adds.push((attribute.to_owned(), number));
        self
    }

    /// Appends to a list; one that is not there counts as empty.
    pub fn append(mut self, attribute: &str, value: impl Serialize) -> Self {
        self.appends.push((attribute.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null)));
        self
    }

    /// Removes an attribute.
    pub fn remove(mut self, attribute: &str) -> Self {
        self.removes.push(attribute.to_owned());
        self
    }

    /// Adds a condition; all must hold.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The write.
    pub fn build(mut self) -> Write {
        let (table, key_name, key) = self.target.take().unwrap_or(("", "", Value::Null));
        let conditions = std::mem::take(&mut self.conditions);
        Write { conditions, ..Write::new(table, key_name, key, Action::Update(self)) }
    }

    /// The write, which fails for good with this code when a condition does not hold.
    pub fn or_fail(self, code: &'static str) -> Write {
        self.build().or_fail(code)
    }

    /// The write, which is tried again when a condition does not hold.
    pub fn or_retry(self, code: &'static str) -> Write {
        self.build().or_retry(code)
    }

    /// The write of the event with this sequence to a row that is built in order.
    pub fn in_order(self, sequence: u64) -> Write {
        self.build().in_order(sequence)
    }
}

impl From<Update> for Write {
    fn from(update: Update) -> Self {
        update.build()
    }
}

impl From<Update> for Writes {
    fn from(update: Update) -> Self {
        update.build().into()
    }
}
