//! JSONPath as the Amazon States Language uses it.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html>

mod parse;
mod reference;
mod select;

use serde_json::Value;
use serde_json_path::JsonPath;

pub(crate) use reference::ReferencePath;

use crate::data::{Data, EvaluationError};

/// A path: `$.order.lines[0]`, `$$.Execution.Id`, `$variable.member`.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    text: String,
    root: Root,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Root {
    Input,
    Context,
    Variable(String),
}

#[derive(Debug, Clone)]
enum Segment {
    Name(String),
    Index(i64),
    Wildcard,
    Names(Vec<String>),
    Indexes(Vec<i64>),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    /// `[?(…)]`, as the whole query `$[?(…)]`.
    Filter(JsonPath),
    /// `..`: the node and everything below it; the next segment selects from each.
    Descendants,
}

impl Path {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse::parse(text)
    }

    /// `$`.
    pub(crate) fn root() -> Self {
        Self { text: "$".into(), root: Root::Input, segments: Vec::new() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it can select no more than one value.
    fn is_definite(&self) -> bool {
        self.segments.iter().all(|s| matches!(s, Segment::Name(_) | Segment::Index(_)))
    }

    /// The value. A path that can select several gives an array, maybe an empty one.
    /// `None`: a definite path that selects nothing.
    pub(crate) fn get(&self, data: Data<'_>) -> Option<Value> {
        let root = match &self.root {
            Root::Input => data.input,
            Root::Context => data.context,
            Root::Variable(name) => data.variables.get(name)?,
        };
        let found = select::select(root, &self.segments);
        if self.is_definite() {
            return found.first().map(|v| (*v).clone());
        }
        Some(Value::Array(found.into_iter().cloned().collect()))
    }

    /// The value, or the error of an `InputPath` and its likes.
    pub(crate) fn require(&self, data: Data<'_>) -> Result<Value, EvaluationError> {
        self.get(data)
            .ok_or_else(|| EvaluationError::runtime(format!("Invalid path '{}' : {}", self.text, self.lacks(data))))
    }

    /// What a definite path does not find: its last step, or one before.
    fn lacks(&self, data: Data<'_>) -> String {
        for steps in 1..self.segments.len() {
            let some = Self { segments: self.segments.iter().take(steps).cloned().collect(), ..self.clone() };
            if some.get(data).is_none() {
                return format!("Missing property in path {}", some.bracketed());
            }
        }
        format!("No results for path: {}", self.bracketed())
    }

    /// `$['order']['lines'][0]`: how AWS names a definite path in its causes.
    fn bracketed(&self) -> String {
        let mut text = match &self.root {
            Root::Input | Root::Context => "$".to_owned(),
            Root::Variable(name) => format!("${name}"),
        };
        for segment in &self.segments {
            match segment {
                Segment::Name(name) => text.push_str(&format!("['{name}']")),
                Segment::Index(index) => text.push_str(&format!("[{index}]")),
                _ => text.push_str("[*]"),
            }
        }
        text
    }
}
