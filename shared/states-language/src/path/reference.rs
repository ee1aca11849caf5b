//! Reference paths: they name one place, which may have to be made.

use serde_json::{Map, Value};

use super::{Path, Root, Segment};
use crate::data::EvaluationError;

/// A path that names exactly one place: `ResultPath`.
/// <https://states-language.net/spec.html#ref-paths>
#[derive(Debug, Clone)]
pub(crate) struct ReferencePath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Index(usize),
}

impl ReferencePath {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = Path::parse(text)?;
        if path.root != Root::Input {
            return Err("a reference path starts with '$', not with the context object or a variable".into());
        }
        let steps = path.segments.into_iter().map(|segment| match segment {
            Segment::Name(name) => Some(Step::Name(name)),
            Segment::Index(index) => usize::try_from(index).ok().map(Step::Index),
            _ => None,
        });
        let steps: Option<Vec<_>> = steps.collect();
        let steps = steps.ok_or("a reference path names one place: no '*', '..', ',', ':' or '?'")?;
        Ok(Self { text: text.to_owned(), steps })
    }

    /// `$`.
    pub(crate) fn root() -> Self {
        Self { text: "$".into(), steps: Vec::new() }
    }

    /// Puts `value` into `target`, making the objects on the way.
    pub(crate) fn set(&self, mut target: Value, value: Value) -> Result<Value, EvaluationError> {
        let mut place = &mut target;
        for step in &self.steps {
            place = match step {
                Step::Name(name) => member(place, name),
                Step::Index(index) => place.get_mut(*index),
            }
            .ok_or_else(|| {
                let cause =
                    format!("Unable to apply step \"{step}\" of ReferencePath {} to the state's input", self.text);
                EvaluationError::new("States.ResultPathMatchFailure", cause)
            })?;
        }
        *place = value;
        Ok(target)
    }
}

fn member<'a>(place: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    Some(place.as_object_mut()?.entry(name.to_owned()).or_insert(Value::Null))
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}
