//! A template's values, each with the place where it is written.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

/// A place in a file. Lines and columns count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Entries),
    /// `AWS::NoValue`: the property that has it is left out.
    Absent,
    /// An error about it is already reported.
    Invalid,
}

/// A map's entries, in the order they are written.
pub(super) type Entries = IndexMap<String, Entry>;

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Where its key is written.
    pub(super) key: Place,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn new(place: Place, kind: Kind) -> Self {
        Self { place, kind }
    }

    pub(super) fn text(place: Place, text: impl Into<String>) -> Self {
        Self::new(place, Kind::Text(text.into()))
    }

    pub(super) fn invalid(place: Place) -> Self {
        Self::new(place, Kind::Invalid)
    }

    pub(super) fn is_invalid(&self) -> bool {
        self.kind == Kind::Invalid
    }

    pub(super) fn as_map(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// Its text, where it is a scalar: CloudFormation takes numbers and booleans for strings.
    pub(super) fn as_text(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Number(value) => Some(value.to_string()),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map().and_then(|entries| entries.get(key)).map(|entry| &entry.node)
    }

    /// `("Ref", argument)`, if it is a map with that one key and the key names an intrinsic function.
    pub(super) fn as_intrinsic(&self) -> Option<(&str, &Node)> {
        let entries = self.as_map().filter(|entries| entries.len() == 1)?;
        let (key, entry) = entries.first()?;
        (key == "Ref" || key == "Condition" || key.starts_with("Fn::")).then_some((key.as_str(), &entry.node))
    }

    /// What it is, for a message.
    pub(super) fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Absent => "AWS::NoValue",
            Kind::Invalid => "an invalid value",
        }
    }

    /// Plain JSON.
    pub(super) fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null | Kind::Absent | Kind::Invalid => Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(text) => text.as_str().into(),
            Kind::List(items) => items.iter().map(Node::to_json).collect(),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}
