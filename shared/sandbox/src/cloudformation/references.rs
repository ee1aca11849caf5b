//! Which names a value refers to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::template::stack::Evaluator;

/// A name in a value, and the attribute that is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) attribute: Option<String>,
}

/// What a value refers to. Of `Fn::If`, only the branch that is taken counts; without an evaluator, both do.
pub(super) fn of(value: &Value, evaluator: Option<&Evaluator>) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    walk(value, evaluator, &mut found);
    found
}

fn walk(value: &Value, evaluator: Option<&Evaluator>, found: &mut BTreeSet<Reference>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, evaluator, found)),
        Value::Object(members) => {
            if let Some((function, argument)) = members.iter().next().filter(|_| members.len() == 1)
                && special(function, argument, evaluator, found)
            {
                return;
            }
            members.values().for_each(|member| walk(member, evaluator, found));
        }
        _ => {}
    }
}

/// Reads a function that names something; false when it is none.
fn special(function: &str, argument: &Value, evaluator: Option<&Evaluator>, found: &mut BTreeSet<Reference>) -> bool {
    match function {
        "Ref" => {
            if let Some(name) = argument.as_str() {
                found.insert(Reference { name: name.to_owned(), attribute: None });
            }
            true
        }
        "Fn::GetAtt" => {
            let parts = match argument {
                Value::Array(parts) => parts.first().and_then(Value::as_str).zip(parts.get(1).and_then(Value::as_str)),
                other => other.as_str().and_then(|text| text.split_once('.')),
            };
            if let Some((name, attribute)) = parts {
                found.insert(Reference { name: name.to_owned(), attribute: Some(attribute.to_owned()) });
            }
            true
        }
        "Fn::Sub" => {
            let (text, own) = match argument {
                Value::Array(parts) => (parts.first().and_then(Value::as_str), parts.get(1)),
                other => (other.as_str(), None),
            };
            substituted(text.unwrap_or_default(), own, found);
            if let Some(own) = own {
                walk(own, evaluator, found);
            }
            true
        }
        "Fn::If" => {
            let Some([condition, yes, no]) = argument.as_array().map(Vec::as_slice) else { return false };
            match evaluator.and_then(|evaluator| evaluator.holds(condition.as_str()?).ok()) {
                Some(true) => walk(yes, evaluator, found),
                Some(false) => walk(no, evaluator, found),
                None => [yes, no].into_iter().for_each(|branch| walk(branch, evaluator, found)),
            }
            true
        }
        _ => false,
    }
}

fn substituted(text: &str, own: Option<&Value>, found: &mut BTreeSet<Reference>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { return };
        rest = after;
        let name = name.trim();
        if name.starts_with('!') || own.is_some_and(|own| own.get(name).is_some()) {
            continue;
        }
        let (name, attribute) = match name.split_once('.') {
            Some((name, attribute)) => (name, Some(attribute.to_owned())),
            None => (name, None),
        };
        found.insert(Reference { name: name.to_owned(), attribute });
    }
}

/// The names of exports that a document imports, each worked out by `resolve`.
pub(super) fn imports(value: &Value, resolve: &impl Fn(&Value) -> Option<String>, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| imports(item, resolve, found)),
        Value::Object(members) => {
            if let Some(argument) = members.get("Fn::ImportValue")
                && let Some(name) = resolve(argument)
            {
                found.insert(name);
            }
            members.values().for_each(|member| imports(member, resolve, found));
        }
        _ => {}
    }
}
