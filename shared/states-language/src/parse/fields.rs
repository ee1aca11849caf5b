//! Reading an object's fields, each at most once, and reporting those that nobody read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::report::Report;
use crate::diagnostic::Rule;
use crate::path::{Path, ReferencePath};
use crate::template::{Mistake, Template};

pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    at: String,
    read: BTreeSet<String>,
    pub(super) report: &'a Report,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, which stands at `at`; reports it if it is not an object.
    pub(super) fn of(value: &'a Value, at: &str, report: &'a Report) -> Option<Self> {
        let Some(object) = value.as_object() else {
            let at = if at.is_empty() { "/" } else { at };
            report.error(Rule::WrongType, at, "an object is expected");
            return None;
        };
        Some(Self { object, at: at.to_owned(), read: BTreeSet::new(), report })
    }

    /// Where the field `name` stands.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    /// Where the object stands.
    pub(super) fn here(&self) -> &str {
        if self.at.is_empty() { "/" } else { &self.at }
    }

    pub(super) fn error(&self, rule: Rule, name: &str, message: impl Into<String>) {
        self.report.error(rule, &self.place(name), message);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    pub(super) fn value(&mut self, name: &str) -> Option<&'a Value> {
        self.read.insert(name.to_owned());
        self.object.get(name)
    }

    fn typed<T>(&mut self, name: &str, what: &str, get: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let found = get(self.value(name)?);
        if found.is_none() {
            self.error(Rule::WrongType, name, format!("'{name}' must be {what}"));
        }
        found
    }

    pub(super) fn string(&mut self, name: &str) -> Option<String> {
        self.typed(name, "a string", |v| v.as_str().map(str::to_owned))
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    pub(super) fn array(&mut self, name: &str) -> Option<&'a [Value]> {
        self.typed(name, "an array", |v| v.as_array().map(Vec::as_slice))
    }

    pub(super) fn number(&mut self, name: &str, least: f64) -> Option<f64> {
        let found = self.typed(name, "a number", Value::as_f64)?;
        if found < least {
            self.error(Rule::WrongValue, name, format!("'{name}' must be at least {least}"));
        }
        Some(found)
    }

    pub(super) fn integer(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let found = self.typed(name, "an integer that is not negative", Value::as_u64)?;
        if found < least || found > most {
            self.error(Rule::WrongValue, name, format!("'{name}' must be between {least} and {most}"));
        }
        Some(found)
    }

    /// Reports a required field that is not there.
    pub(super) fn require(&mut self, name: &str) {
        self.require_all(&[name]);
    }

    /// Reports the required fields that are not there, all at once.
    pub(super) fn require_all(&mut self, names: &[&str]) {
        let missing: Vec<&str> = names.iter().copied().filter(|name| !self.has(name)).collect();
        if !missing.is_empty() {
            let message = format!("These fields are required: [{}]", missing.join(", "));
            self.report.error(Rule::MissingField, self.here(), message);
        }
    }

    /// `InputPath` and `OutputPath`: a path, or `null`.
    pub(super) fn path_or_null(&mut self, name: &str) -> Option<Path> {
        match self.value(name) {
            None => Some(Path::root()),
            Some(Value::Null) => None,
            Some(_) => self.path(name),
        }
    }

    pub(super) fn path(&mut self, name: &str) -> Option<Path> {
        let text = self.string(name)?;
        match Path::parse(&text) {
            Ok(path) => Some(path),
            Err(message) => {
                self.error(Rule::BadPath, name, format!("'{text}' is not a valid JSONPath: {message}"));
                None
            }
        }
    }

    /// `ResultPath`: a reference path, or `null`.
    pub(super) fn result_path(&mut self) -> Option<ReferencePath> {
        match self.value("ResultPath") {
            None => return Some(ReferencePath::root()),
            Some(Value::Null) => return None,
            Some(_) => {}
        }
        let text = self.string("ResultPath")?;
        match ReferencePath::parse(&text) {
            Ok(path) => Some(path),
            Err(message) => {
                self.error(Rule::BadPath, "ResultPath", format!("'{text}' is not a Reference Path: {message}"));
                None
            }
        }
    }

    /// A path or an intrinsic function.
    pub(super) fn reference(&mut self, name: &str) -> Option<Template> {
        let text = self.string(name)?;
        Template::reference(&text).map_err(|mistake| self.mistakes(name, vec![mistake])).ok()
    }

    pub(super) fn json_path(&mut self, name: &str) -> Option<Template> {
        let mut mistakes = Vec::new();
        let template = Template::json_path(self.value(name)?, &mut mistakes);
        // AWS names the field alone.
        mistakes.iter_mut().for_each(|mistake| mistake.location.clear());
        self.mistakes(name, mistakes);
        Some(template)
    }

    pub(super) fn jsonata(&mut self, name: &str) -> Option<Template> {
        let mut mistakes = Vec::new();
        let template = Template::jsonata(self.value(name)?, &mut mistakes);
        self.mistakes(name, mistakes);
        Some(template)
    }

    fn mistakes(&self, name: &str, mistakes: Vec<Mistake>) {
        for mistake in mistakes {
            self.report.error(mistake.rule, &format!("{}{}", self.place(name), mistake.location), mistake.message);
        }
    }

    /// Of fields that exclude each other, reports all but the first that is there.
    pub(super) fn exclusive(&self, names: &[&str]) {
        let mut found = names.iter().filter(|name| self.has(name));
        if let Some(first) = found.next() {
            for other in found {
                self.error(Rule::ExclusiveFields, other, format!("'{other}' and '{first}' exclude each other"));
            }
        }
    }

    /// Reports a field that AWS has and this crate does not run.
    pub(super) fn unsupported(&mut self, names: &[&str]) {
        for name in names {
            if self.value(name).is_some() {
                self.error(Rule::Unsupported, name, format!("'{name}' is not supported by this interpreter"));
            }
        }
    }

    /// Reports the fields that nobody read.
    pub(super) fn finish(self) {
        for name in self.object.keys().filter(|name| !self.read.contains(*name)) {
            self.error(Rule::UnknownField, name, format!("Field '{name}' is not supported"));
        }
    }
}
