//! Conditions of a write, as data.

use serde::Serialize;
use serde_json::Value;

/// A condition on the item as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Condition {
    /// The attribute is there.
    Present(String),
    /// The attribute is not there; of the key: the item is not there.
    Absent(String),
    /// The attribute equals the value.
    Equals(String, Value),
    /// The attribute is there and differs from the value.
    Differs(String, Value),
    /// The attribute is at least this number.
    AtLeast(String, i64),
    /// One of them holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The attribute is there.
    pub fn present(attribute: &str) -> Self {
        Self::Present(attribute.to_owned())
    }

    /// The attribute is not there.
    pub fn absent(attribute: &str) -> Self {
        Self::Absent(attribute.to_owned())
    }

    /// The attribute equals the value.
    pub fn equals(attribute: &str, value: impl Into<Value>) -> Self {
        Self::Equals(attribute.to_owned(), value.into())
    }

    /// The attribute is there and differs from the value.
    pub fn differs(attribute: &str, value: impl Into<Value>) -> Self {
        Self::Differs(attribute.to_owned(), value.into())
    }

    /// The attribute is at least this number.
    pub fn at_least(attribute: &str, number: i64) -> Self {
        Self::AtLeast(attribute.to_owned(), number)
    }

    /// Or the other holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut all) => {
                all.push(other);
                Self::Any(all)
            }
            one => Self::Any(vec![one, other]),
        }
    }
}
