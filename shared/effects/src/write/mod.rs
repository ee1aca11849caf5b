//! Writes to business tables, as data, and the stores that make them.

mod condition;
mod expression;
mod store;
mod update;

pub use condition::Condition;
pub use expression::item;
pub(crate) use expression::{Expressions, attribute, attributes};
pub use store::{Record, Store, Table, Tables};
pub use update::Update;

use serde::Serialize;
use serde_json::{Map, Value};

/// The attribute that orders the versions of a row.
pub(crate) const VERSION: &str = "version";

/// A conditional write of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct Write {
    pub(crate) table: &'static str,
    pub(crate) key_name: &'static str,
    pub(crate) key: Value,
    pub(crate) action: Action,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) refusal: Refusal,
}

/// What is done to the item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Action {
    Put(Map<String, Value>),
    Update(Update),
    Delete,
    Check,
}

/// What it means that a condition of the write did not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Refusal {
    /// Nobody said: a permanent `condition_failed` that names the item.
    Unnamed,
    /// A business refusal.
    Fail(&'static str),
    /// What was read is out of date.
    Retry(&'static str),
    /// An ordered row: the version that is stored tells a duplicate from a gap.
    InOrder(u64),
}

impl Write {
    pub(crate) fn new(table: &'static str, key_name: &'static str, key: Value, action: Action) -> Self {
        Self { table, key_name, key, action, conditions: Vec::new(), refusal: Refusal::Unnamed }
    }

    /// Adds a condition; all must hold.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// When a condition does not hold, the event fails for good with this code.
    pub fn or_fail(mut self, code: &'static str) -> Self {
        self.refusal = Refusal::Fail(code);
        self
    }

    /// When a condition does not hold, what the handler read is out of date: the event is tried again.
    pub fn or_retry(mut self, code: &'static str) -> Self {
        self.refusal = Refusal::Retry(code);
        self
    }

    /// Makes this the write of the event with this sequence to a row that is built in order: it goes through only when the stored
    /// `version` is the one before, and sets it. A lower sequence is a duplicate, a higher one waits (`gap`).
    pub fn in_order(mut self, sequence: u64) -> Self {
        let condition = match sequence {
            0 | 1 => Condition::absent(self.key_name),
            later => Condition::equals(VERSION, later - 1),
        };
        match &mut self.action {
            Action::Put(item) => {
                item.insert(VERSION.to_owned(), sequence.into());
            }
            Action::Update(update) => update.set_value(VERSION, sequence.into()),
            Action::Delete | Action::Check => {}
        }
        self.conditions.push(condition);
        self.refusal = Refusal::InOrder(sequence);
        self
    }

    /// The table's logical name.
    pub fn table(&self) -> &str {
        self.table
    }

    /// The item's key.
    pub fn key(&self) -> &Value {
        &self.key
    }

    pub(crate) fn is_of_the_item_of(&self, other: &Self) -> bool {
        self.table == other.table && self.key == other.key
    }

    /// `stock/apple`, for people.
    pub(crate) fn item_name(&self) -> String {
        match &self.key {
            Value::String(key) => format!("{}/{key}", self.table),
            key => format!("{}/{key}", self.table),
        }
    }
}

/// Several writes that belong together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[must_use]
pub struct Writes(Vec<Write>);

impl Writes {
    /// Adds a write.
    pub fn and(mut self, write: impl Into<Write>) -> Self {
        self.0.push(write.into());
        self
    }

    /// Says of all of them that have not said it yet: when a condition does not hold, the event fails for good with this code.
    pub fn or_fail(self, code: &'static str) -> Self {
        self.each(|write| write.or_fail(code))
    }

    /// Says of all of them that have not said it yet: when a condition does not hold, the event is tried again.
    pub fn or_retry(self, code: &'static str) -> Self {
        self.each(|write| write.or_retry(code))
    }

    fn each(self, say: impl Fn(Write) -> Write) -> Self {
        let said = |write: Write| if write.refusal == Refusal::Unnamed { say(write) } else { write };
        Self(self.0.into_iter().map(said).collect())
    }
}

impl FromIterator<Write> for Writes {
    fn from_iter<I: IntoIterator<Item = Write>>(writes: I) -> Self {
        Self(writes.into_iter().collect())
    }
}

impl IntoIterator for Writes {
    type Item = Write;
    type IntoIter = std::vec::IntoIter<Write>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Write> for Writes {
    fn from(write: Write) -> Self {
        Self(vec![write])
    }
}

impl From<Vec<Write>> for Writes {
    fn from(writes: Vec<Write>) -> Self {
        Self(writes)
    }
}
