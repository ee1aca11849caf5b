//! Failure: retry, or give up?

use std::fmt;
use std::time::Duration;

/// The class of a failure decides what becomes of the event; `docs/failures.md` has the table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// Trying again may help.
    Transient {
        /// Not before this time has passed.
        after: Option<Duration>,
    },
    /// Trying again cannot help.
    Permanent,
    /// It is not an event, or breaks its contract.
    Poison,
}

/// Why an event was not handled.
///
/// An unknown error (`?`) is transient: trying again is harmless, since effects happen once. Does not implement
/// `std::error::Error`, so that every error can become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    class: Class,
    code: String,
    cause: String,
    away: Option<Away>,
}

/// Who was away, where a failure says nothing about the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Away {
    /// An outside party, whose circuit is open.
    Dependency,
    /// A service of AWS that the runner itself needs: it throttled, failed on its own side, or did not answer.
    Service,
}

impl Failure {
    fn new(class: Class, code: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { class, code: code.into(), cause: cause.into(), away: None }
    }

    /// Trying again may help. `code` is a name for programs (`gateway_busy`), `cause` a sentence for people.
    pub fn transient(code: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Class::Transient { after: None }, code, cause)
    }

    /// Trying again cannot help: a business refusal, bad input.
    pub fn permanent(code: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Class::Permanent, code, cause)
    }

    /// It is not an event, or breaks its contract.
    pub fn poison(code: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Class::Poison, code, cause)
    }

    /// A transient failure that is not worth trying again before `after` has passed. No effect on other classes.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        if let Class::Transient { after: wait } = &mut self.class {
            *wait = Some(after);
        }
        self
    }

    /// The same failure when its last attempt is over: permanent, with the attempts in its cause.
    #[must_use]
    pub fn exhausted(&self, attempts: u32) -> Self {
        Self::permanent(self.code.clone(), format!("{} (attempt {attempts}, the last)", self.cause))
    }

    /// The same failure of an event that has waited too long for what was away: permanent.
    #[must_use]
    pub fn waited_out(&self) -> Self {
        Self::permanent(self.code.clone(), format!("{} (it has waited for days)", self.cause))
    }

    /// The same failure, of a call whose circuit is open: it says nothing about the event, so it is no attempt at it.
    pub(crate) fn of_open_circuit(self, after: Duration) -> Self {
        Self { away: Some(Away::Dependency), ..self }.retry_after(after)
    }

    /// The same failure, of a service of AWS that did not do its part: it says nothing about the event, so it is no attempt at it.
    #[must_use]
    pub fn of_service(self) -> Self {
        Self { away: Some(Away::Service), ..self }
    }

    /// Whether it counts as an attempt at the event. One that says nothing about the event does not: the event waits and keeps its
    /// attempts.
    pub fn counts_as_attempt(&self) -> bool {
        self.away.is_none()
    }

    /// Who was away, where it counts as no attempt.
    pub fn away(&self) -> Option<Away> {
        self.away
    }

    /// The class.
    pub fn class(&self) -> &Class {
        &self.class
    }

    /// The name for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence for people, with the sources of the error.
    pub fn cause(&self) -> &str {
        &self.cause
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.cause)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::transient("unexpected", chain(&error))
    }
}

/// An error and its sources, one sentence.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let frame = error.to_string();
        if !text.ends_with(&frame) {
            text.push_str(": ");
            text.push_str(&frame);
        }
        source = error.source();
    }
    text
}

/// Classifies what went wrong where it did.
pub trait FailureExt<T> {
    /// Trying again cannot help.
    ///
    /// # Errors
    /// A permanent failure with this code; the cause keeps the error's sources.
    fn permanent(self, code: &str) -> Result<T, Failure>;

    /// Trying again may help.
    ///
    /// # Errors
    /// A transient failure with this code; the cause keeps the error's sources.
    fn transient(self, code: &str) -> Result<T, Failure>;
}

impl<T, E: std::error::Error> FailureExt<T> for Result<T, E> {
    fn permanent(self, code: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::permanent(code, chain(&error)))
    }

    fn transient(self, code: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::transient(code, chain(&error)))
    }
}

impl<T> FailureExt<T> for Option<T> {
    fn permanent(self, code: &str) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::permanent(code, code.replace('_', " ")))
    }

    fn transient(self, code: &str) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::transient(code, code.replace('_', " ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_error_is_transient_and_keeps_its_sources() {
        fn parse() -> Result<u32, Failure> {
            Ok("seven".parse::<u32>()?)
        }
        let failure = parse().unwrap_err();
        assert_eq!(failure.class(), &Class::Transient { after: None });
        assert_eq!(failure.to_string(), "unexpected: invalid digit found in string");
    }

    #[test]
    fn only_a_transient_failure_takes_a_wait() {
        let wait = Duration::from_secs(10);
        assert_eq!(Failure::transient("busy", "b").retry_after(wait).class(), &Class::Transient { after: Some(wait) });
        assert_eq!(Failure::permanent("no", "n").retry_after(wait).class(), &Class::Permanent);
    }

    #[test]
    fn none_becomes_a_failure_with_a_readable_cause() {
        let failure = None::<u32>.permanent("order_not_found").unwrap_err();
        assert_eq!(failure.to_string(), "order_not_found: order not found");
    }
}
