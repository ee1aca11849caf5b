//! The JSON paths that EventBridge supports: names, array indices and `*`.

use std::fmt;

use serde_json::Value;

use super::TransformError;

/// A path into an event: `$.detail.lines[0].sku`.
#[derive(Debug, Clone, PartialEq)]
pub struct InputPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Index(usize),
    All,
}

impl InputPath {
    /// Reads a path.
    ///
    /// # Errors
    /// A path that does not start with `$`, or uses more than names, indices and `*`.
    pub fn parse(text: &str) -> Result<Self, TransformError> {
        let fail = |reason| TransformError::InvalidPath { path: text.to_owned(), reason };
        let mut rest = text.strip_prefix('$').ok_or_else(|| fail("it must start with $"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = if let Some(name) = rest.strip_prefix('.') {
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                (named(name).ok_or_else(|| fail("a name may hold letters, digits, -, _ and /"))?, after)
            } else if let Some(inside) = rest.strip_prefix('[') {
                let (inside, after) = inside.split_once(']').ok_or_else(|| fail("a bracket is not closed"))?;
                (bracketed(inside).ok_or_else(|| fail("brackets may hold an index, * or a quoted name"))?, after)
            } else {
                return Err(fail("expected . or ["));
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// What is there; several values, where the path has a `*`, are a list.
    pub fn find(&self, event: &Value) -> Option<Value> {
        let mut found = vec![event];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.take(value)).collect();
        }
        if self.steps.contains(&Step::All) {
            return Some(Value::Array(found.into_iter().cloned().collect()));
        }
        found.first().map(|value| (*value).clone())
    }
}

impl fmt::Display for InputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Step {
    fn take<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Self::Name(name), Value::Object(fields)) => fields.get(name).into_iter().collect(),
            (Self::Index(index), Value::Array(elements)) => elements.get(*index).into_iter().collect(),
            (Self::All, Value::Array(elements)) => elements.iter().collect(),
            (Self::All, Value::Object(fields)) => fields.values().collect(),
            _ => Vec::new(),
        }
    }
}

fn named(name: &str) -> Option<Step> {
    match name {
        "*" => Some(Step::All),
        "" => None,
        _ => name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
            .then(|| Step::Name(name.to_owned())),
    }
}

fn bracketed(inside: &str) -> Option<Step> {
    let unquoted = |quote| inside.strip_prefix(quote)?.strip_suffix(quote);
    match unquoted('\'').or_else(|| unquoted('"')) {
        Some(name) => Some(Step::Name(name.to_owned())),
        None if inside == "*" => Some(Step::All),
        None => inside.parse().ok().map(Step::Index),
    }
}
