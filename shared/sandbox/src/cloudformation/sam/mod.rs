//! The transform `AWS::Serverless-2016-10-31`: SAM's resources become CloudFormation's
//! ([generated resources](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html)).

mod code;
mod destinations;
mod events;
mod function;
mod globals;
mod policies;
mod role;
mod state_machine;
mod table;
mod templates;

use serde_json::{Map, Value, json};

/// The transform's name.
pub(super) const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// Resources that were made, by logical id.
type Made = Map<String, Value>;

/// A SAM resource on its way.
struct Source<'a> {
    logical_id: &'a str,
    /// Its properties, with the globals merged in.
    properties: &'a Map<String, Value>,
    resource: &'a Value,
    /// Functions' code may be a folder, and definitions text.
    local: bool,
}

impl Source<'_> {
    fn error(&self, message: impl std::fmt::Display) -> String {
        format!("Resource with id [{}] is invalid. {message}", self.logical_id)
    }

    fn get(&self, property: &str) -> Option<&Value> {
        self.properties.get(property)
    }

    /// A resource that SAM adds to this one: it comes and goes with it.
    fn companion(&self, kind: &str, properties: Value) -> Value {
        let mut made = json!({ "Type": kind });
        for attribute in ["Condition", "DeletionPolicy", "UpdateReplacePolicy"] {
            if let Some(value) = self.resource.get(attribute) {
                crate::wire::set_member(&mut made, attribute, value.clone());
            }
        }
        crate::wire::set_member(&mut made, "Properties", properties);
        made
    }

    /// What this resource becomes: the companion with its own dependencies and metadata.
    fn main(&self, kind: &str, properties: Map<String, Value>) -> Value {
        let mut made = self.companion(kind, properties.into());
        for attribute in ["DependsOn", "Metadata"] {
            if let Some(value) = self.resource.get(attribute) {
                crate::wire::set_member(&mut made, attribute, value.clone());
            }
        }
        made
    }

    /// Every property must be one of `known`; one of `refused` is SAM's, but not the local cloud's.
    fn check(&self, known: &[&str], refused: &[&str]) -> Result<(), String> {
        for name in self.properties.keys() {
            if refused.contains(&name.as_str()) {
                return Err(self.error(format!("property {name} is not supported by the local cloud")));
            }
            if !known.contains(&name.as_str()) {
                let kind = self.resource.get("Type").and_then(Value::as_str).unwrap_or_default();
                return Err(self.error(format!("property {name} not defined for resource of type {kind}")));
            }
        }
        Ok(())
    }

    /// `Tags` as CloudFormation has them, after the one that says who made the resource.
    fn tags(&self, first: Option<&str>) -> Option<Value> {
        let mut tags: Vec<Value> = first.into_iter().map(|key| json!({ "Key": key, "Value": "SAM" })).collect();
        let own = self.get("Tags").and_then(Value::as_object).into_iter().flatten();
        tags.extend(own.map(|(key, value)| json!({ "Key": key, "Value": value })));
        (!tags.is_empty()).then(|| tags.into())
    }
}

fn get_att(resource: &str, attribute: &str) -> Value {
    json!({ "Fn::GetAtt": [resource, attribute] })
}

/// A function of CloudFormation.
fn is_intrinsic(value: &Value) -> bool {
    let name = value.as_object().filter(|members| members.len() == 1).and_then(|members| members.keys().next());
    name.is_some_and(|name| name == "Ref" || name == "Condition" || name.starts_with("Fn::"))
}

/// The document without SAM.
///
/// # Errors
/// What SAM refuses, or the local cloud does not have, in the first resource that has it.
pub(super) fn transform(document: &Value, local: bool) -> Result<Value, String> {
    let globals = document.get("Globals");
    globals::check(globals)?;
    let mut resources = Made::new();
    for (logical_id, resource) in document.get("Resources").and_then(Value::as_object).into_iter().flatten() {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        if !kind.starts_with("AWS::Serverless::") {
            resources.insert(logical_id.clone(), resource.clone());
            continue;
        }
        let properties = globals::merged(globals, kind, resource.get("Properties"));
        let source = Source { logical_id, properties: &properties, resource, local };
        match kind {
            "AWS::Serverless::Function" => function::transform(&source, &mut resources)?,
            "AWS::Serverless::StateMachine" => state_machine::transform(&source, &mut resources)?,
            "AWS::Serverless::SimpleTable" => table::transform(&source, &mut resources)?,
            _ => return Err(source.error(format!("{kind} is not supported by the local cloud"))),
        }
    }
    let sections = document.as_object().into_iter().flatten();
    let mut transformed: Map<String, Value> = sections
        .filter(|(name, _)| !matches!(name.as_str(), "Transform" | "Globals"))
        .map(|(name, section)| (name.clone(), section.clone()))
        .collect();
    transformed.insert("Resources".into(), resources.into());
    Ok(transformed.into())
}
