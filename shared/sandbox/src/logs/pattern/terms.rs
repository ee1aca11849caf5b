//! Patterns for events without structure
//! ([Using filter patterns to match terms in unstructured log events](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-unstructured-log-events.html)):
//! every plain term must be there, no term with `-`; of the terms with `?`, one, unless there are plain ones.

use regex::Regex;

use super::compare::regex;
use super::cursor::Cursor;

#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    required: Vec<Term>,
    excluded: Vec<Term>,
    alternatives: Vec<Term>,
}

#[derive(Debug, Clone)]
enum Term {
    Text(String),
    Regex(Regex),
}

pub(super) fn parse(text: &str) -> Result<Terms, String> {
    let mut cursor = Cursor::new(text);
    let mut terms = Terms::default();
    loop {
        cursor.skip_spaces();
        if cursor.is_at_end() {
            return Ok(terms);
        }
        let list = if cursor.take("-") {
            &mut terms.excluded
        } else if cursor.take("?") {
            &mut terms.alternatives
        } else {
            &mut terms.required
        };
        list.push(term(&mut cursor)?);
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, String> {
    match cursor.rest().chars().next() {
        Some('"') => cursor.take_quoted('"').map(Term::Text),
        Some('%') => regex(&cursor.take_quoted('%')?).map(Term::Regex),
        _ => {
            let word = cursor.take_until(char::is_whitespace);
            match word.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '#' | '@'))) {
                Some(odd) => Err(format!("{word:?} holds {odd}: put it in double quotation marks")),
                None if word.is_empty() => Err("a term was expected".into()),
                None => Ok(Term::Text(word.to_owned())),
            }
        }
    }
}

impl Terms {
    pub(super) fn matches(&self, message: &str) -> bool {
        let holds = |term: &Term| match term {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        };
        let included = if self.required.is_empty() {
            self.alternatives.is_empty() || self.alternatives.iter().any(holds)
        } else {
            self.required.iter().all(holds)
        };
        included && !self.excluded.iter().any(holds)
    }
}
