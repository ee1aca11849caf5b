//! `States.Format`.

use serde_json::Value;

use crate::data::EvaluationError;

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
                Some(value @ (Value::Array(_) | Value::Object(_))) => {
                    return Err(bad(&format!("{value} is not a string, number, boolean or null")));
                }
                Some(value) => text.push_str(&value.to_string()),
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
