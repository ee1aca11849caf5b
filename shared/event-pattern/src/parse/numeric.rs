//! `{ "numeric": [">", 0, "<=", 5] }`.

use super::Parser;
use crate::error::{PatternError, Position};
use crate::numeric::{Bound, Number, Numeric};
use crate::scan::{Kind, Token};

pub(super) const TOO_MANY: &str = "Too many elements in numeric expression";

impl Parser<'_> {
    pub(super) fn numeric(&mut self) -> Result<Numeric, PatternError> {
        let token = self.next()?;
        if token.kind != Kind::ArrayStart {
            return Err(self.fail("Value of numeric must be an array.", token.seen));
        }
        let range = self.range()?;
        self.close(TOO_MANY)?;
        Ok(range)
    }

    fn range(&mut self) -> Result<Numeric, PatternError> {
        let token = self.next()?;
        let Kind::Text(operator) = token.kind else {
            return Err(self.fail(format!("Invalid member in numeric match: {}", shown(&token)), token.read));
        };
        let value = self.next()?;
        let name = match operator.as_str() {
            "=" => "equals",
            ">=" | ">" | "<=" | "<" => operator.as_str(),
            _ => return Err(self.fail(format!("Unrecognized numeric range operator: {operator}"), value.seen)),
        };
        let (text, at) = self.number(value, name)?;
        let token = self.next()?;
        let value = self.comparable(&text, at);
        match (operator.as_str(), token.kind == Kind::ArrayEnd) {
            ("=", true) => Ok(Numeric::Equal(value?)),
            ("<" | "<=", true) => Ok(Numeric::Range { bottom: None, top: Some(bound(value?, &operator)) }),
            (_, true) => Ok(Numeric::Range { bottom: Some(bound(value?, &operator)), top: None }),
            (">" | ">=", false) => self.top(&token, bound(value?, &operator)),
            (_, false) => Err(self.fail(TOO_MANY, token.seen)),
        }
    }

    fn top(&mut self, token: &Token, bottom: Bound) -> Result<Numeric, PatternError> {
        let Kind::Text(operator) = &token.kind else {
            return Err(self.fail(format!("Bad value in numeric range: {}", shown(token)), token.read));
        };
        if operator != "<" && operator != "<=" {
            return Err(self.fail(format!("Bad numeric range operator: {operator}"), token.read));
        }
        let value = self.next()?;
        let (text, at) = self.number(value, operator)?;
        let end = self.next()?;
        if end.kind != Kind::ArrayEnd {
            return Err(self.fail("Too many terms in numeric range expression", end.seen));
        }
        let top = bound(self.comparable(&text, at)?, operator);
        Numeric::between(bottom, top).map_err(|reason| self.fail(reason, end.seen))
    }

    fn number(&self, token: Token, operator: &str) -> Result<(String, Position), PatternError> {
        match token.kind {
            Kind::Number(text) => Ok((text, token.read)),
            _ => Err(self.fail(format!("Value of {operator} must be numeric"), token.seen)),
        }
    }

    fn comparable(&self, text: &str, at: Position) -> Result<Number, PatternError> {
        Number::parse(text).map_err(|reason| self.fail(reason, at))
    }
}

fn bound(value: Number, operator: &str) -> Bound {
    Bound { value, inclusive: operator.ends_with('=') }
}

/// A token as it stood in the pattern.
fn shown(token: &Token) -> &str {
    match &token.kind {
        Kind::Text(text) | Kind::Number(text) | Kind::Name(text) => text,
        Kind::ObjectStart => "{",
        Kind::ObjectEnd => "}",
        Kind::ArrayStart => "[",
        Kind::ArrayEnd => "]",
        Kind::True => "true",
        Kind::False => "false",
        Kind::Null => "null",
        Kind::End | Kind::Broken(_) => "",
    }
}
