//! Comparing a value with an operand.

use regex::Regex;
use serde_json::Value;

use super::cursor::Cursor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a value is compared with.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Number(f64, String),
    /// A text; `*` stands for any characters.
    Text(String),
    Regex(Regex),
}

/// An operator with its operand.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    operator: Operator,
    operand: Operand,
}

impl Comparison {
    /// Reads `= "text"`, `>= 1`, `!= %regex%`. An operand without quotes ends where `ends` says.
    pub(super) fn parse(cursor: &mut Cursor<'_>, ends: impl Fn(char) -> bool) -> Result<Self, String> {
        let operator = operator(cursor)?;
        cursor.skip_spaces();
        let operand = operand(cursor, ends)?;
        let ordered = !matches!(operator, Operator::Equal | Operator::Unequal);
        if ordered && !matches!(operand, Operand::Number(..)) {
            return Err("<, <=, > and >= need a number".into());
        }
        Ok(Self { operator, operand })
    }

    pub(super) fn matches_json(&self, value: &Value) -> bool {
        match value {
            Value::Number(number) => self.matches_number(number.as_f64(), &number.to_string()),
            Value::String(text) => self.matches_text(text),
            Value::Bool(flag) => self.matches_text(if *flag { "true" } else { "false" }),
            _ => false,
        }
    }

    /// Compares a field of a line: as a number where both are numbers.
    pub(super) fn matches_field(&self, field: &str) -> bool {
        match field.parse::<f64>() {
            Ok(number) => self.matches_number(Some(number), field),
            Err(_) => self.matches_text(field),
        }
    }

    fn matches_number(&self, number: Option<f64>, text: &str) -> bool {
        let (Operand::Number(operand, _), Some(number)) = (&self.operand, number) else {
            return self.matches_text(text);
        };
        match self.operator {
            Operator::Equal => number == *operand,
            Operator::Unequal => number != *operand,
            Operator::Less => number < *operand,
            Operator::LessOrEqual => number <= *operand,
            Operator::Greater => number > *operand,
            Operator::GreaterOrEqual => number >= *operand,
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        let equal = match &self.operand {
            Operand::Number(_, written) => written == text,
            Operand::Text(pattern) => wildcard(pattern, text),
            Operand::Regex(regex) => regex.is_match(text),
        };
        match self.operator {
            Operator::Equal => equal,
            Operator::Unequal => !equal,
            _ => false,
        }
    }
}

fn operator(cursor: &mut Cursor<'_>) -> Result<Operator, String> {
    cursor.skip_spaces();
    [
        ("!=", Operator::Unequal),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ]
    .into_iter()
    .find_map(|(text, operator)| cursor.take(text).then_some(operator))
    .ok_or_else(|| format!("a comparison was expected at {:?}", cursor.rest()))
}

fn operand(cursor: &mut Cursor<'_>, ends: impl Fn(char) -> bool) -> Result<Operand, String> {
    match cursor.rest().chars().next() {
        Some('"') => cursor.take_quoted('"').map(Operand::Text),
        Some('%') => regex(&cursor.take_quoted('%')?).map(Operand::Regex),
        _ => {
            let text = cursor.take_until(ends).trim_end();
            if text.is_empty() {
                return Err(format!("a value was expected at {:?}", cursor.rest()));
            }
            Ok(match text.parse::<f64>() {
                Ok(number) => Operand::Number(number, text.to_owned()),
                Err(_) => Operand::Text(text.to_owned()),
            })
        }
    }
}

/// A regular expression of the kind that AWS takes: no groups, no multi-byte characters.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_#=@/;,-:^$?[]{}|\\*+. ".contains(c);
    if let Some(character) = text.chars().find(|c| !allowed(*c)) {
        return Err(format!("{character} is not allowed in a regular expression"));
    }
    Regex::new(text).map_err(|e| e.to_string())
}

fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.split_at(at + part.len()).1,
            None => return false,
        }
    }
    true
}
