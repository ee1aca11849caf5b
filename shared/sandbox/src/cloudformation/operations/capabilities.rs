//! What a request has to acknowledge
//! ([capabilities](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html)).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cloudformation::errors;
use crate::cloudformation::model::{Model, transforms};
use crate::wire::ServiceError;

/// The types whose resources give permissions, and the property that names them.
const GIVING: [(&str, &str); 3] =
    [("AWS::IAM::ManagedPolicy", "ManagedPolicyName"), ("AWS::IAM::Policy", ""), ("AWS::IAM::Role", "RoleName")];

/// The capability that a template needs, and the types that need it.
pub(super) fn needed(document: &Value) -> Option<(&'static str, Vec<&'static str>)> {
    let resources = document.get("Resources").and_then(Value::as_object)?;
    let (mut types, mut named) = (BTreeSet::new(), false);
    for resource in resources.values() {
        let kind = resource.get("Type").and_then(Value::as_str);
        let Some((kind, name)) = GIVING.iter().find(|(giving, _)| Some(*giving) == kind) else { continue };
        types.insert(*kind);
        named |= resource.get("Properties").is_some_and(|properties| properties.get(*name).is_some());
    }
    let capability = if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" };
    (!types.is_empty()).then(|| (capability, types.into_iter().collect()))
}

/// Refuses a template that needs more than was acknowledged. A change set shows what transforms make of a template, so
/// `expanded` need not be acknowledged there.
pub(super) fn check(model: &Model, given: &[String], expanded: bool) -> Result<(), ServiceError> {
    let has = |name: &str| given.iter().any(|given| given == name);
    let mut missing = Vec::new();
    if let Some((capability, _)) = needed(&model.document)
        && !has(capability)
        && !has("CAPABILITY_NAMED_IAM")
    {
        missing.push(capability);
    }
    if !expanded && !transforms(&model.original).is_empty() && !has("CAPABILITY_AUTO_EXPAND") {
        missing.push("CAPABILITY_AUTO_EXPAND");
    }
    if missing.is_empty() { Ok(()) } else { Err(errors::capabilities(&missing)) }
}
