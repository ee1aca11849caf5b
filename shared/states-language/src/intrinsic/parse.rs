//! Text to call.

use serde_json::Value;

use super::{Argument, Function, Intrinsic};
use crate::path::Path;

/// How deep calls may nest: AWS's limit.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>
pub(super) const DEPTH: usize = 10;

pub(super) fn parse(text: &str) -> Result<Intrinsic, String> {
    let mut reader = Reader { rest: text };
    let call = reader.call(1)?;
    if reader.rest.trim().is_empty() {
        Ok(call)
    } else {
        Err(format!("'{}' is not expected after the call", reader.rest))
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: char) -> bool {
        self.space();
        let found = self.rest.starts_with(token);
        if found {
            self.skip(token.len_utf8());
        }
        found
    }

    fn call(&mut self, depth: usize) -> Result<Intrinsic, String> {
        if depth > DEPTH {
            return Err(format!("intrinsic functions nest deeper than {DEPTH}"));
        }
        let whole = self.rest;
        let open = whole.find('(').ok_or_else(|| format!("'{whole}' is not a call of an intrinsic function"))?;
        let name = whole.get(..open).unwrap_or_default();
        let function = name.strip_prefix("States.").and_then(Function::named);
        let function = function.ok_or_else(|| format!("'{name}' is not an intrinsic function"))?;
        self.skip(open + 1);
        let mut arguments = Vec::new();
        if !self.eat(')') {
            loop {
                arguments.push(self.argument(depth)?);
                if self.eat(')') {
                    break;
                }
                if !self.eat(',') {
                    return Err(format!("',' or ')' is expected before '{}' in the arguments of {name}", self.rest));
                }
            }
        }
        let (least, most) = function.arity();
        if arguments.len() < least || arguments.len() > most {
            return Err(format!("{name} cannot be called with {} arguments", arguments.len()));
        }
        let text = whole.get(..whole.len() - self.rest.len()).unwrap_or_default().to_owned();
        Ok(Intrinsic { text, function, arguments })
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, String> {
        self.space();
        if self.rest.starts_with('\'') {
            return self.string().map(Argument::Literal);
        }
        if self.rest.starts_with("States.") {
            return self.call(depth + 1).map(Argument::Call);
        }
        let token = self.token().trim_end();
        if token.starts_with('$') {
            return Path::parse(token)
                .map(Argument::Path)
                .map_err(|m| format!("'{token}' is not a valid JSONPath: {m}"));
        }
        match serde_json::from_str(token) {
            Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => Ok(Argument::Literal(value)),
            _ => Err(format!("'{token}' is not a path, a number, a 'string', true, false, null or a call")),
        }
    }

    /// Up to the next `,` or `)` outside of brackets and quotes.
    fn token(&mut self) -> &'a str {
        let (mut depth, mut quote) = (0_usize, None);
        let end = self.rest.char_indices().find(|(_, c)| {
            match (quote, *c) {
                (Some(q), c) if q == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(*c),
                (None, '[') => depth += 1,
                (None, ']') => depth = depth.saturating_sub(1),
                (None, ',' | ')') => return depth == 0,
                _ => {}
            }
            false
        });
        let token = self.rest.get(..end.map_or(self.rest.len(), |(at, _)| at)).unwrap_or_default();
        self.skip(token.len());
        token
    }

    /// In single quotes; `\'` is a quote. `\{`, `\}` and `\\` stay as they are, for `States.Format` reads them.
    fn string(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.skip(at + 1);
                    return Ok(Value::String(text));
                }
                '\\' => match chars.next() {
                    Some((_, '\'')) => text.push('\''),
                    Some((_, escaped)) => text.extend(['\\', escaped]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(format!("the string that starts at {} is not closed", self.rest))
    }
}
