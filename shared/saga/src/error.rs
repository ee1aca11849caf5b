//! What is wrong with a definition, and where.

use std::fmt;

use serde::Serialize;

use crate::definition::OutputType;

/// A definition that is no saga.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct InvalidSaga {
    /// The saga's name.
    pub saga: String,
    /// Every problem.
    pub problems: Vec<Problem>,
}

impl fmt::Display for InvalidSaga {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "saga `{}` is not valid", self.saga)?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: `step \`reserve-stock\``, `saga`.
    pub place: String,
    /// What.
    pub kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// Nothing is done.
    #[error("has no step")]
    Empty,
    /// A parallel stage of fewer than two branches.
    #[error("has fewer than two branches")]
    OneBranch,
    /// Two steps have the same name: their effects would share one key.
    #[error("has the name of another step; a step's effects are kept by its name")]
    DuplicateStep,
    /// Two states would have the same name.
    #[error("would be the state `{0}`, which there is already")]
    DuplicateState(String),
    /// A name that cannot be one.
    #[error("`{0}` is no name: lower-case letters, digits and hyphens, a letter first")]
    BadName(String),
    /// A state's name that cannot be one.
    #[error("`{0}` is no name of a state: letters and digits, a capital first")]
    BadStateName(String),
    /// A name that is too long for Amazon States Language.
    #[error("`{name}` has {length} characters; names have at most 80")]
    LongName {
        /// The name.
        name: String,
        /// Its characters.
        length: usize,
    },
    /// A step before the pivot that does not say how it is undone.
    #[error("says neither what undoes it (`undone_by`) nor that nothing has to (`harmless`)")]
    NoCompensation,
    /// A step after the pivot, or the pivot, that could be undone.
    #[error("has the compensation `{0}`, which never runs: nothing is undone from the pivot on")]
    CompensationAfterPivot(String),
    /// The closing step has a compensation.
    #[error("has the compensation `{0}`, which never runs: it closes a saga that is already undone")]
    ClosingUndone(String),
    /// Two steps of a saga have outputs of one type: who needs one could not say which.
    #[error("outputs `{output}`, as `{other}` does; who needs one could not say which")]
    SameOutput {
        /// The type.
        output: OutputType,
        /// The other step.
        other: String,
    },
    /// A step needs what no step that is sure to have answered by then outputs.
    #[error("needs `{0}`, which no step that comes before it outputs")]
    NoSuchOutput(OutputType),
    /// The closing step needs an output.
    #[error("needs `{0}`, but closes a saga that may have been turned back before there was one")]
    ClosingNeeds(OutputType),
    /// A second pivot.
    #[error("is a second pivot; what comes after the first one is only tried again")]
    SecondPivot,
    /// A function would both do and undo.
    #[error("function `{0}` does a step and undoes one; a function is either")]
    BothRoles(String),
    /// A timeout of zero.
    #[error("has a timeout of 0 seconds")]
    NoTime,
    /// A step's timeout is longer than the saga's.
    #[error("may take {step} s, longer than the saga's {saga} s")]
    LongerThanSaga {
        /// The step's, in seconds.
        step: u32,
        /// The saga's, in seconds.
        saga: u32,
    },
    /// All attempts of all steps and compensations may take longer than the saga.
    #[error("its steps, compensations and their retries may take {longest} s, longer than its timeout of {saga} s")]
    LongestWay {
        /// The longest way, in seconds.
        longest: u64,
        /// The saga's, in seconds.
        saga: u32,
    },
    /// A retry policy that Step Functions would refuse.
    #[error("retry: {0}")]
    BadRetry(&'static str),
}
