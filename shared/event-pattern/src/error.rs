//! Why a pattern is refused.

use std::fmt;

/// How many characters of the pattern an error quotes.
const QUOTED: usize = 500;

/// Where in the pattern's text, counted from one. Columns are UTF-16 units, as AWS counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column of the character after what was read when the error was found.
    pub column: u32,
}

/// A pattern that is not valid. Its text is AWS's `InvalidEventPatternException` message, place included.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PatternError {
    reason: String,
    place: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    position: Position,
    source: String,
    twice: bool,
}

impl PatternError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), place: None }
    }

    pub(crate) fn at(reason: impl Into<String>, source: &str, position: Position) -> Self {
        Self { reason: reason.into(), place: Some(Place { position, source: quote(source), twice: false }) }
    }

    /// AWS reads the list of an `anything-but` inside a handler that reports the error again, so it shows the place twice.
    pub(crate) fn inside_list(mut self) -> Self {
        if let Some(place) = &mut self.place {
            place.twice = true;
        }
        self
    }

    /// What is wrong, without the place: `"source" must be an object or an array`.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Where; absent for errors that AWS gives no place for (CIDR blocks, complexity).
    pub fn position(&self) -> Option<Position> {
        self.place.as_ref().map(|place| place.position)
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event pattern is not valid. Reason: {}", self.reason)?;
        let Some(Place { position, source, twice }) = &self.place else { return Ok(()) };
        for _ in 0..=u8::from(*twice) {
            write!(f, "\n at {}", location(source, *position))?;
        }
        Ok(())
    }
}

impl std::error::Error for PatternError {}

pub(crate) fn location(quoted: &str, position: Position) -> String {
    format!("[Source: (String){quoted}; line: {}, column: {}]", position.line, position.column)
}

pub(crate) fn quote(source: &str) -> String {
    match source.char_indices().nth(QUOTED) {
        None => format!("\"{source}\""),
        Some((end, _)) => {
            let (shown, rest) = source.split_at(end);
            format!("\"{shown}\"[truncated {} chars]", rest.chars().count())
        }
    }
}
