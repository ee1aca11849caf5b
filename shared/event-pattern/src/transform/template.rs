//! The text with `<variables>`.

use serde_json::Value;

use super::TransformError;

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Variable { name: String, quoted: bool },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
    /// An object or a list, which is passed on as compact JSON; otherwise quoted text, which is passed on as it is.
    json: bool,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, TransformError> {
        let template = Self { parts: parts(text), json: text.trim_start().starts_with(['{', '[']) };
        // Filled with text everywhere, a template is JSON, whatever the event.
        let filled = template.insert(|_, quoted| if quoted { String::new() } else { "\"\"".into() });
        let checked = if template.json { check(&filled) } else { check_lines(&filled) };
        checked.map_err(TransformError::InvalidTemplate)?;
        Ok(template)
    }

    /// The names of the variables, in order.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    pub(super) fn fill(&self, value: impl Fn(&str) -> Option<Value>) -> Result<String, TransformError> {
        let filled = self.insert(|name, quoted| self.shown(value(name), quoted));
        if !self.json {
            return Ok(filled);
        }
        let value: Value = serde_json::from_str(&filled).map_err(|e| TransformError::InvalidResult(e.to_string()))?;
        Ok(value.to_string())
    }

    fn insert(&self, shown: impl Fn(&str, bool) -> String) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable { name, quoted } => shown(name, *quoted),
        });
        parts.collect()
    }

    /// Inside quotes a text stands without its own, unescaped, and in a text template the quotes of a list or an object go
    /// too. Outside quotes a value is JSON.
    fn shown(&self, value: Option<Value>, quoted: bool) -> String {
        match (value, quoted) {
            (None, true) => String::new(),
            (None, false) => "\"\"".into(),
            (Some(Value::String(text)), true) => text,
            (Some(value @ (Value::Object(_) | Value::Array(_))), true) if !self.json => {
                value.to_string().replace('"', "")
            }
            (Some(value), _) => value.to_string(),
        }
    }
}

fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<Value>(text).map(drop).map_err(|e| e.to_string())
}

/// A text template may be several quoted lines.
fn check_lines(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("it is empty".into());
    }
    text.lines().filter(|line| !line.trim().is_empty()).try_for_each(check)
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = variable(rest) {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Variable { name: name.to_owned(), quoted });
            rest = after;
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        plain.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    parts.push(Part::Text(plain));
    parts
}

/// `<name>` at the start of `text`, and what follows.
fn variable(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('<')?.split_once('>')?;
    let valid = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    valid.then_some((name, after))
}
