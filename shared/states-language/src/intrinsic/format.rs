//! `States.Format`.

use serde_json::Value;

use crate::data::EvaluationError;

/// As AWS shows a value: `{Id=1, Lines=[a, b]}`. Payloads nest no deeper than [`crate::limits::PAYLOAD_DEPTH`], so this
/// recursion is shallow.
fn show(value: &Value, text: &mut String) {
    match value {
        Value::String(value) => text.push_str(value),
        Value::Array(items) => list(text, ('[', ']'), items, show),
        Value::Object(members) => list(text, ('{', '}'), members, |(name, value), text| {
            text.push_str(name);
            text.push('=');
            show(value, text);
        }),
        other => text.push_str(&other.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(T, &mut String),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        each(item, text);
    }
    text.push(close);
}

/// Replaces each `{}` of the first argument with the next one. `\{`, `\}` and `\\` are themselves.
pub(super) fn format(args: &[Value]) -> Result<Value, EvaluationError> {
    let bad = |cause: &str| EvaluationError::intrinsic(cause);
    let (template, values) = args.split_first().ok_or_else(|| bad("a template is expected"))?;
    let template = template.as_str().ok_or_else(|| bad("the template must be a string"))?;
    let mut values = values.iter();
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            '{' if chars.next_if_eq(&'}').is_some() => match values.next() {
                Some(Value::String(value)) => text.push_str(value),
                Some(value) => show(value, &mut text),
                None => return Err(bad("there are fewer arguments than '{}' in the template")),
            },
            '{' | '}' => return Err(bad("'{' and '}' that are not a placeholder must be escaped")),
            c => text.push(c),
        }
    }
    match values.next() {
        None => Ok(text.into()),
        Some(_) => Err(bad("there are more arguments than '{}' in the template")),
    }
}
