use std::fmt;

use serde::{Deserialize, Serialize};

/// Data that breaks its contract, or a contract that is broken itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractError {
    /// The event's type.
    pub event_type: String,
    /// The version it was held against.
    pub version: u32,
    /// What is wrong.
    pub kind: ContractErrorKind,
    /// Every place that breaks the contract. Values are left out of the messages: they may be secret.
    pub violations: Vec<Violation>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContractErrorKind {
    /// A type that the consumer does not take.
    UnknownType,
    /// A version that is newer than the consumer, or older than any it still understands.
    UnknownVersion,
    /// The data breaks the schema.
    Invalid,
    /// The data keeps to the schema but does not become the Rust type.
    Unreadable,
    /// The data cannot be made the next version's.
    Upcast,
    /// The contract itself is broken: a gap between versions, a closed schema, a sample that is not valid.
    Definition,
}

impl ContractErrorKind {
    /// A short name, stable across releases.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::UnknownVersion => "unknown_version",
            Self::Invalid => "contract_violated",
            Self::Unreadable => "unreadable_data",
            Self::Upcast => "upcast_failed",
            Self::Definition => "contract_broken",
        }
    }
}

/// One place that breaks a contract.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Violation {
    /// Where in the data, as a [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901); empty for the whole.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.pointer, self.message)
        }
    }
}

impl ContractError {
    pub(crate) fn new(event_type: &str, version: u32, kind: ContractErrorKind, violations: Vec<Violation>) -> Self {
        Self { event_type: event_type.to_owned(), version, kind, violations }
    }

    pub(crate) fn because(event_type: &str, version: u32, kind: ContractErrorKind, message: impl Into<String>) -> Self {
        Self::new(event_type, version, kind, vec![Violation { pointer: String::new(), message: message.into() }])
    }

    /// A short name of what is wrong, stable across releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.as_str()
    }
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self.kind {
            ContractErrorKind::UnknownType => "is not a type that is taken here",
            ContractErrorKind::UnknownVersion => "is not a version that is understood here",
            ContractErrorKind::Invalid => "is broken",
            ContractErrorKind::Unreadable => "is kept, but the data cannot be read",
            ContractErrorKind::Upcast => "cannot be brought up to the next version",
            ContractErrorKind::Definition => "is not a sound contract",
        };
        write!(f, "the contract {} version {} {said}", self.event_type, self.version)?;
        let mut separator = ": ";
        for violation in &self.violations {
            write!(f, "{separator}{violation}")?;
            separator = "; ";
        }
        Ok(())
    }
}

impl std::error::Error for ContractError {}
