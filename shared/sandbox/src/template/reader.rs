//! Reads a map of resolved properties, and reports what is missing, wrong, or not understood.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::error::{ErrorKind, Errors};
use super::node::{Entries, Kind, Node, Place};

/// What an error message is about: `Orders (AWS::SQS::Queue)`.
#[derive(Debug, Clone)]
pub(super) struct Subject(String);

impl Subject {
    pub(super) fn resource(logical_id: &str, resource_type: &str) -> Self {
        Self(format!("{logical_id} ({resource_type})"))
    }

    pub(super) fn named(kind: &str, name: &str) -> Self {
        Self(format!("{kind} {name}"))
    }
}

/// Reads one map. Every key must be read, or named as one without effect, before [`Reader::finish`].
pub(super) struct Reader<'a> {
    errors: &'a Errors,
    subject: Subject,
    within: String,
    place: Place,
    entries: &'a Entries,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    /// A reader of `node`; an error is reported when it is not a map.
    pub(super) fn new(errors: &'a Errors, subject: Subject, node: &'a Node) -> Option<Self> {
        Self::within(errors, subject, String::new(), node)
    }

    fn within(errors: &'a Errors, subject: Subject, within: String, node: &'a Node) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            if !node.is_invalid() {
                let what = if within.is_empty() { "it" } else { within.trim_end_matches('.') };
                let message = format!("{}: {what} must be a map, not {}", subject.0, node.describe());
                errors.report(ErrorKind::Shape, node.place, message);
            }
            return None;
        };
        Some(Self { errors, subject, within, place: node.place, entries, read: RefCell::default() })
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn place_of(&self, key: &str) -> Place {
        self.entries.get(key).map_or(self.place, |entry| entry.node.place)
    }

    /// Reports a mistake about this map.
    pub(super) fn report(&self, kind: ErrorKind, place: Place, message: &str) {
        self.errors.report(kind, place, format!("{}: {message}", self.subject.0));
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The property as it is.
    pub(super) fn node(&self, key: &str) -> Option<&'a Node> {
        self.read.borrow_mut().insert(key.to_owned());
        self.entries.get(key).map(|entry| &entry.node).filter(|node| !node.is_invalid())
    }

    pub(super) fn json(&self, key: &str) -> Option<Value> {
        self.node(key).map(Node::to_json)
    }

    /// Reads with `convert`; reports what was expected when it cannot.
    fn convert<T>(&self, key: &str, expected: &str, convert: impl FnOnce(&'a Node) -> Option<T>) -> Option<T> {
        let node = self.node(key)?;
        let value = convert(node);
        if value.is_none() {
            let message = format!("{}{key} must be {expected}, not {}", self.within, node.describe());
            self.report(ErrorKind::Shape, node.place, &message);
        }
        value
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.convert(key, "text", Node::as_text)
    }

    pub(super) fn required_text(&self, key: &str) -> Option<String> {
        self.require(key);
        self.text(key)
    }

    /// Reports it when the property is missing.
    pub(super) fn require(&self, key: &str) {
        if !self.has(key) {
            self.report(ErrorKind::Shape, self.place, &format!("{}{key} is required", self.within));
        }
    }

    /// A text that must be one of `allowed`; the others are named as unsupported.
    pub(super) fn one_of(&self, key: &str, allowed: &[&'static str]) -> Option<&'static str> {
        let text = self.text(key)?;
        let found = allowed.iter().copied().find(|allowed| *allowed == text);
        if found.is_none() {
            let message = format!("{}{key} {text} is not supported; it can be {}", self.within, allowed.join(", "));
            self.report(ErrorKind::UnsupportedProperty, self.place_of(key), &message);
        }
        found
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.convert(key, "a whole number", |node| node.as_text()?.parse().ok())
    }

    pub(super) fn number(&self, key: &str) -> Option<u32> {
        self.convert(key, "a whole number of zero or more", |node| node.as_text()?.parse().ok())
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        self.convert(key, "true or false", |node| node.as_text()?.parse().ok())
    }

    pub(super) fn items(&self, key: &str) -> Option<&'a [Node]> {
        self.convert(key, "a list", Node::as_list)
    }

    pub(super) fn map(&self, key: &str) -> Option<&'a Entries> {
        self.convert(key, "a map", Node::as_map)
    }

    pub(super) fn texts(&self, key: &str) -> Option<Vec<String>> {
        let items = self.items(key)?.iter().filter(|item| !item.is_invalid());
        items.map(|item| self.item_text(key, item)).collect()
    }

    fn item_text(&self, key: &str, item: &Node) -> Option<String> {
        let text = item.as_text();
        if text.is_none() {
            let message = format!("{}{key} must be a list of texts, not of {}", self.within, item.describe());
            self.report(ErrorKind::Shape, item.place, &message);
        }
        text
    }

    /// A reader of a property that is a map itself.
    pub(super) fn nested(&self, key: &str) -> Option<Self> {
        let node = self.node(key)?;
        Self::within(self.errors, self.subject.clone(), format!("{}{key}.", self.within), node)
    }

    /// A reader for each item of a list of maps.
    pub(super) fn nested_items(&self, key: &str) -> Vec<Self> {
        let items = self.items(key).unwrap_or_default();
        let reader =
            |(at, node)| Self::within(self.errors, self.subject.clone(), format!("{}{key}[{at}].", self.within), node);
        items.iter().enumerate().filter_map(reader).collect()
    }

    /// A reader for each entry of a map of maps, with its key.
    pub(super) fn nested_entries(&self, key: &str) -> Vec<(&'a str, Self)> {
        let Some(entries) = self.map(key) else { return Vec::new() };
        let reader = |(name, entry): (&'a String, &'a super::node::Entry)| {
            let within = format!("{}{key}.{name}.", self.within);
            Some((name.as_str(), Self::within(self.errors, self.subject.clone(), within, &entry.node)?))
        };
        entries.iter().filter_map(reader).collect()
    }

    /// Properties that are understood and make no difference in the local cloud.
    pub(super) fn no_effect(&self, keys: &[&str]) {
        self.read.borrow_mut().extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// Reports every property that nobody read.
    pub(super) fn finish(self) {
        let read = self.read.borrow();
        for (key, entry) in self.entries.iter().filter(|(key, _)| !read.contains(*key)) {
            let message = format!("{}: {}{key} is not supported by the local cloud", self.subject.0, self.within);
            self.errors.report(ErrorKind::UnsupportedProperty, entry.key, message);
        }
    }
}
