//! Choice rules.

use serde_json::Value;

use crate::path::Path;
use crate::template::Template;

/// One of a Choice state's rules.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) test: Test,
    pub(crate) next: String,
    pub(crate) output: Option<Template>,
    pub(crate) assign: Option<Template>,
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Compare(Comparison),
    /// `Condition`, JSONata only.
    Condition(Template),
}

#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    pub(crate) variable: Path,
    pub(crate) operator: Operator,
}

#[derive(Debug, Clone)]
pub(crate) enum Operator {
    /// `StringLessThan` and its likes.
    Ordered(ValueKind, Ordering, Operand),
    /// `StringMatches`: `*` stands for any characters.
    Matches(String),
    IsPresent(bool),
    IsNull(bool),
    /// `IsString` and its likes.
    Is(ValueKind, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordering {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

impl Ordering {
    pub(crate) fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Self::Equals => found.is_eq(),
            Self::LessThan => found.is_lt(),
            Self::GreaterThan => found.is_gt(),
            Self::LessThanEquals => found.is_le(),
            Self::GreaterThanEquals => found.is_ge(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Fixed(Value),
    Path(Path),
}
