//! Texts with `*`.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use crate::error::PatternError;

/// How many places of the pattern one text may be at, at a time. AWS does not publish its limit; this one refuses the
/// example that AWS's guide says is too complex and allows the ones it says are fine.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity>
const MOST_PLACES: usize = 10;
/// How many sets of places are looked at before a pattern counts as too complex.
const MOST_SETS: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Any,
    Byte(u8),
}

/// A text with `*`, which stands for any characters or none. `\*` and `\\` are the characters themselves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wildcard {
    text: String,
    pieces: Vec<Piece>,
}

impl Wildcard {
    /// # Errors
    /// What is wrong, in AWS's words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::with_capacity(text.len());
        // AWS counts from the opening quote.
        let mut bytes = text.bytes().zip(1..).peekable();
        while let Some((byte, at)) = bytes.next() {
            let next = bytes.peek().map(|(next, _)| *next);
            pieces.push(match (byte, next) {
                (b'*', Some(b'*')) => return Err(format!("Consecutive wildcard characters at pos {at}")),
                (b'*', _) => Piece::Any,
                (b'\\', Some(escaped @ (b'*' | b'\\'))) => {
                    bytes.next();
                    Piece::Byte(escaped)
                }
                (b'\\', _) => return Err(format!("Invalid escape character at pos {at}")),
                (other, _) => Piece::Byte(other),
            });
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let (mut piece, mut at) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match (self.pieces.get(piece), text.get(at)) {
                (Some(Piece::Any), _) => {
                    piece += 1;
                    retry = Some((piece, at));
                }
                (Some(Piece::Byte(wanted)), Some(found)) if wanted == found => {
                    piece += 1;
                    at += 1;
                }
                (None, None) => return true,
                _ => match retry {
                    Some((after, from)) if from < text.len() => {
                        retry = Some((after, from + 1));
                        (piece, at) = (after, from + 1);
                    }
                    _ => return false,
                },
            }
        }
    }

    /// Refuses a pattern that one text could be at many places of at once.
    pub(crate) fn check_complexity(&self) -> Result<(), PatternError> {
        let bytes: BTreeSet<u8> = self.bytes().collect();
        let start = self.closure([0].into());
        let mut seen = BTreeSet::from([start.clone()]);
        let mut left = VecDeque::from([start]);
        while let Some(places) = left.pop_front() {
            if places.len() > MOST_PLACES || seen.len() > MOST_SETS {
                return Err(PatternError::new(
                    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences \
                     after a wildcard character",
                ));
            }
            for byte in &bytes {
                let next = self.step(&places, *byte);
                if !next.is_empty() && seen.insert(next.clone()) {
                    left.push_back(next);
                }
            }
        }
        Ok(())
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Byte(byte) => Some(*byte),
            Piece::Any => None,
        })
    }

    fn step(&self, places: &BTreeSet<usize>, byte: u8) -> BTreeSet<usize> {
        let next = places.iter().filter_map(|place| match self.pieces.get(*place)? {
            Piece::Any => Some(*place),
            Piece::Byte(wanted) => (*wanted == byte).then_some(place + 1),
        });
        self.closure(next.collect())
    }

    fn closure(&self, mut places: BTreeSet<usize>) -> BTreeSet<usize> {
        let after: Vec<usize> = places
            .iter()
            .filter(|place| self.pieces.get(**place) == Some(&Piece::Any))
            .map(|place| place + 1)
            .collect();
        places.extend(after);
        places
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Wildcard::parse(pattern).unwrap().matches(text)
    }

    #[test]
    fn a_star_is_any_text_or_none() {
        assert!(matches("*", ""));
        assert!(matches("a*c", "ac"));
        assert!(matches("a*c", "abcbc"));
        assert!(!matches("a*c", "abcb"));
        assert!(matches("*b*", "abc"));
        assert!(!matches("", "a"));
        assert!(matches("ü*", "übung"));
    }

    #[test]
    fn a_backslash_escapes() {
        assert!(matches(r"a\*", "a*"));
        assert!(!matches(r"a\*", "ab"));
        assert!(matches(r"a\\", r"a\"));
        assert_eq!(Wildcard::parse(r"a\b").unwrap_err(), "Invalid escape character at pos 2");
    }

    #[test]
    fn complexity_is_limited_as_aws_documents() {
        let complex = |pattern: &str| Wildcard::parse(pattern).unwrap().check_complexity().is_err();
        assert!(complex("*:*:*:*:*:event-bus/*"));
        assert!(!complex("arn:aws:events:us-east-1:*:event-bus/*"));
        assert!(!complex("/Users/*/dir/dir/dir/dir/dir/doc.txt"));
        assert!(!complex(&"*abc".repeat(3)));
        assert!(complex(&"*a".repeat(1_000)));
    }
}
