//! Why an event does not match.

use std::fmt;
use std::sync::Arc;

use crate::event::Leaves;
use crate::matchers::Matcher;
use crate::matching::{first_conflict, possible};
use crate::parse::Alternative;

/// How many found values an explanation keeps for a path.
const MOST_VALUES: usize = 10;

/// Whether an event matches a pattern, and if not, why not. `Display` says it in lines for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Whether it matches.
    pub matches: bool,
    /// Why not, for each alternative of the pattern's `$or`s; one entry for a pattern without. Empty when it matches.
    pub alternatives: Vec<Vec<Mismatch>>,
}

/// One path that keeps an event from matching.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The path: `detail.state`.
    pub path: String,
    /// What the pattern asks for there, as the pattern would write it.
    pub expected: String,
    /// What the event has there, as JSON; at most ten values.
    pub found: Vec<String>,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The event has no value there.
    Missing,
    /// The event has values there, and none of them is what is asked for.
    Different,
    /// A value there fits, but not in the array element in which the values of the other paths are.
    OtherElement,
}

impl Explanation {
    pub(crate) fn new(alternatives: &[Alternative], leaves: &Leaves<'_>) -> Self {
        let mut reasons = Vec::new();
        for alternative in alternatives {
            let Some(conflict) = first_conflict(alternative, leaves) else {
                return Self { matches: true, alternatives: Vec::new() };
            };
            let mismatches = mismatches(alternative, leaves, conflict);
            if !reasons.contains(&mismatches) {
                reasons.push(mismatches);
            }
        }
        Self { matches: false, alternatives: reasons }
    }
}

fn mismatches(alternative: &Alternative, leaves: &Leaves<'_>, conflict: &Arc<str>) -> Vec<Mismatch> {
    let impossible: Vec<Mismatch> = alternative
        .iter()
        .filter(|(path, matchers)| !possible(matchers, leaves.at(path)))
        .map(|(path, matchers)| {
            let reason = if leaves.at(path).is_empty() { Reason::Missing } else { Reason::Different };
            mismatch(path, matchers, leaves, reason)
        })
        .collect();
    if !impossible.is_empty() {
        return impossible;
    }
    let matchers = alternative.get(conflict).map_or(&[][..], |matchers| matchers);
    // A path that must not exist, and does, is plainly different.
    let fits = leaves.at(conflict).iter().any(|leaf| matchers.iter().any(|matcher| matcher.matches(leaf.value)));
    let reason = if fits { Reason::OtherElement } else { Reason::Different };
    vec![mismatch(conflict, matchers, leaves, reason)]
}

fn mismatch(path: &str, matchers: &[Matcher], leaves: &Leaves<'_>, reason: Reason) -> Mismatch {
    let expected: Vec<String> = matchers.iter().map(ToString::to_string).collect();
    Mismatch {
        path: path.to_owned(),
        expected: expected.join(" or "),
        found: leaves.at(path).iter().take(MOST_VALUES).map(|leaf| leaf.value.to_string()).collect(),
        reason,
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found, reason } = self;
        match reason {
            Reason::Missing => write!(f, "{path} is missing; wanted {expected}"),
            Reason::Different => write!(f, "{path} is {}; wanted {expected}", found.join(", ")),
            Reason::OtherElement => {
                write!(
                    f,
                    "{path} is {}; wanted {expected} in the same array element as the other fields",
                    found.join(", ")
                )
            }
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.matches {
            return f.write_str("matches");
        }
        for (index, mismatches) in self.alternatives.iter().enumerate() {
            if index > 0 {
                f.write_str("\nor\n")?;
            }
            for (index, mismatch) in mismatches.iter().enumerate() {
                if index > 0 {
                    f.write_str("\n")?;
                }
                mismatch.fmt(f)?;
            }
        }
        Ok(())
    }
}
