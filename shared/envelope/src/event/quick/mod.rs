//! A reader of JSON for what almost every event is.
//!
//! What it reads is what `serde_json` reads from the same text. What it does not read is either no JSON, or seldom in an event: numbers
//! that are not whole, characters written as `\u0000`, great depth. Then `serde_json` reads it, or says what is wrong with it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Attributes;
use super::member::{DETAIL, Member};
use crate::text::plain;

/// So many objects and lists are read within each other.
const DEEPEST: u8 = 24;
/// Members that an object of attributes may have before it takes more memory.
const ATTRIBUTES: usize = 16;
/// Members that an object in an event may have before it takes more memory; a table of seven is as large as one of four.
const MEMBERS: usize = 7;
/// A number of so many digits is in any case a `u64` and an `i64`.
const DIGITS: usize = 18;

/// Reads an object of attributes, of which `detail` may be another.
pub(super) fn parse(text: &str) -> Option<Attributes<'_>> {
    let mut reader = Reader { text, at: 0 };
    let attributes = reader.attributes(true)?;
    reader.space();
    (reader.at == text.len()).then_some(attributes)
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes that are read.
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes the next byte that is no white space, if it is this one.
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn attributes(&mut self, outermost: bool) -> Option<Attributes<'a>> {
        let mut members = Vec::with_capacity(ATTRIBUTES);
        self.members(|reader, name| {
            let member = match reader.peek()? {
                b'"' => Member::Text(reader.string()?),
                b'{' if outermost && name == DETAIL => Member::Object(reader.attributes(false)?),
                _ => Member::Other(reader.value(DEEPEST)?),
            };
            members.push((name, member));
            Some(())
        })?;
        Some(Attributes(members))
    }

    /// Reads an object, each member's value by `read`.
    fn members(&mut self, mut read: impl FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        self.pass(b'{')?;
        if self.pass(b'}').is_some() {
            return Some(());
        }
        loop {
            self.space();
            let name = self.string()?;
            self.pass(b':')?;
            read(self, name)?;
            if self.pass(b',').is_none() {
                return self.pass(b'}');
            }
        }
    }

    fn value(&mut self, deeper: u8) -> Option<Value> {
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
            let value = reader.value(deeper)?;
            object.insert(name.into_owned(), value);
            Some(())
        })?;
        Some(Value::Object(object))
    }

    fn list(&mut self, deeper: u8) -> Option<Value> {
        self.pass(b'[')?;
        let mut list = Vec::new();
        if self.pass(b']').is_some() {
            return Some(Value::Array(list));
        }
        loop {
            list.push(self.value(deeper)?);
            if self.pass(b',').is_none() {
                self.pass(b']')?;
                return Some(Value::Array(list));
            }
        }
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

    /// A text, without the escapes that are in it.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        (self.rest().first() == Some(&b'"')).then(|| self.at += 1)?;
        let text = self.plain()?;
        if self.rest().first() == Some(&b'"') {
            self.at += 1;
            return Some(Cow::Borrowed(text));
        }
        let mut whole = text.to_owned();
        loop {
            match self.rest() {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(Cow::Owned(whole));
                }
                [b'\\', escaped, ..] => whole.push(unescaped(*escaped)?),
                _ => return None,
            }
            self.at += 2;
            whole.push_str(self.plain()?);
        }
    }

    /// What stands for itself.
    fn plain(&mut self) -> Option<&'a str> {
        let length = plain(self.rest());
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        Some(text)
    }
}

fn unescaped(escaped: u8) -> Option<char> {
    Some(match escaped {
        b'"' | b'\\' | b'/' => char::from(escaped),
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        _ => return None,
    })
}
