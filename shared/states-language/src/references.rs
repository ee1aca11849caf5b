//! Which workflow variables each state reads.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// By state, the names of the variables that its paths and expressions read.
pub(crate) type References = BTreeMap<String, BTreeSet<String>>;

/// The references of a definition that was parsed. Definitions nest no deeper than `serde_json` reads, so the recursion
/// is shallow.
pub(crate) fn of(definition: &Value) -> References {
    let mut found = References::new();
    states(definition, &mut found);
    found
}

fn states(flow: &Value, found: &mut References) {
    for (name, state) in flow.get("States").and_then(Value::as_object).into_iter().flatten() {
        let mut names = BTreeSet::new();
        for (field, value) in state.as_object().into_iter().flatten() {
            match field.as_str() {
                "Branches" => value.as_array().into_iter().flatten().for_each(|branch| states(branch, found)),
                "ItemProcessor" | "Iterator" => states(value, found),
                "Comment" | "Result" | "ResultPath" => {}
                _ => read(field, value, &mut names),
            }
        }
        if !names.is_empty() {
            found.entry(name.clone()).or_default().append(&mut names);
        }
    }
}

fn read(field: &str, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Some(expression) = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
                expression_names(expression, names);
            } else if field.ends_with(".$") || field.ends_with("Path") || field == "Variable" {
                scan(text, |name, _, _| names.extend((!name.is_empty()).then(|| name.to_owned())));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| read(field, item, names)),
        Value::Object(members) => object(members, names),
        _ => {}
    }
}

fn object(members: &Map<String, Value>, names: &mut BTreeSet<String>) {
    members.iter().for_each(|(field, value)| read(field, value, names));
}

/// The variables of a JSONata expression: not `$states`, what it calls, or what it binds itself.
fn expression_names(text: &str, names: &mut BTreeSet<String>) {
    let (mut bound, mut seen) = (BTreeSet::new(), BTreeSet::new());
    scan(text, |name, before, after| {
        let after = after.trim_start();
        if after.starts_with(":=") || is_parameter(before) {
            bound.insert(name.to_owned());
        } else if !name.is_empty() && name != "states" && !after.starts_with('(') {
            seen.insert(name.to_owned());
        }
    });
    names.extend(seen.into_iter().filter(|name| !bound.contains(name)));
}

/// Whether what stands before a name is the open parameter list of a function.
fn is_parameter(before: &str) -> bool {
    let Some((head, list)) = before.rsplit_once('(') else { return false };
    let head = head.trim_end();
    (head.ends_with("function") || head.ends_with('λ')) && !list.contains(')')
}

/// Calls `each` with every `$name` outside of quotes, the text before it, and the text after it.
fn scan(text: &str, mut each: impl FnMut(&str, &str, &str)) {
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '$') if last != '$' && last != '.' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (name, after) = (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default());
                each(name, text.get(..at).unwrap_or_default(), after);
            }
            _ => {}
        }
        last = c;
    }
}
