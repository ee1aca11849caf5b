//! A state machine's definition: from its file or the template, with `${Name}` substituted
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html#sam-statemachine-definitionsubstitutions)).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::error::{ErrorKind, TemplateError};
use super::reader::Reader;
use super::yaml;

/// The definition as JSON text. Mistakes are reported.
pub(super) fn read(reader: &Reader<'_>, folder: &Path) -> Option<String> {
    let substitutions = substitutions(reader)?;
    let (key, text) = text(reader, folder)?;
    let text = match substitute(&text, &substitutions) {
        Ok(text) => text,
        Err(name) => {
            let message = format!("the definition uses ${{{name}}}, which DefinitionSubstitutions does not have");
            reader.report(ErrorKind::UnknownReference, reader.place_of(key), &message);
            return None;
        }
    };
    if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        return Some(text);
    }
    let path: Arc<Path> = Path::new(key).into();
    match yaml::parse(&path, &text) {
        Ok(node) => Some(node.to_json().to_string()),
        Err(error) => {
            report_unreadable(reader, key, &error);
            None
        }
    }
}

fn report_unreadable(reader: &Reader<'_>, key: &str, error: &TemplateError) {
    let message = format!(
        "the definition is not JSON or YAML: line {}, column {}: {}",
        error.line(),
        error.column(),
        error.message()
    );
    reader.report(ErrorKind::Syntax, reader.place_of(key), &message);
}

fn substitutions(reader: &Reader<'_>) -> Option<BTreeMap<String, String>> {
    let entries = reader.map("DefinitionSubstitutions").into_iter().flatten();
    let mut substitutions = BTreeMap::new();
    for (name, entry) in entries {
        match entry.node.as_text() {
            Some(value) => {
                substitutions.insert(name.clone(), value);
            }
            None if entry.node.is_invalid() => return None,
            None => {
                let message = format!("DefinitionSubstitutions.{name} must be text, not {}", entry.node.describe());
                reader.report(ErrorKind::Shape, entry.node.place, &message);
                return None;
            }
        }
    }
    Some(substitutions)
}

fn text(reader: &Reader<'_>, folder: &Path) -> Option<(&'static str, String)> {
    if let Some(definition) = reader.json("Definition") {
        return Some(("Definition", definition.to_string()));
    }
    if let Some(text) = reader.text("DefinitionString") {
        return Some(("DefinitionString", text));
    }
    let Some(uri) = reader.text("DefinitionUri") else {
        if !reader.has("DefinitionUri") {
            reader.report(ErrorKind::Shape, reader.place(), "a definition is required");
        }
        return None;
    };
    let file = folder.join(&uri);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(("DefinitionUri", text)),
        Err(error) => {
            let message = format!("{} cannot be read: {error}", file.display());
            reader.report(ErrorKind::Unreadable, reader.place_of("DefinitionUri"), &message);
            None
        }
    }
}

/// Puts a value in place of each `${Name}`. `Err` is a name without a value.
fn substitute(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                out.push_str(values.get(name).ok_or(name)?);
                rest = after;
            }
            None => {
                out.push_str("${");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}
