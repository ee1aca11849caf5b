//! A template for one stack: transformed, checked, with its parameters, and its resources in order.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::parameters::{self, Given};
use super::{errors, references, resources, sam};
use crate::cloud::Cloud;
use crate::template::ResolveOptions;
use crate::template::stack::{self, Evaluator};
use crate::wire::ServiceError;

/// What a stack is made from.
#[derive(Debug)]
pub(super) struct Model {
    /// As it was given.
    pub(super) text: String,
    /// The same, read.
    pub(super) original: Value,
    /// Without transforms.
    pub(super) document: Value,
    pub(super) parameters: IndexMap<String, String>,
    pub(super) evaluator: Evaluator,
    /// Resources whose conditions hold, each after those that it needs.
    pub(super) resources: IndexMap<String, Declared>,
}

/// A resource as a template declares it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) kind: String,
    /// Not resolved.
    pub(super) properties: Value,
    pub(super) retained: bool,
    pub(super) retained_on_replace: bool,
    pub(super) metadata: Option<Value>,
    /// `DeletionPolicy` and `UpdateReplacePolicy` as they are written.
    pub(super) policies: [Option<String>; 2],
}

const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Transform",
];

/// The transforms that a template declares.
pub(super) fn transforms(document: &Value) -> Vec<String> {
    match document.get("Transform") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Reads a template and checks its sections.
pub(super) fn read(text: &str) -> Result<Value, ServiceError> {
    let language = if text.trim_start().starts_with('{') { "JSON" } else { "YAML" };
    let broken = |message: String| match message.split_once(": ") {
        // A tag that CloudFormation does not have is well-formed.
        Some((place, what)) if !what.contains("intrinsic function") => {
            errors::format(format!("{language} not well-formed. ({place})"))
        }
        _ => errors::format(message),
    };
    let document = stack::parse(text).map_err(broken)?;
    let Value::Object(sections) = &document else { return Err(errors::format("unsupported structure.")) };
    let unknown: Vec<&str> = sections.keys().map(String::as_str).filter(|name| !SECTIONS.contains(name)).collect();
    if !unknown.is_empty() {
        return Err(errors::invalid(format!("Invalid template property or properties [{}]", unknown.join(", "))));
    }
    let version = document.get("AWSTemplateFormatVersion");
    if version.is_some_and(|version| version.as_str() != Some("2010-09-09")) {
        return Err(errors::format("Template format version must be 2010-09-09"));
    }
    match document.get("Resources").and_then(Value::as_object) {
        Some(resources) if !resources.is_empty() => {}
        _ => return Err(errors::format("At least one Resources member must be defined.")),
    }
    for name in transforms(&document) {
        if name != sam::TRANSFORM {
            let message = format!("No transform named {name} found; the local cloud has {}", sam::TRANSFORM);
            return Err(errors::invalid(message));
        }
    }
    Ok(document)
}

impl Model {
    /// Reads a template for a stack.
    pub(super) fn new(
        cloud: &Cloud,
        stack: &str,
        text: &str,
        given: &[Given],
        before: Option<&Self>,
    ) -> Result<Self, ServiceError> {
        let original = read(text)?;
        let parameters = parameters::values(&original, given, before.map(|before| &before.parameters))?;
        let mut options = ResolveOptions::new(cloud, stack);
        options.parameters = parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Self::built(text.to_owned(), original, parameters, options, false)
    }

    /// The model of a read template. `local`: functions' code may be a folder.
    pub(super) fn built(
        text: String,
        original: Value,
        parameters: IndexMap<String, String>,
        options: ResolveOptions,
        local: bool,
    ) -> Result<Self, ServiceError> {
        let document = if transforms(&original).is_empty() {
            original.clone()
        } else {
            sam::transform(&original, local).map_err(|message| {
                errors::invalid(format!("Transform {} failed with: Invalid Serverless Application Specification document. Number of errors found: 1. {message}", sam::TRANSFORM))
            })?
        };
        check_types(&document)?;
        let evaluator = Evaluator::new(&document, options).map_err(errors::format)?;
        let declared = declared(&document, &evaluator)?;
        check_references(&document, &parameters, &evaluator)?;
        let resources = ordered(&document, declared, &evaluator)?;
        Ok(Self { text, original, document, parameters, evaluator, resources })
    }

    pub(super) fn description(&self) -> Option<&str> {
        self.original.get("Description").and_then(Value::as_str)
    }
}

fn section<'a>(document: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    document.get(name).and_then(Value::as_object).into_iter().flatten()
}

/// Whether what a template refers to is declared in it; for a template without values for its parameters.
pub(super) fn check_names(document: &Value) -> Result<(), ServiceError> {
    for block in ["Resources", "Outputs"] {
        let declared = |name: &str| {
            let in_section = |s: &str| document.get(s).is_some_and(|section| section.get(name).is_some());
            // What a transform makes has names that are not here.
            name.starts_with("AWS::")
                || in_section("Parameters")
                || in_section("Resources")
                || !transforms(document).is_empty()
        };
        let parts = section(document, block).flat_map(|(_, part)| references::of(part, None));
        let missing: BTreeSet<String> = parts.map(|reference| reference.name).filter(|name| !declared(name)).collect();
        if !missing.is_empty() {
            let names = missing.into_iter().collect::<Vec<_>>().join(", ");
            return Err(errors::format(format!(
                "Unresolved resource dependencies [{names}] in the {block} block of the template"
            )));
        }
    }
    Ok(())
}

