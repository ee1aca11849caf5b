//! The roles that SAM makes.

use serde_json::{Map, Value, json};

use super::{Source, policies};

/// What a role has beside its own policies.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// Inline policies before the role's own.
    pub(super) first: Vec<Value>,
    /// Inline policies after them.
    pub(super) last: Vec<Value>,
    /// ARNs of managed policies after its own.
    pub(super) managed: Vec<Value>,
}

/// An inline policy.
pub(super) fn policy(name: &str, document: &Value) -> Value {
    json!({ "PolicyName": name, "PolicyDocument": document })
}

/// Who may take the role.
pub(super) fn trust(service: &str) -> Value {
    let statement = json!({ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [service] } });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn service_role(name: &str) -> Value {
    format!("arn:aws:iam::aws:policy/service-role/{name}").into()
}

const XRAY: &str = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess";

pub(super) fn of_function(source: &Source<'_>, extras: Extras) -> Result<Value, String> {
    let mut managed = vec![service_role("AWSLambdaBasicExecutionRole")];
    if source.get("Tracing").and_then(Value::as_str).is_some_and(|mode| mode == "Active" || mode == "PassThrough") {
        managed.push(XRAY.into());
    }
    if source.get("VpcConfig").is_some() {
        managed.push(service_role("AWSLambdaVPCAccessExecutionRole"));
    }
    let trust = source.get("AssumeRolePolicyDocument").cloned().unwrap_or_else(|| trust("lambda.amazonaws.com"));
    role(source, &trust, managed, extras, "lambda:createdBy")
}

pub(super) fn of_state_machine(source: &Source<'_>) -> Result<Value, String> {
    let mut extras = Extras::default();
    if source.get("Tracing").and_then(|tracing| tracing.get("Enabled")) == Some(&json!(true)) {
        extras.managed.push(XRAY.into());
    }
    role(source, &trust("states.amazonaws.com"), Vec::new(), extras, "stateMachine:createdBy")
}

fn role(
    source: &Source<'_>,
    trust: &Value,
    mut managed: Vec<Value>,
    extras: Extras,
    tag: &str,
) -> Result<Value, String> {
    let mut inline = extras.first;
    let prefix = format!("{}Role", source.logical_id);
    for (at, policy) in policies::read(source)?.into_iter().enumerate() {
        match policy {
            policies::Policy::Managed(arn) => managed.push(arn),
            policies::Policy::Inline(document) => inline.push(self::policy(&format!("{prefix}Policy{at}"), &document)),
            policies::Policy::Conditional(condition, yes, no) => {
                let named = |document: Option<Value>| match document {
                    Some(document) => self::policy(&format!("{prefix}Policy{at}"), &document),
                    None => json!({ "Ref": "AWS::NoValue" }),
                };
                inline.push(json!({ "Fn::If": [condition, named(yes), named(no)] }));
            }
        }
    }
    for arn in extras.managed {
        if !managed.contains(&arn) {
            managed.push(arn);
        }
    }
    for policy in extras.last {
        // Two events that send to the same place need it once.
        let document = policy.get("PolicyDocument");
        if !inline.iter().any(|other| other.get("PolicyDocument") == document) {
            inline.push(policy);
        }
    }
    let mut properties = Map::from_iter([
        ("AssumeRolePolicyDocument".to_owned(), trust.clone()),
        ("ManagedPolicyArns".to_owned(), managed.into()),
    ]);
    for (property, name) in [("RolePath", "Path"), ("PermissionsBoundary", "PermissionsBoundary")] {
        if let Some(value) = source.get(property) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    if !inline.is_empty() {
        properties.insert("Policies".into(), inline.into());
    }
    if let Some(tags) = source.tags(Some(tag)) {
        properties.insert("Tags".into(), tags);
    }
    Ok(source.companion("AWS::IAM::Role", properties.into()))
}
