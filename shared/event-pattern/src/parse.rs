//! From a pattern's text to what is matched: the structure of objects, arrays and `$or`.

mod anything_but;
mod expression;
mod numeric;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cidr::parse_address;
use crate::error::{PatternError, Position};
use crate::matchers::Matcher;
use crate::numeric::Number;
use crate::scan::{Kind, Scanner, Token};

/// Objects nested deeper are refused.
const DEEPEST: usize = 256;
/// A pattern whose `$or`s multiply to more alternatives is refused, as AWS does.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or>
const MOST_ALTERNATIVES: usize = 1_000;

/// The names that AWS keeps for operators: not allowed as field names inside `$or`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// What must hold together: for each path, one of the matchers. A pattern with `$or` is several of these.
pub(crate) type Alternative = BTreeMap<Arc<str>, Arc<[Matcher]>>;

pub(crate) fn parse(source: &str) -> Result<Vec<Alternative>, PatternError> {
    let mut parser = Parser { scanner: Scanner::new(source), path: Vec::new(), alternatives: Vec::new() };
    let token = parser.unread()?;
    if token.kind != Kind::ObjectStart {
        return Err(parser.fail("Filter is not an object", token.seen));
    }
    parser.object(false)?;
    for matcher in
        parser.alternatives.iter().flat_map(|alternative| alternative.values()).flat_map(|matchers| matchers.iter())
    {
        expression::check_complexity(matcher)?;
    }
    Ok(parser.alternatives)
}

pub(crate) struct Parser<'a> {
    scanner: Scanner<'a>,
    path: Vec<String>,
    alternatives: Vec<Alternative>,
}

impl Parser<'_> {
    pub(crate) fn next(&mut self) -> Result<Token, PatternError> {
        let token = self.unread()?;
        match token.kind {
            Kind::Broken(error) => Err(error),
            _ => Ok(token),
        }
    }

    /// A token whose text nobody will look at.
    fn unread(&mut self) -> Result<Token, PatternError> {
        let token = self.scanner.next()?;
        if self.scanner.depth() > DEEPEST {
            let reason =
                format!("Document nesting depth ({}) exceeds the maximum allowed ({DEEPEST})", self.scanner.depth());
            return Err(self.fail(reason, token.seen));
        }
        Ok(token)
    }

    pub(crate) fn fail(&self, reason: impl Into<String>, position: Position) -> PatternError {
        self.scanner.error(reason, position)
    }

    /// The fields of an object whose brace is taken.
    fn object(&mut self, inside_or: bool) -> Result<(), PatternError> {
        let mut empty = true;
        loop {
            let token = self.next()?;
            match token.kind {
                Kind::Name(name) if name == "$or" => self.or()?,
                Kind::Name(name) if inside_or && RESERVED.contains(&name.as_str()) => {
                    let reason = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
                    return Err(self.fail(reason, token.seen));
                }
                Kind::Name(name) => self.field(name, inside_or)?,
                _ if empty => return Err(self.fail("Empty objects are not allowed", token.seen)),
                _ => return Ok(()),
            }
            empty = false;
        }
    }

    fn field(&mut self, name: String, inside_or: bool) -> Result<(), PatternError> {
        let token = self.unread()?;
        match token.kind {
            Kind::ObjectStart => {
                self.path.push(name);
                self.object(inside_or)?;
                self.path.pop();
                Ok(())
            }
            Kind::ArrayStart => {
                let matchers = self.matchers()?;
                self.path.push(name);
                let path: Arc<str> = self.path.join(".").into();
                self.path.pop();
                self.require(&path, &matchers);
                Ok(())
            }
            _ => Err(self.fail(format!("\"{name}\" must be an object or an array"), token.seen)),
        }
    }

    /// The same path again replaces what was asked of it before, as in AWS.
    fn require(&mut self, path: &Arc<str>, matchers: &Arc<[Matcher]>) {
        if self.alternatives.is_empty() {
            self.alternatives.push(Alternative::new());
        }
        for alternative in &mut self.alternatives {
            alternative.insert(Arc::clone(path), Arc::clone(matchers));
        }
    }

    fn or(&mut self) -> Result<(), PatternError> {
        let token = self.next()?;
        if token.kind != Kind::ArrayStart {
            return Err(self.fail("It must be an Array followed with $or.", token.seen));
        }
        let before = std::mem::take(&mut self.alternatives);
        let mut all = Vec::new();
        let mut branches = 0;
        loop {
            let token = self.next()?;
            match token.kind {
                Kind::ArrayEnd if branches < 2 => {
                    return Err(self.fail("There must have at least 2 Objects in $or relationship.", token.seen));
                }
                Kind::ArrayEnd => break,
                Kind::ObjectStart => {}
                _ => return Err(self.fail("Only JSON object is allowed in array of $or relationship.", token.seen)),
            }
            branches += 1;
            self.alternatives.clone_from(&before);
            self.object(true)?;
            all.append(&mut self.alternatives);
            if all.len() > MOST_ALTERNATIVES {
                return Err(PatternError::new("Rule is too complex - try using fewer $or conditions"));
            }
        }
        self.alternatives = all;
        Ok(())
    }

    /// The entries of an array whose bracket is taken.
    fn matchers(&mut self) -> Result<Arc<[Matcher]>, PatternError> {
        let mut matchers = Vec::new();
        loop {
            let token = self.next()?;
            matchers.push(match token.kind {
                Kind::ArrayEnd if matchers.is_empty() => {
                    return Err(self.fail("Empty arrays are not allowed", token.seen));
                }
                Kind::ArrayEnd => return Ok(matchers.into()),
                Kind::ObjectStart => self.expression()?,
                Kind::Text(text) => match parse_address(&text) {
                    Some(address) => Matcher::Address(text, address),
                    None => Matcher::Text(text),
                },
                Kind::Number(text) => Matcher::Number { number: Number::parse(&text).ok(), text },
                Kind::True => Matcher::Bool(true),
                Kind::False => Matcher::Bool(false),
                Kind::Null => Matcher::Null,
                _ => return Err(self.fail("Match value must be String, number, true, false, or null", token.seen)),
            });
        }
    }
}
