//! Patterns for events in JSON
//! ([Using filter patterns to match terms in JSON log events](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html)).

use serde_json::Value;

use super::compare::Comparison;
use super::cursor::Cursor;

/// How deep parentheses may go.
const DEEPEST: usize = 32;

#[derive(Debug, Clone)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Test(Selector, Test),
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    Compare(Comparison),
    Is(Value),
    NotExists,
}

/// A path into an event.
#[derive(Debug, Clone)]
pub(super) struct Selector(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Member(String),
    Element(usize),
    EachElement,
}

pub(super) fn parse(text: &str) -> Result<Expression, String> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let mut cursor = Cursor::new(inner.ok_or("{ is not closed")?);
    let expression = any(&mut cursor, 0)?;
    cursor.skip_spaces();
    if cursor.is_at_end() { Ok(expression) } else { Err(format!("unexpected {:?}", cursor.rest())) }
}

fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, String> {
    list(cursor, "||", |cursor| all(cursor, depth)).map(Expression::Any)
}

fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, String> {
    list(cursor, "&&", |cursor| one(cursor, depth)).map(Expression::All)
}

fn list(
    cursor: &mut Cursor<'_>,
    between: &str,
    part: impl Fn(&mut Cursor<'_>) -> Result<Expression, String>,
) -> Result<Vec<Expression>, String> {
    let mut parts = vec![part(cursor)?];
    loop {
        cursor.skip_spaces();
        if !cursor.take(between) {
            return Ok(parts);
        }
        parts.push(part(cursor)?);
    }
}

fn one(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expression, String> {
    cursor.skip_spaces();
    if cursor.take("(") {
        if depth == DEEPEST {
            return Err(format!("parentheses go deeper than {DEEPEST}"));
        }
        let inner = any(cursor, depth + 1)?;
        cursor.skip_spaces();
        return if cursor.take(")") { Ok(inner) } else { Err("( is not closed".into()) };
    }
    let selector = selector(cursor)?;
    cursor.skip_spaces();
    Ok(Expression::Test(selector, test(cursor)?))
}

fn test(cursor: &mut Cursor<'_>) -> Result<Test, String> {
    if cursor.take_word("IS") {
        cursor.skip_spaces();
        let values = [("NULL", Value::Null), ("TRUE", Value::Bool(true)), ("FALSE", Value::Bool(false))];
        let found = values.into_iter().find_map(|(word, value)| cursor.take_word(word).then_some(value));
        return found.map(Test::Is).ok_or_else(|| "IS needs NULL, TRUE or FALSE".to_owned());
    }
    if cursor.take_word("NOT") {
        cursor.skip_spaces();
        return if cursor.take_word("EXISTS") { Ok(Test::NotExists) } else { Err("NOT needs EXISTS".into()) };
    }
    Comparison::parse(cursor, |c| c.is_whitespace() || matches!(c, ')' | '(' | '&' | '|')).map(Test::Compare)
}

fn selector(cursor: &mut Cursor<'_>) -> Result<Selector, String> {
    if !cursor.take("$") {
        return Err(format!("a selector ($.name) was expected at {:?}", cursor.rest()));
    }
    let mut steps = Vec::new();
    loop {
        if cursor.take(".") {
            if !cursor.rest().starts_with('[') {
                steps.push(Step::Member(member(cursor)?));
            }
        } else if cursor.take("[") {
            steps.push(bracket(cursor)?);
        } else if steps.is_empty() {
            return Err("a selector needs a name".into());
        } else {
            return Ok(Selector(steps));
        }
    }
}

fn member(cursor: &mut Cursor<'_>) -> Result<String, String> {
    let name = cursor.take_until(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '/' | '@' | '#')));
    if name.is_empty() { Err(format!("a name was expected at {:?}", cursor.rest())) } else { Ok(name.to_owned()) }
}

fn bracket(cursor: &mut Cursor<'_>) -> Result<Step, String> {
    let step = match cursor.rest().chars().next() {
        Some(quote @ ('"' | '\'')) => Step::Member(cursor.take_quoted(quote)?),
        Some('*') => {
            cursor.take("*");
            Step::EachElement
        }
        _ => {
            let digits = cursor.take_until(|c| c == ']');
            Step::Element(digits.trim().parse().map_err(|_| format!("[{digits}] is not an index"))?)
        }
    };
    if cursor.take("]") { Ok(step) } else { Err("[ is not closed".into()) }
}

impl Expression {
    pub(super) fn matches(&self, event: &Value) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.matches(event)),
            Self::All(parts) => parts.iter().all(|part| part.matches(event)),
            Self::Test(selector, test) => {
                let mut values = Vec::new();
                select(event, &selector.0, &mut values);
                match test {
                    Test::Compare(comparison) => values.into_iter().any(|value| comparison.matches_json(value)),
                    Test::Is(wanted) => values.into_iter().any(|value| value == wanted),
                    Test::NotExists => values.is_empty(),
                }
            }
        }
    }
}

fn select<'a>(value: &'a Value, steps: &[Step], found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match step {
        Step::Member(name) => value.get(name).into_iter().for_each(|v| select(v, rest, found)),
        Step::Element(index) => value.get(index).into_iter().for_each(|v| select(v, rest, found)),
        Step::EachElement => {
            value.as_array().into_iter().flatten().for_each(|v| select(v, rest, found));
        }
    }
}
