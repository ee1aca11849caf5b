//! Payload templates: JSON with paths, intrinsic functions or expressions in it.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html>

use serde_json::{Map, Value};

use crate::data::{Data, EvaluationError};
use crate::intrinsic::Intrinsic;
use crate::jsonata::Expression;
use crate::path::Path;

/// A payload template, compiled.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    Literal(Value),
    Path(Path),
    Intrinsic(Intrinsic),
    Jsonata(Expression),
    Object(Vec<Member>),
    List(Vec<Template>),
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// As the definition has it, `.$` included: causes name it.
    key: String,
    value: Template,
}

/// A mistake in a template.
pub(crate) struct Mistake {
    pub(crate) rule: crate::Rule,
    pub(crate) message: String,
    /// Below the template: `/order/id.$`.
    pub(crate) location: String,
}

impl Template {
    /// A path or an intrinsic function.
    pub(crate) fn reference(text: &str) -> Result<Self, Mistake> {
        let here = |rule, message| Mistake { rule, message, location: String::new() };
        if text.starts_with("States.") {
            return Intrinsic::parse(text).map(Self::Intrinsic).map_err(|m| here(crate::Rule::BadIntrinsic, m));
        }
        let path = Path::parse(text);
        path.map(Self::Path).map_err(|m| here(crate::Rule::BadPath, format!("'{text}' is not a valid JSONPath: {m}")))
    }

    /// A JSONPath template: members whose name ends in `.$` are references.
    pub(crate) fn json_path(value: &Value, mistakes: &mut Vec<Mistake>) -> Self {
        let mut at = String::new();
        compile(value, &mut at, mistakes, &mut |key, value| {
            let name = key?.strip_suffix(".$")?;
            let reference = value.as_str().map_or_else(
                || Err(crate::Rule::BadPath),
                |text| Self::reference(text).map_err(|mistake| mistake.rule),
            );
            Some(reference.map_err(|rule| Mistake {
                rule,
                message: format!(
                    "The value for the field '{name}.$' must be a valid JSONPath or a valid intrinsic function call"
                ),
                location: String::new(),
            }))
        })
    }

    /// A JSONata template: strings `{% … %}` are expressions.
    pub(crate) fn jsonata(value: &Value, mistakes: &mut Vec<Mistake>) -> Self {
        let mut at = String::new();
        compile(value, &mut at, mistakes, &mut |_, value| {
            let text = Expression::inside(value.as_str()?)?;
            Some(Expression::parse(text).map(Self::Jsonata).map_err(|message| Mistake {
                rule: crate::Rule::BadExpression,
                message,
                location: String::new(),
            }))
        })
    }

    /// The JSONata expression that the whole template is.
    pub(crate) fn expression(&self) -> Option<&str> {
        match self {
            Self::Jsonata(expression) => Some(expression.text()),
            _ => None,
        }
    }

    pub(crate) fn render(&self, data: Data<'_>) -> Result<Value, EvaluationError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Path(path) => path.require(data)?,
            Self::Intrinsic(call) => call.call(data)?,
            Self::Jsonata(expression) => expression.evaluate(data)?,
            Self::List(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, t)| t.render(data).map_err(|e| e.at(&format!("[{i}]"))))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Object(members) => {
                let mut object = Map::new();
                for member in members {
                    let (name, value) = member.render(data).map_err(|e| e.at(&format!("/{}", member.key)))?;
                    object.insert(name, value);
                }
                Value::Object(object)
            }
        })
    }
}

impl Member {
    fn render(&self, data: Data<'_>) -> Result<(String, Value), EvaluationError> {
        let value = match &self.value {
            Template::Path(path) => path.get(data).ok_or_else(|| missing(path, &self.key, data)),
            other => other.render(data),
        }?;
        let name = match &self.value {
            Template::Path(_) | Template::Intrinsic(_) => self.key.strip_suffix(".$").unwrap_or(&self.key),
            _ => &self.key,
        };
        Ok((name.to_owned(), value))
    }
}

/// What a field whose path finds nothing fails with.
pub(crate) fn missing(path: &Path, key: &str, data: Data<'_>) -> EvaluationError {
    EvaluationError::runtime(format!(
        "The JSONPath '{}' specified for the field '{key}' could not be found in the input '{}'",
        path.text(),
        if path.text().starts_with("$$") { data.context } else { data.input },
    ))
}

type Special<'a> = dyn FnMut(Option<&str>, &Value) -> Option<Result<Template, Mistake>> + 'a;

/// Definitions nest no deeper than `serde_json` reads (128), so this recursion is shallow.
fn compile(value: &Value, at: &mut String, mistakes: &mut Vec<Mistake>, special: &mut Special<'_>) -> Template {
    compile_member(None, value, at, mistakes, special)
}

fn compile_member(
    key: Option<&str>,
    value: &Value,
    at: &mut String,
    mistakes: &mut Vec<Mistake>,
    special: &mut Special<'_>,
) -> Template {
    match special(key, value) {
        Some(Ok(template)) => return template,
        Some(Err(mistake)) => {
            mistakes.push(Mistake { location: at.clone(), ..mistake });
            return Template::Literal(Value::Null);
        }
        None => {}
    }
    let length = at.len();
    let template = match value {
        Value::Object(members) => Template::Object(
            members
                .iter()
                .map(|(key, value)| {
                    at.push('/');
                    at.push_str(key);
                    let value = compile_member(Some(key), value, at, mistakes, special);
                    at.truncate(length);
                    Member { key: key.clone(), value }
                })
                .collect(),
        ),
        Value::Array(items) => Template::List(
            items
                .iter()
                .enumerate()
                .map(|(index, value)| {
                    at.push_str(&format!("[{index}]"));
                    let value = compile_member(None, value, at, mistakes, special);
                    at.truncate(length);
                    value
                })
                .collect(),
        ),
        other => Template::Literal(other.clone()),
    };
    at.truncate(length);
    template
}
