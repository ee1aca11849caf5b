//! A template's parameters: declared types and limits, and the values they get.

use std::collections::BTreeMap;

use regex::Regex;

use super::error::{ErrorKind, Errors};
use super::node::{Entries, Kind, Node, Place};
use super::reader::{Reader, Subject};

/// The value of every parameter: given, or its default.
pub(super) fn values(
    declared: Option<&Node>,
    given: &BTreeMap<String, String>,
    errors: &Errors,
) -> BTreeMap<String, Node> {
    let empty = Entries::new();
    let declared = declared.and_then(Node::as_map).unwrap_or(&empty);
    for name in given.keys().filter(|name| !declared.contains_key(*name)) {
        let known = declared.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let message = format!("there is no parameter {name}");
        let help = format!("the template's parameters are: {known}");
        errors.report_with_help(ErrorKind::Parameter, Place { line: 1, column: 1 }, message, help);
    }
    let value = |(name, entry): (&String, &super::node::Entry)| {
        let declaration = Declaration::read(name, &entry.node, errors);
        let node = declaration.map_or_else(|| Node::invalid(entry.key), |d| d.value(name, given.get(name), errors));
        (name.clone(), node)
    };
    declared.iter().map(value).collect()
}

struct Declaration {
    place: Place,
    kind: Type,
    default: Option<String>,
    allowed: Vec<String>,
    pattern: Option<String>,
    length: (Option<i64>, Option<i64>),
    range: (Option<i64>, Option<i64>),
}

#[derive(Clone, Copy, PartialEq)]
enum Type {
    Text,
    Number,
    Texts,
    Numbers,
}

impl Declaration {
    fn read(name: &str, node: &Node, errors: &Errors) -> Option<Self> {
        let reader = Reader::new(errors, Subject::named("parameter", name), node)?;
        let given = reader.required_text("Type")?;
        let kind = match given.as_str() {
            "String" => Type::Text,
            "Number" => Type::Number,
            "CommaDelimitedList" => Type::Texts,
            "List<Number>" => Type::Numbers,
            _ => {
                let message = format!("parameter {name}: the type {given} is not supported by the local cloud");
                let help = "it knows String, Number, List<Number> and CommaDelimitedList";
                errors.report_with_help(ErrorKind::UnsupportedProperty, reader.place_of("Type"), message, help);
                return None;
            }
        };
        reader.no_effect(&["Description", "NoEcho", "ConstraintDescription"]);
        let declaration = Self {
            place: node.place,
            kind,
            default: reader.text("Default"),
            allowed: reader.texts("AllowedValues").unwrap_or_default(),
            pattern: reader.text("AllowedPattern"),
            length: (reader.integer("MinLength"), reader.integer("MaxLength")),
            range: (reader.integer("MinValue"), reader.integer("MaxValue")),
        };
        reader.finish();
        Some(declaration)
    }

    fn value(&self, name: &str, given: Option<&String>, errors: &Errors) -> Node {
        let Some(text) = given.or(self.default.as_ref()) else {
            let message = format!("parameter {name} has no default and was not given");
            let help = format!("give it a value: {name}=…");
            errors.report_with_help(ErrorKind::Parameter, self.place, message, help);
            return Node::invalid(self.place);
        };
        let items: Vec<&str> = match self.kind {
            Type::Text | Type::Number => vec![text],
            Type::Texts | Type::Numbers => text.split(',').map(str::trim).collect(),
        };
        if let Some(refusal) = items.iter().find_map(|item| self.refuse(item)) {
            let message = format!("parameter {name} cannot be {text:?}: {refusal}");
            errors.report(ErrorKind::Parameter, self.place, message);
            return Node::invalid(self.place);
        }
        match self.kind {
            Type::Text | Type::Number => Node::text(self.place, text),
            _ => Node::new(self.place, Kind::List(items.iter().map(|item| Node::text(self.place, *item)).collect())),
        }
    }

    fn refuse(&self, value: &str) -> Option<String> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == value) {
            return Some(format!("it must be one of {}", self.allowed.join(", ")));
        }
        if matches!(self.kind, Type::Number | Type::Numbers) {
            let Ok(number) = value.parse::<f64>() else { return Some("it must be a number".into()) };
            #[expect(clippy::cast_precision_loss, reason = "limits of parameters are small numbers")]
            let (low, high) = (self.range.0.map(|n| n as f64), self.range.1.map(|n| n as f64));
            if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
                return Some("it is out of range".into());
            }
        }
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        if self.length.0.is_some_and(|low| length < low) || self.length.1.is_some_and(|high| length > high) {
            return Some("it is too short or too long".into());
        }
        let pattern = self.pattern.as_ref()?;
        match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) if regex.is_match(value) => None,
            Ok(_) => Some(format!("it must match {pattern}")),
            Err(_) => Some(format!("its pattern {pattern} is not a regular expression that the local cloud reads")),
        }
    }
}
