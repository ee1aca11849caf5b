use thiserror::Error;

/// Why a text is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// Nothing, or nothing after the prefix.
    #[error("the id is empty")]
    Empty,
    /// More bytes than allowed.
    #[error("the id is longer than {longest} bytes")]
    TooLong {
        /// The most that is allowed.
        longest: usize,
    },
    /// Another prefix than this kind of id has.
    #[error("the id should begin with `{expected}`{}", found.map(|f| format!(" but begins with `{f}`")).unwrap_or_default())]
    Prefix {
        /// The prefix of this kind of id.
        expected: &'static str,
        /// The prefix of ours that it has instead, if any.
        found: Option<&'static str>,
    },
    /// A character that may not be in this kind of id.
    #[error("the id may not contain {found:?}")]
    Character {
        /// The first such character.
        found: char,
    },
}
