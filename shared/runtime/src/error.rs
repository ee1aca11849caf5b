//! Errors that leave a function.

use std::fmt;

use throughline_effects::{Away, Class, Failure};

/// What Lambda is told when an invocation fails: `errorType` and `errorMessage`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// `Transient`, `CircuitOpen`, `Unavailable`, `Poison`, or the permanent failure's own code. Step Functions matches `Retry` and `Catch` on it.
    pub error_type: String,
    /// The cause, for people.
    pub message: String,
}

impl From<&Failure> for FunctionError {
    fn from(failure: &Failure) -> Self {
        let error_type = match (failure.class(), failure.away()) {
            (Class::Transient { .. }, Some(Away::Dependency)) => "CircuitOpen",
            (Class::Transient { .. }, Some(_)) => "Unavailable",
            (Class::Transient { .. }, None) => "Transient",
            (Class::Poison, _) => "Poison",
            _ => failure.code(),
        }
        .to_owned();
        Self { error_type, message: format!("{}: {}", failure.code(), failure.cause()) }
    }
}

impl From<FunctionError> for lambda_runtime::Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self { error_type: error.error_type, error_message: error.message }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for FunctionError {}

/// Why a function could not start, or could not go on.
pub struct Error(Box<dyn std::error::Error + Send + Sync>);

impl Error {
    pub(crate) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// The same as `Display`: it is what `main` prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
