//! `AWS::Serverless::StateMachine`
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html)).

use std::collections::BTreeMap;

use serde::Serialize as _;
use serde_json::{Map, Value, json};

use super::{Made, Source, code, events, get_att, is_intrinsic, role};

const KNOWN: [&str; 14] = [
    "Definition",
    "DefinitionSubstitutions",
    "DefinitionUri",
    "Events",
    "Logging",
    "Name",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "Role",
    "RolePath",
    "Tags",
    "Tracing",
    "Type",
];

/// SAM's, and not the local cloud's.
const REFUSED: [&str; 3] = ["AutoPublishAlias", "DeploymentPreference", "UseAliasAsEventTarget"];

pub(super) fn transform(source: &Source<'_>, made: &mut Made) -> Result<(), String> {
    source.check(&KNOWN, &REFUSED)?;
    let id = source.logical_id;
    let mut properties = Map::new();
    let mut substitutions =
        source.get("DefinitionSubstitutions").and_then(Value::as_object).cloned().unwrap_or_default();
    match (source.get("Definition"), source.get("DefinitionUri")) {
        (Some(_), Some(_)) => {
            return Err(source.error("Specify either 'Definition' or 'DefinitionUri' property and not both."));
        }
        (Some(definition), None) => {
            let mut definition = definition.clone();
            substitute(&mut definition, &mut substitutions);
            properties.insert("DefinitionString".into(), lines(&definition));
        }
        (None, Some(uri)) => match uri.get("Text").filter(|_| source.local) {
            Some(text) => drop(properties.insert("DefinitionString".into(), text.clone())),
            None => {
                let place = code::place(source, "DefinitionUri", ["Bucket", "Key", "Version"])?;
                properties.insert("DefinitionS3Location".into(), place.into());
            }
        },
        (None, None) => return Err(source.error("Either 'Definition' or 'DefinitionUri' property must be specified.")),
    }
    if !substitutions.is_empty() {
        properties.insert("DefinitionSubstitutions".into(), substitutions.into());
    }
    let same = [
        ("Logging", "LoggingConfiguration"),
        ("Name", "StateMachineName"),
        ("Tracing", "TracingConfiguration"),
        ("Type", "StateMachineType"),
    ];
    for (property, name) in same {
        if let Some(value) = source.get(property) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(tags) = source.tags(Some("stateMachine:createdBy")) {
        properties.insert("Tags".into(), tags);
    }
    let role_id = format!("{id}Role");
    match (source.get("Role"), source.get("Policies")) {
        (Some(_), Some(_)) => {
            return Err(
                source.error("Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them")
            );
        }
        (Some(role), None) => drop(properties.insert("RoleArn".into(), role.clone())),
        (None, _) => {
            properties.insert("RoleArn".into(), get_att(&role_id, "Arn"));
            made.insert(role_id, role::of_state_machine(source)?);
        }
    }
    made.insert(id.to_owned(), source.main("AWS::StepFunctions::StateMachine", properties));
    events::of_state_machine(source, made)
}

/// Puts a name in place of each function of CloudFormation.
fn substitute(value: &mut Value, substitutions: &mut Map<String, Value>) {
    if is_intrinsic(value) {
        let number = substitutions.keys().filter(|name| name.starts_with(PREFIX)).count() + 1;
        let name = format!("{PREFIX}{number}");
        let function = std::mem::replace(value, json!(format!("${{{name}}}")));
        substitutions.insert(name, function);
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| substitute(item, substitutions)),
        Value::Object(members) => members.values_mut().for_each(|member| substitute(member, substitutions)),
        _ => {}
    }
}

const PREFIX: &str = "definition_substitution_";

/// The definition as SAM writes it: keys in order, a line at a time.
fn lines(definition: &Value) -> Value {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    let written = sorted(definition).serialize(&mut serializer);
    let text = String::from_utf8(text).unwrap_or_default();
    let lines: Vec<String> = text.lines().map(ascii).collect();
    match written {
        Ok(()) => json!({ "Fn::Join": ["\n", lines] }),
        Err(_) => definition.to_string().into(),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let ordered: BTreeMap<&String, Value> = members.iter().map(|(name, value)| (name, sorted(value))).collect();
            ordered.into_iter().map(|(name, value)| (name.clone(), value)).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Other characters are escaped.
fn ascii(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for character in line.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let mut units = [0; 2];
            character.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}