fn check_types(document: &Value) -> Result<(), ServiceError> {
    for (name, _) in section(document, "Parameters") {
        if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(errors::format(format!("Parameter name {name} is non alphanumeric.")));
        }
    }
    let mut unknown = BTreeSet::new();
    for (logical_id, resource) in section(document, "Resources") {
        let Some(kind) = resource.get("Type").and_then(Value::as_str) else {
            return Err(errors::format(format!(
                "[/Resources/{logical_id}] Every Resources object must contain a Type member."
            )));
        };
        if !logical_id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(errors::format(format!("Resource name {logical_id} is non alphanumeric.")));
        }
        for name in resource.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !MEMBERS.contains(&name.as_str()) {
                return Err(errors::invalid(format!("Invalid template resource property '{name}'")));
            }
        }
        no_nulls(&format!("/Resources/{logical_id}"), resource)?;
        if resources::kind(kind).is_none() {
            unknown.insert(kind);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
    Err(errors::format(format!("Unrecognized resource types: [{names}] (not supported by the local cloud)")))
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html>
const MEMBERS: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

fn no_nulls(path: &str, value: &Value) -> Result<(), ServiceError> {
    match value {
        Value::Null => Err(errors::format(format!("[{path}] 'null' values are not allowed in templates"))),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| no_nulls(&format!("{path}/{at}"), item))
        }
        // What stands in these is a document of someone else's.
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Definition" | "EventPattern" | "Metadata"))
            .try_for_each(|(name, member)| no_nulls(&format!("{path}/{name}"), member)),
        _ => Ok(()),
    }
}

fn declared(document: &Value, evaluator: &Evaluator) -> Result<IndexMap<String, Declared>, ServiceError> {
    let mut found = IndexMap::new();
    for (logical_id, resource) in section(document, "Resources") {
        if let Some(condition) = resource.get("Condition").and_then(Value::as_str) {
            let missing = |_| {
                errors::format(format!(
                    "Unresolved condition dependency {condition} in the Resources block of the template"
                ))
            };
            if !evaluator.holds(condition).map_err(missing)? {
                continue;
            }
        }
        let policy = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or("Delete");
        for name in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if !["Delete", "Retain", "RetainExceptOnCreate"].contains(&policy(name)) {
                let message = format!("{name} {} of {logical_id} is not supported by the local cloud", policy(name));
                return Err(errors::format(message));
            }
        }
        let declared = Declared {
            kind: resource.get("Type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            properties: resource.get("Properties").cloned().unwrap_or_else(|| Value::Object(Map::new())),
            retained: policy("DeletionPolicy").starts_with("Retain"),
            retained_on_replace: policy("UpdateReplacePolicy") == "Retain",
            metadata: resource.get("Metadata").cloned(),
            policies: ["DeletionPolicy", "UpdateReplacePolicy"]
                .map(|name| resource.get(name).and_then(Value::as_str).map(str::to_owned)),
        };
        found.insert(logical_id.clone(), declared);
    }
    Ok(found)
}

/// Every name that something refers to is a parameter, a resource or a pseudo parameter.
fn check_references(
    document: &Value,
    parameters: &IndexMap<String, String>,
    evaluator: &Evaluator,
) -> Result<(), ServiceError> {
    for block in ["Resources", "Outputs"] {
        let mut missing = BTreeSet::new();
        for (_, part) in section(document, block) {
            let own = part.get(if block == "Outputs" { "Value" } else { "Properties" }).unwrap_or(&Value::Null);
            let known = |name: &str| {
                name.starts_with("AWS::")
                    || parameters.contains_key(name)
                    || document.get("Resources").is_some_and(|resources| resources.get(name).is_some())
            };
            missing
                .extend(references::of(own, Some(evaluator)).into_iter().map(|r| r.name).filter(|name| !known(name)));
            missing.extend(depends_on(part).into_iter().filter(|name| !known(name)));
        }
        if !missing.is_empty() {
            let names = missing.into_iter().collect::<Vec<_>>().join(", ");
            return Err(errors::format(format!(
                "Unresolved resource dependencies [{names}] in the {block} block of the template"
            )));
        }
    }
    Ok(())
}

fn depends_on(resource: &Value) -> Vec<String> {
    match resource.get("DependsOn") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn ordered(
    document: &Value,
    declared: IndexMap<String, Declared>,
    evaluator: &Evaluator,
) -> Result<IndexMap<String, Declared>, ServiceError> {
    let mut needs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (logical_id, resource) in &declared {
        let own = references::of(&resource.properties, Some(evaluator)).into_iter().map(|reference| reference.name);
        let named = document.get("Resources").and_then(|all| all.get(logical_id)).map(depends_on).unwrap_or_default();
        let all = own.chain(named).filter(|name| declared.contains_key(name));
        needs.insert(logical_id, all.collect());
    }
    let mut order: Vec<&str> = Vec::new();
    let mut waiting: Vec<&str> = declared.keys().map(String::as_str).collect();
    while !waiting.is_empty() {
        let ready =
            |id: &&str| needs.get(*id).is_none_or(|needs| needs.iter().all(|need| order.contains(&need.as_str())));
        let Some(next) = waiting.iter().copied().find(ready) else {
            let names = waiting.join(", ");
            return Err(errors::invalid(format!("Circular dependency between resources: [{names}]")));
        };
        order.push(next);
        waiting.retain(|id| *id != next);
    }
    Ok(order.into_iter().filter_map(|id| Some((id.to_owned(), declared.get(id)?.clone()))).collect())
}
