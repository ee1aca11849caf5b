//! `AWS::StepFunctions::StateMachine`.

use serde_json::{Map, Value, json};

use super::properties::{as_text, differ, tag_changes, tags, text};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

/// The definition, wherever it is, with its substitutions made
/// ([substitutions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html)).
fn definition(at: &At<'_>, properties: &Value) -> Result<String, Refused> {
    let text = if let Some(definition) = properties.get("Definition") {
        definition.to_string()
    } else if let Some(text) = text(properties, "DefinitionString") {
        text
    } else if let Some(place) = properties.get("DefinitionS3Location") {
        let member = |name: &str| text(place, name).unwrap_or_default();
        let version = text(place, "Version");
        let object = at.cloud.s3().object(&member("Bucket"), &member("Key"), version.as_deref());
        let bytes = object.map_err(|source| Refused { operation: "GetObject".into(), source })?;
        json_of(&String::from_utf8_lossy(&bytes))
    } else {
        let message = "Model validation failed (#: required key [DefinitionString] not found)";
        return Err(Refused::new("CreateStateMachine", "InvalidRequest", message.into()));
    };
    let mut out = text;
    for (name, value) in properties.get("DefinitionSubstitutions").and_then(Value::as_object).into_iter().flatten() {
        out = out.replace(&format!("${{{name}}}"), &as_text(value).unwrap_or_else(|| value.to_string()));
    }
    Ok(out)
}

/// A definition in a bucket may be YAML.
fn json_of(text: &str) -> String {
    if serde_json::from_str::<Value>(text).is_ok() {
        return text.to_owned();
    }
    crate::template::stack::parse(text).map_or_else(|_| text.to_owned(), |value| value.to_string())
}

fn settings(at: &At<'_>, properties: &Value) -> Result<Map<String, Value>, Refused> {
    let mut input = Map::from_iter([
        ("definition".to_owned(), Value::from(definition(at, properties)?)),
        ("roleArn".to_owned(), text(properties, "RoleArn").unwrap_or_default().into()),
    ]);
    if let Some(logging) = properties.get("LoggingConfiguration") {
        input.insert("loggingConfiguration".into(), lower(logging));
    }
    if let Some(tracing) = properties.get("TracingConfiguration") {
        input.insert("tracingConfiguration".into(), lower(tracing));
    }
    if let Some(encryption) = properties.get("EncryptionConfiguration") {
        input.insert("encryptionConfiguration".into(), lower(encryption));
    }
    Ok(input)
}

/// CloudFormation's names begin with a capital letter, the service's do not.
fn lower(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let name = |name: &str| {
                let first = name.get(..1).unwrap_or_default().to_lowercase();
                format!("{first}{}", name.get(1..).unwrap_or_default())
            };
            members.iter().map(|(key, value)| (name(key), lower(value))).collect()
        }
        Value::Array(items) => items.iter().map(lower).collect(),
        other => super::properties::typed(other),
    }
}

fn listed(tags: impl IntoIterator<Item = (String, String)>) -> Vec<Value> {
    tags.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

pub(super) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let arn = at.cloud.arn("states", &format!("stateMachine:{name}"));
    // CreateStateMachine takes one with the same definition for the same one.
    if at.call(Service::StepFunctions, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await.is_ok() {
        return Err(Refused::exists("CreateStateMachine", kind.of, &arn));
    }
    let mut input = settings(at, properties)?;
    input.insert("name".into(), name.as_str().into());
    input.insert("type".into(), text(properties, "StateMachineType").unwrap_or_else(|| "STANDARD".into()).into());
    let tags = listed(tags(properties));
    if !tags.is_empty() {
        input.insert("tags".into(), tags.into());
    }
    at.call(Service::StepFunctions, "CreateStateMachine", input.into()).await?;
    Ok(Made::new(arn.clone()).with("Arn", arn).with("Name", name))
}

pub(super) async fn update(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let names = [
        "Definition",
        "DefinitionS3Location",
        "DefinitionString",
        "DefinitionSubstitutions",
        "EncryptionConfiguration",
        "LoggingConfiguration",
        "RoleArn",
        "TracingConfiguration",
    ];
    if differ(old, new, &names) {
        let mut input = settings(at, new)?;
        input.insert("stateMachineArn".into(), made.id.as_str().into());
        at.call(Service::StepFunctions, "UpdateStateMachine", input.into()).await?;
    }
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        let input = json!({ "resourceArn": made.id, "tags": listed(set) });
        at.call(Service::StepFunctions, "TagResource", input).await?;
    }
    if !gone.is_empty() {
        let input = json!({ "resourceArn": made.id, "tagKeys": gone });
        at.call(Service::StepFunctions, "UntagResource", input).await?;
    }
    Ok(made.clone())
}
