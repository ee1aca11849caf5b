//! Texts and their escapes.

use super::{Scanner, shown};
use crate::error::PatternError;

impl Scanner<'_> {
    /// The rest of a text whose opening quote is taken.
    pub(super) fn text(&mut self, is_name: bool) -> Result<String, PatternError> {
        let mut text = String::new();
        loop {
            match self.peek() {
                None => {
                    let what =
                        if is_name { " in field name" } else { ": was expecting closing quote for a string value" };
                    return Err(self.error(format!("Unexpected end-of-input{what}"), self.position));
                }
                Some('"') => {
                    self.take();
                    return Ok(text);
                }
                Some('\\') => {
                    self.take();
                    text.push(self.escape()?);
                }
                Some(c) if c < ' ' => {
                    let what = if is_name { "name" } else { "string value" };
                    let reason = format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be \
                         included in {what}",
                        u32::from(c)
                    );
                    return Err(self.error(reason, self.position));
                }
                Some(c) => {
                    self.take();
                    text.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, PatternError> {
        let Some(c) = self.peek() else {
            return Err(self.error("Unexpected end-of-input in character escape sequence", self.position));
        };
        let at = self.position;
        self.take();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode_escape(),
            _ => return Err(self.error(format!("Unrecognized character escape {}", shown(c)), at)),
        })
    }

    fn unicode_escape(&mut self) -> Result<char, PatternError> {
        let high = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !self.source.get(self.offset..).is_some_and(|rest| rest.starts_with("\\u")) {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.take();
        self.take();
        let low = self.four_digits()?;
        let joined = 0x10000 + ((high - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
        Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, PatternError> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(c) = self.peek() else {
                return Err(self.error("Unexpected end-of-input in character escape sequence", self.position));
            };
            let wanted = "expected a hex-digit for character escape sequence";
            let digit = c.to_digit(16).ok_or_else(|| self.unexpected(c, wanted))?;
            self.take();
            value = value * 16 + digit;
        }
        Ok(value)
    }
}
