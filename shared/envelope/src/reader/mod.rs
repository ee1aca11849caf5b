//! A reader of JSON for what is almost always there.
//!
//! What it reads is what `serde_json` reads from the same text. What it does not read is either no JSON, or seldom in an event or a batch:
//! numbers that are not whole, characters written as `\u0000`, great depth. Then `serde_json` reads it, or says what is wrong with it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::text::{plain, plain_in};

/// So many objects and lists are read within each other.
const DEEPEST: u8 = 24;
/// Members that an object may have before it takes more memory; a table of seven is as large as one of four.
const MEMBERS: usize = 7;
/// A number of so many digits is in any case a `u64` and an `i64`.
const DIGITS: usize = 18;
/// Bytes that a text with escapes may have before it takes more memory.
const TEXT: usize = 256;

/// Reads JSON from its text, from the front. Each method that reads something passes white space before it, and answers `None` when
/// something else is there, or something that is left to `serde_json`; the reader is of no use then.
#[derive(Debug)]
pub struct JsonReader<'a> {
    text: &'a str,
    /// Bytes that are read.
    at: usize,
}

impl<'a> JsonReader<'a> {
    /// A reader at the beginning of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether all is read.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes the next byte that is no white space, if it is this one.
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Reads an object, the value of each member by `read`, which is told the name.
    pub fn members(&mut self, mut read: impl FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        self.pass(b'{')?;
        if self.pass(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.pass(b':')?;
            read(self, name)?;
            if self.pass(b',').is_none() {
                return self.pass(b'}');
            }
        }
    }

    /// Reads a list, each item by `read`.
    pub fn items(&mut self, mut read: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.pass(b'[')?;
        if self.pass(b']').is_some() {
            return Some(());
        }
        loop {
            read(self)?;
            if self.pass(b',').is_none() {
                return self.pass(b']');
            }
        }
    }

    /// Reads any value, and forgets it.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            _ => self.value().map(drop),
        }
    }

    /// Reads any value.
    pub fn value(&mut self) -> Option<Value> {
        self.value_in(DEEPEST)
    }

    fn value_in(&mut self, deeper: u8) -> Option<Value> {
        match self.peek()? {
            b'"' => Some(Value::String(self.string()?.into_owned())),
            b'{' => self.object(deeper.checked_sub(1)?),
            b'[' => self.list(deeper.checked_sub(1)?),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, deeper: u8) -> Option<Value> {
        let mut object = Map::with_capacity(MEMBERS);
        self.members(|reader, name| {
            let value = reader.value_in(deeper)?;
            object.insert(name.into_owned(), value);
            Some(())
        })?;
        Some(Value::Object(object))
    }

    fn list(&mut self, deeper: u8) -> Option<Value> {
        let mut list = Vec::new();
        self.items(|reader| {
            list.push(reader.value_in(deeper)?);
            Some(())
        })?;
        Some(Value::Array(list))
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.rest().starts_with(word.as_bytes()).then(|| self.at += word.len())?;
        Some(value)
    }

    /// A whole number. `-0` is none.
    fn number(&mut self) -> Option<Value> {
        let rest = self.rest();
        let negative = rest.first() == Some(&b'-');
        let digits = rest.get(usize::from(negative)..)?;
        let length = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        let (digits, after) = digits.split_at_checked(length)?;
        let zero_first = digits.first() == Some(&b'0') && (negative || length > 1);
        if !(1..=DIGITS).contains(&length) || zero_first || matches!(after.first(), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at += usize::from(negative) + length;
        let number = digits.iter().fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
        Some(if negative { Value::from(-number) } else { Value::from(number.unsigned_abs()) })
    }

    /// Reads a text. It is borrowed where it has no escapes.
    pub fn string(&mut self) -> Option<Cow<'a, str>> {
        self.pass(b'"')?;
        let from = self.at;
        self.at += plain(self.rest());
        let text = self.text.get(from..self.at)?;
        if self.rest().first() == Some(&b'"') {
            self.at += 1;
            return Some(Cow::Borrowed(text));
        }
        self.escaped(text).map(Cow::Owned)
    }

    /// The rest of a text with escapes, behind its beginning. Eight bytes are copied at a time; those behind the first that does not stand
    /// for itself are taken back.
    fn escaped(&mut self, beginning: &str) -> Option<String> {
        let mut text = Vec::with_capacity(TEXT.max(beginning.len() + 8));
        text.extend_from_slice(beginning.as_bytes());
        let mut rest = self.rest();
        loop {
            let plain = match rest.first_chunk::<8>() {
                Some(word) => {
                    let plain = plain_in(*word);
                    text.extend_from_slice(word);
                    text.truncate(text.len() + plain - word.len());
                    plain
                }
                None => {
                    let plain = plain(rest);
                    text.extend_from_slice(rest.get(..plain)?);
                    plain
                }
            };
            rest = rest.get(plain..)?;
            match rest {
                [b'"', after @ ..] => {
                    self.at = self.text.len() - after.len();
                    return String::from_utf8(text).ok();
                }
                [b'\\', escaped, after @ ..] => {
                    text.push(unescaped(*escaped)?);
                    rest = after;
                }
                _ if plain == 8 => {}
                _ => return None,
            }
        }
    }
}

fn unescaped(escaped: u8) -> Option<u8> {
    Some(match escaped {
        b'"' | b'\\' | b'/' => escaped,
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        _ => return None,
    })
}
