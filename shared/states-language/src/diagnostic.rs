//! What is wrong with a definition, and where.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition cannot be run.
    Error,
    /// The definition can be run, but probably not as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
        })
    }
}

/// The rule that a definition breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The text is JSON.
    Json,
    /// A required field is there.
    MissingField,
    /// A field has the type that it must have.
    WrongType,
    /// A field's value is one that is allowed: in range, not empty, not too long.
    WrongValue,
    /// A field is known in this place and in this query language.
    UnknownField,
    /// `Type` is one of the eight state types.
    UnknownStateType,
    /// A state that is not terminal has `Next` or `End`.
    MissingTransition,
    /// A state does not have both `Next` and `End`.
    NextAndEnd,
    /// `StartAt` names a state beside it.
    BadStartAt,
    /// `Next` and `Default` name a state beside them.
    DanglingTransition,
    /// Every state is reachable from `StartAt`.
    UnreachableState,
    /// Some state ends the machine.
    NoTerminalState,
    /// A state's name is used once in the whole definition.
    DuplicateStateName,
    /// A path is JSONPath, and a Reference Path where one is required.
    BadPath,
    /// An intrinsic function exists and is called as it must be.
    BadIntrinsic,
    /// An expression is JSONata.
    BadExpression,
    /// `States.ALL` stands alone, in the last retrier or catcher.
    StatesAllNotLast,
    /// A choice rule has exactly one comparison.
    BadChoiceRule,
    /// Fields that exclude each other are not used together.
    ExclusiveFields,
    /// `Resource` is an ARN.
    BadResource,
    /// A feature of the language that this crate does not run.
    Unsupported,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Json,
        Self::MissingField,
        Self::WrongType,
        Self::WrongValue,
        Self::UnknownField,
        Self::UnknownStateType,
        Self::MissingTransition,
        Self::NextAndEnd,
        Self::BadStartAt,
        Self::DanglingTransition,
        Self::UnreachableState,
        Self::NoTerminalState,
        Self::DuplicateStateName,
        Self::BadPath,
        Self::BadIntrinsic,
        Self::BadExpression,
        Self::StatesAllNotLast,
        Self::BadChoiceRule,
        Self::ExclusiveFields,
        Self::BadResource,
        Self::Unsupported,
    ];

    /// The code that AWS's `ValidateStateMachineDefinition` and `InvalidDefinition` use for this kind of mistake.
    /// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html>
    pub fn code(self) -> &'static str {
        match self {
            Self::Json => "INVALID_JSON_DESCRIPTION",
            Self::BadStartAt | Self::DanglingTransition | Self::UnreachableState => "MISSING_TRANSITION_TARGET",
            Self::DuplicateStateName => "DUPLICATE_STATE_NAME",
            Self::NoTerminalState => "MISSING_END_STATE",
            _ => "SCHEMA_VALIDATION_FAILED",
        }
    }
}

/// One mistake in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The rule that is broken.
    pub rule: Rule,
    /// What is wrong, for a person.
    pub message: String,
    /// Where: a path into the definition, `/States/Reserve/Next`. Names are not escaped, as AWS does not.
    pub location: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} at {}", self.rule.code(), self.message, self.location)
    }
}

/// A definition that cannot be run, with every reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid state machine definition: {}", join(diagnostics))]
pub struct InvalidDefinition {
    /// At least one error, and what warnings there are, in the order of the definition.
    pub diagnostics: Vec<Diagnostic>,
}

fn join(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
