//! Tags of functions and of event source mappings
//! ([TagResource](https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html)).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::lambda::errors;
use crate::lambda::function::Function;
use crate::lambda::mappings::Mapping;
use crate::lambda::names::Reference;
use crate::wire::{Answer, ServiceError};

/// The most tags of a resource ([tags](https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html)).
const MOST: usize = 50;

const PATTERN: &str = r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)";

/// What is tagged.
enum Tagged {
    Function(Arc<Function>),
    Mapping(Arc<Mapping>),
}

impl Tagged {
    fn of(cloud: &Cloud, input: &Value) -> Result<Self, ServiceError> {
        let arn = input.get("Resource").and_then(Value::as_str).unwrap_or_default();
        let parts: Vec<&str> = arn.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "lambda", _, _, "function", _] => {
                let reference = Reference::parse(arn).ok_or_else(|| bad_arn(arn))?;
                Ok(Self::Function(cloud.lambda().latest(cloud, &reference)?))
            }
            ["arn", _, "lambda", _, _, "function", _, _] => Err(errors::invalid(
                "Tags on function aliases and versions are not supported. Please specify a function ARN.",
            )),
            ["arn", _, "lambda", _, _, "event-source-mapping", uuid] => {
                let missing = || errors::not_found(format!("Event source mapping not found: {arn}"));
                let mapping = cloud.lambda().state().mappings.get(*uuid).cloned();
                mapping.map(Self::Mapping).ok_or_else(missing)
            }
            ["arn", _, "lambda", _, _, "layer" | "code-signing-config" | "capacity-provider", _] => {
                Err(errors::unsupported("Resource", &Value::from(arn)))
            }
            _ => Err(bad_arn(arn)),
        }
    }

    fn tags(&self) -> BTreeMap<String, String> {
        match self {
            Self::Function(function) => function.spec().tags.clone(),
            Self::Mapping(mapping) => mapping.tags(),
        }
    }

    fn put(&self, cloud: &Cloud, tags: BTreeMap<String, String>) {
        match self {
            Self::Function(function) => {
                let revision = cloud.uuid().to_string();
                function.modify(|own| {
                    Arc::make_mut(&mut own.spec).tags = tags;
                    own.revision = revision;
                });
            }
            Self::Mapping(mapping) => mapping.set_tags(tags),
        }
    }
}

fn bad_arn(arn: &str) -> ServiceError {
    errors::validation(format!(
        "1 validation error detected: Value '{arn}' at 'resource' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: {PATTERN}"
    ))
}

pub(super) fn list(cloud: &Cloud, input: &Value) -> Answer {
    Ok(json!({ "Tags": Tagged::of(cloud, input)?.tags() }))
}

pub(super) fn tag(cloud: &Cloud, input: &Value) -> Answer {
    let tagged = Tagged::of(cloud, input)?;
    let given = from_input(input);
    if given.is_empty() {
        return Err(errors::invalid("An error occurred and the request cannot be processed."));
    }
    let mut tags = tagged.tags();
    tags.extend(given);
    check(&tags)?;
    tagged.put(cloud, tags);
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: &Value) -> Answer {
    let names = input.get("TagKeys").and_then(Value::as_array).cloned().unwrap_or_default();
    if names.is_empty() {
        return Err(errors::validation(
            "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
        ));
    }
    let tagged = Tagged::of(cloud, input)?;
    let mut tags = tagged.tags();
    tags.retain(|name, _| !names.iter().any(|n| n.as_str() == Some(name)));
    tagged.put(cloud, tags);
    Ok(json!({}))
}

/// The tags of a request.
pub(super) fn from_input(input: &Value) -> BTreeMap<String, String> {
    let tags = input.get("Tags").and_then(Value::as_object);
    tags.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    if tags.len() > MOST {
        return Err(errors::invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}
