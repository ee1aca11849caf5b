//! The pattern.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::error::PatternError;
use crate::event::Leaves;
use crate::explain::Explanation;
use crate::matching::first_conflict;
use crate::parse::{Alternative, parse};

/// An event pattern, compiled once and matched many times. Matching never fails and never panics.
///
/// ```
/// use serde_json::json;
/// use throughline_event_pattern::Pattern;
///
/// let pattern = Pattern::parse(r#"{"source": ["orders"], "detail": {"total": [{"numeric": [">", 100]}]}}"#)?;
/// assert!(pattern.matches(&json!({"source": "orders", "detail": {"total": 120}})));
///
/// let event = json!({"source": "orders", "detail": {"total": 80}});
/// assert_eq!(pattern.explain(&event).to_string(), r#"detail.total is 80; wanted {"numeric":[">",100]}"#);
/// # Ok::<(), throughline_event_pattern::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    alternatives: Vec<Alternative>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What AWS would say about it.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        Ok(Self { alternatives: parse(source)?, source: source.to_owned() })
    }

    /// Reads a pattern that is JSON already; places in errors are those of its compact text.
    ///
    /// # Errors
    /// What AWS would say about it.
    pub fn from_value(value: &Value) -> Result<Self, PatternError> {
        Self::parse(&value.to_string())
    }

    /// Whether the event matches. Anything but an object matches no pattern.
    pub fn matches(&self, event: &Value) -> bool {
        let leaves = self.leaves(event);
        self.alternatives.iter().any(|alternative| first_conflict(alternative, &leaves).is_none())
    }

    /// Whether the event matches, and if not, at which paths and why.
    pub fn explain(&self, event: &Value) -> Explanation {
        Explanation::new(&self.alternatives, &self.leaves(event))
    }

    /// The paths that the pattern looks at, dotted, in order.
    pub fn paths(&self) -> BTreeSet<&str> {
        self.alternatives.iter().flat_map(|alternative| alternative.keys().map(AsRef::as_ref)).collect()
    }

    /// The pattern's text as it was given.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    fn leaves<'a>(&self, event: &'a Value) -> Leaves<'a> {
        if event.is_object() { Leaves::of(event, &self.paths()) } else { Leaves::default() }
    }
}

impl PartialEq for Pattern {
    /// Patterns are equal when they ask for the same.
    fn eq(&self, other: &Self) -> bool {
        self.alternatives == other.alternatives
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(source: &str) -> Result<Self, PatternError> {
        Self::parse(source)
    }
}

impl TryFrom<&Value> for Pattern {
    type Error = PatternError;

    fn try_from(value: &Value) -> Result<Self, PatternError> {
        Self::from_value(value)
    }
}
