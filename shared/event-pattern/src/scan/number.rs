//! Numbers, and what a parser says about what only begins like one.

use super::{Kind, Scanner, Token, VALUE};
use crate::error::{PatternError, Position};

impl Scanner<'_> {
    pub(super) fn number(&mut self) -> Result<Token, PatternError> {
        let start = self.offset;
        if self.peek() == Some('-') {
            self.take();
            match self.peek() {
                Some('.') => return Err(self.unexpected('.', &format!("expected a valid value {VALUE}"))),
                Some('0'..='9') => {}
                found => {
                    let wanted = "expected digit (0-9) to follow minus sign, for valid numeric value";
                    return Err(self.not_a_digit(found, self.position, wanted));
                }
            }
        }
        let first = self.whole()?;
        if self.peek() == Some('.') {
            self.take();
            self.digits(first, "Decimal point not followed by a digit")?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.take();
            if matches!(self.peek(), Some('+' | '-')) {
                self.take();
            }
            self.digits(first, "Exponent indicator not followed by a digit")?;
        }
        if let Some(next) = self.peek().filter(|next| self.frames.is_empty() && !next.is_ascii_whitespace()) {
            return Err(self.unexpected(next, "Expected space separating root-level values"));
        }
        let number = self.source.get(start..self.offset).unwrap_or_default();
        Ok(self.plain(Kind::Number(number.to_owned())))
    }

    /// The part before a decimal point. Errors of the parts after it stand behind its first digit.
    fn whole(&mut self) -> Result<Position, PatternError> {
        let zero = self.peek() == Some('0');
        self.take();
        let first = self.position;
        if zero && self.peek().is_some_and(|next| next.is_ascii_digit()) {
            return Err(self.error("Invalid numeric value: Leading zeroes not allowed", self.position));
        }
        if !zero {
            self.take_while(|c| c.is_ascii_digit());
        }
        Ok(first)
    }

    fn digits(&mut self, first: Position, otherwise: &str) -> Result<(), PatternError> {
        if self.take_while(|c| c.is_ascii_digit()).is_empty() {
            Err(self.not_a_digit(self.peek(), first, otherwise))
        } else {
            Ok(())
        }
    }

    fn not_a_digit(&self, found: Option<char>, at: Position, reason: &str) -> PatternError {
        match found {
            None => self.error("Unexpected end-of-input within number", self.position),
            Some(c) => {
                let shown = super::shown(c);
                self.error(format!("Unexpected character ({shown}) in numeric value: {reason}"), at)
            }
        }
    }
}
