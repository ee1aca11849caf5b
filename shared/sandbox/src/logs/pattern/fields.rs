//! Patterns for events whose fields are separated by spaces
//! ([Using filter patterns to match terms in space-delimited log events](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-space-delimited-log-events.html)):
//! `[ip, user, status = 4* || status = 5*, ...]`. A text in quotation marks or brackets is one field.

use super::compare::Comparison;
use super::cursor::Cursor;

#[derive(Debug, Clone)]
pub(super) struct Fields(Vec<Field>);

#[derive(Debug, Clone)]
enum Field {
    /// `...`: any fields.
    Rest,
    /// One field, for which one of the lists must hold.
    One(Vec<Vec<Comparison>>),
}

pub(super) fn parse(text: &str) -> Result<Fields, String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or("[ is not closed")?;
    let mut cursor = Cursor::new(inner);
    let mut fields = Vec::new();
    loop {
        cursor.skip_spaces();
        fields.push(if cursor.take("...") { Field::Rest } else { field(&mut cursor)? });
        cursor.skip_spaces();
        if cursor.is_at_end() {
            return Ok(Fields(fields));
        }
        if !cursor.take(",") {
            return Err(format!("a comma was expected at {:?}", cursor.rest()));
        }
    }
}

fn field(cursor: &mut Cursor<'_>) -> Result<Field, String> {
    let mut alternatives = vec![Vec::new()];
    loop {
        cursor.skip_spaces();
        let name = cursor.take_until(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
        if name.is_empty() {
            return Err(format!("a field's name was expected at {:?}", cursor.rest()));
        }
        cursor.skip_spaces();
        if cursor.rest().starts_with(['=', '!', '<', '>']) {
            let comparison = Comparison::parse(cursor, |c| matches!(c, ',' | '&' | '|') || c.is_whitespace())?;
            if let Some(last) = alternatives.last_mut() {
                last.push(comparison);
            }
        }
        cursor.skip_spaces();
        if cursor.take("||") {
            alternatives.push(Vec::new());
        } else if !cursor.take("&&") {
            return Ok(Field::One(alternatives));
        }
    }
}

impl Fields {
    pub(super) fn match_message(&self, message: &str) -> bool {
        match_all(&self.0, &split(message))
    }
}

fn match_all(fields: &[Field], values: &[&str]) -> bool {
    match (fields.split_first(), values.split_first()) {
        (None, None) => true,
        (Some((Field::Rest, rest)), None) => match_all(rest, values),
        (Some((Field::Rest, rest)), Some((_, others))) => match_all(rest, values) || match_all(fields, others),
        (Some((Field::One(alternatives), rest)), Some((value, others))) => {
            let holds = alternatives.iter().any(|list| list.iter().all(|c| c.matches_field(value)));
            holds && match_all(rest, others)
        }
        _ => false,
    }
}

fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let quoted = close.and_then(|close| rest.get(1..)?.split_once(close));
        let (field, others) = quoted.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        fields.push(field);
        rest = others.trim_start();
    }
    fields
}
