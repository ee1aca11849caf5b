//! JSON tokens with the positions that AWS reports. AWS reads patterns with a streaming parser, so its errors stand where
//! that parser was: after a value, but only after the opening quote of a text that nothing has looked into yet.

mod number;
mod text;

use crate::error::{PatternError, Position, location, quote};

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Name(String),
    Text(String),
    /// A text that is broken inside, which matters only to who looks at it.
    Broken(PatternError),
    Number(String),
    True,
    False,
    Null,
    End,
}

/// A token and where an error about it stands: before and after its text was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) seen: Position,
    pub(crate) read: Position,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Inside {
    Object,
    Array,
}

struct Frame {
    inside: Inside,
    opened: Position,
    entries: usize,
    after_name: bool,
}

pub(crate) struct Scanner<'a> {
    source: &'a str,
    offset: usize,
    position: Position,
    frames: Vec<Frame>,
    started: bool,
}

const VALUE: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

impl<'a> Scanner<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, offset: 0, position: Position { line: 1, column: 1 }, frames: Vec::new(), started: false }
    }

    /// How deep the scanner is.
    pub(crate) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(crate) fn error(&self, reason: impl Into<String>, position: Position) -> PatternError {
        PatternError::at(reason, self.source, position)
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, PatternError> {
        self.skip_to_token()?;
        let Some(next) = self.peek() else { return self.end_of_input() };
        let Some(frame) = self.frames.last_mut() else {
            if self.started {
                return Ok(self.plain(Kind::End));
            }
            self.started = true;
            return self.value(next);
        };
        match (frame.inside, next) {
            (Inside::Object, '}') if !frame.after_name => self.close(Kind::ObjectEnd),
            (Inside::Array, ']') => self.close(Kind::ArrayEnd),
            (Inside::Object, _) if frame.after_name => {
                frame.after_name = false;
                self.value(next)
            }
            (inside, '}' | ']') => self.wrong_close(inside, next),
            (Inside::Object, _) => self.name(),
            (Inside::Array, _) => self.element(next),
        }
    }

    fn end_of_input(&mut self) -> Result<Token, PatternError> {
        let Some(frame) = self.frames.last() else { return Ok(self.plain(Kind::End)) };
        if frame.after_name {
            return Err(self.between());
        }
        let what = if frame.inside == Inside::Object { "Object" } else { "Array" };
        let opened = location(&quote(self.source), frame.opened);
        let reason = format!("Unexpected end-of-input: expected close marker for {what} (start marker at {opened})");
        Err(self.error(reason, self.position))
    }

    fn wrong_close(&self, inside: Inside, found: char) -> Result<Token, PatternError> {
        let (close, what) = if inside == Inside::Object { ('}', "Object") } else { (']', "Array") };
        let opened = self.frames.last().map_or(self.position, |frame| frame.opened);
        let opened = location(&quote(self.source), opened);
        let reason = format!("Unexpected close marker '{found}': expected '{close}' (for {what} starting at {opened})");
        Err(self.error(reason, self.position))
    }

    fn element(&mut self, next: char) -> Result<Token, PatternError> {
        let next = self.separator(next, "Array")?;
        self.value(next)
    }

    fn name(&mut self) -> Result<Token, PatternError> {
        let Some(next) = self.peek() else { return self.end_of_input() };
        let next = self.separator(next, "Object")?;
        if next != '"' {
            return Err(self.unexpected(next, "was expecting double-quote to start field name"));
        }
        self.take();
        let name = self.text(true)?;
        self.skip_to_token()?;
        match self.peek() {
            Some(':') => self.take(),
            Some(other) => return Err(self.unexpected(other, "was expecting a colon to separate field name and value")),
            None => return Err(self.between()),
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.after_name = true;
        }
        let position = self.after_start_of_value();
        Ok(Token { kind: Kind::Name(name), seen: position, read: position })
    }

    /// Takes the comma before every entry but the first.
    fn separator(&mut self, next: char, what: &str) -> Result<char, PatternError> {
        let first = self.frames.last().is_none_or(|frame| frame.entries == 0);
        if let Some(frame) = self.frames.last_mut() {
            frame.entries += 1;
        }
        if first {
            return Ok(next);
        }
        if next != ',' {
            return Err(self.unexpected(next, &format!("was expecting comma to separate {what} entries")));
        }
        self.take();
        self.skip_to_token()?;
        self.peek().ok_or_else(|| self.between())
    }

    fn value(&mut self, next: char) -> Result<Token, PatternError> {
        match next {
            '{' => Ok(self.open(Inside::Object, Kind::ObjectStart)),
            '[' => Ok(self.open(Inside::Array, Kind::ArrayStart)),
            '"' => {
                self.take();
                let seen = self.position;
                let kind = self.text(false).map_or_else(Kind::Broken, Kind::Text);
                Ok(Token { kind, seen, read: self.position })
            }
            '-' | '0'..='9' => self.number(),
            '}' => Err(self.unexpected(next, "expected a value")),
            c if begins_word(c) => self.word(),
            c => Err(self.unexpected(c, &format!("expected a valid value {VALUE}"))),
        }
    }

    fn open(&mut self, inside: Inside, kind: Kind) -> Token {
        let opened = self.position;
        self.take();
        self.frames.push(Frame { inside, opened, entries: 0, after_name: false });
        self.plain(kind)
    }

    fn close(&mut self, kind: Kind) -> Result<Token, PatternError> {
        self.take();
        self.frames.pop();
        Ok(self.plain(kind))
    }

    fn word(&mut self) -> Result<Token, PatternError> {
        let word = self.take_while(|c| begins_word(c) || c.is_numeric());
        let kind = match word {
            "true" => Kind::True,
            "false" => Kind::False,
            "null" => Kind::Null,
            _ => return Err(self.error(format!("Unrecognized token '{word}': was expecting {VALUE}"), self.position)),
        };
        Ok(self.plain(kind))
    }

    fn unexpected(&self, found: char, wanted: &str) -> PatternError {
        self.error(format!("Unexpected character ({}): {wanted}", shown(found)), self.position)
    }

    fn plain(&self, kind: Kind) -> Token {
        Token { kind, seen: self.position, read: self.position }
    }

    /// Where the parser stands once it has a field's name: it has looked at the start of the value already.
    fn after_start_of_value(&self) -> Position {
        let mut ahead = Scanner {
            source: self.source,
            offset: self.offset,
            position: self.position,
            frames: Vec::new(),
            started: true,
        };
        ahead.skip_space();
        match ahead.peek() {
            Some('"' | '{' | '[') => ahead.take(),
            Some(_) => {
                ahead.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '+' | '.'));
            }
            None => {}
        }
        ahead.position
    }

    /// The text ends where a name, a colon or a value should follow.
    fn between(&self) -> PatternError {
        let object = self.frames.last().is_none_or(|frame| frame.inside == Inside::Object);
        let what = if object { "Object" } else { "Array" };
        self.error(format!("Unexpected end-of-input within/between {what} entries"), self.position)
    }

    fn skip_to_token(&mut self) -> Result<(), PatternError> {
        self.skip_space();
        match self.peek() {
            Some('/') => {
                let reason = "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not \
                              enabled for parser)";
                Err(self.unexpected('/', reason))
            }
            Some(c) if c < ' ' => {
                let reason = format!(
                    "Illegal character ((CTRL-CHAR, code {})): only regular white space (\\r, \\n, \\t) is allowed between tokens",
                    u32::from(c)
                );
                self.take();
                Err(self.error(reason, self.position))
            }
            _ => Ok(()),
        }
    }

    fn skip_space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let start = self.offset;
        while self.peek().is_some_and(&wanted) {
            self.take();
        }
        self.source.get(start..self.offset).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.offset..)?.chars().next()
    }

    fn take(&mut self) {
        let Some(c) = self.peek() else { return };
        self.offset += c.len_utf8();
        if c == '\n' {
            self.position = Position { line: self.position.line + 1, column: 1 };
        } else {
            self.position.column += c.len_utf16() as u32;
        }
    }
}

/// A character as an error shows it, with its code, which is a UTF-16 unit's.
fn shown(c: char) -> String {
    let mut units = [0; 2];
    let code = c.encode_utf16(&mut units).first().copied().unwrap_or_default();
    let printed = if u32::from(code) == u32::from(c) { c } else { '?' };
    match code {
        _ if c.is_control() => format!("(CTRL-CHAR, code {code})"),
        0..=255 => format!("'{printed}' (code {code})"),
        _ => format!("'{printed}' (code {code} / 0x{code:x})"),
    }
}

/// What begins an identifier in the language that AWS's parser is written in.
fn begins_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$')
}
