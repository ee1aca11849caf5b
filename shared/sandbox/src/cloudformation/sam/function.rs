//! `AWS::Serverless::Function`
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html)).

use serde_json::{Map, Value, json};

use super::{Made, Source, code, destinations, events, get_att, role};

/// Properties of the same name and meaning in CloudFormation.
const SAME: [&str; 18] = [
    "Architectures",
    "CodeSigningConfigArn",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Runtime",
    "SnapStart",
    "Timeout",
];

const OWN: [&str; 16] = [
    "AssumeRolePolicyDocument",
    "CodeUri",
    "DeadLetterQueue",
    "EventInvokeConfig",
    "Events",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "Role",
    "RolePath",
    "RuntimeManagementConfig",
    "Tags",
    "Tracing",
    "VersionDescription",
    "VpcConfig",
];

/// SAM's, and not the local cloud's.
const REFUSED: [&str; 13] = [
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CapacityProviderConfig",
    "DeploymentPreference",
    "DurableConfig",
    "FunctionScalingConfig",
    "FunctionUrlConfig",
    "ImageConfig",
    "ImageUri",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "TenancyConfig",
];

pub(super) fn transform(source: &Source<'_>, made: &mut Made) -> Result<(), String> {
    source.check(&[SAME.as_slice(), OWN.as_slice()].concat(), &REFUSED)?;
    let id = source.logical_id;
    let mut extras = role::Extras::default();
    let mut companions = Made::new();
    dead_letters(source, &mut extras)?;
    destinations::invoke_config(source, &mut companions, &mut extras)?;
    events::of_function(source, &mut companions, &mut extras)?;

    let mut properties: Map<String, Value> =
        SAME.iter().filter_map(|name| Some(((*name).to_owned(), source.get(name)?.clone()))).collect();
    properties.insert("Code".into(), code(source)?);
    for name in ["RuntimeManagementConfig", "VpcConfig"] {
        if let Some(value) = source.get(name) {
            properties.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(target) = source.get("DeadLetterQueue").and_then(|queue| queue.get("TargetArn")) {
        properties.insert("DeadLetterConfig".into(), json!({ "TargetArn": target }));
    }
    if let Some(mode) = source.get("Tracing").filter(|mode| mode.as_str() != Some("Disabled")) {
        properties.insert("TracingConfig".into(), json!({ "Mode": mode }));
    }
    if let Some(tags) = source.tags(Some("lambda:createdBy")) {
        properties.insert("Tags".into(), tags);
    }
    let role_id = format!("{id}Role");
    properties.insert("Role".into(), source.get("Role").cloned().unwrap_or_else(|| get_att(&role_id, "Arn")));
    made.insert(id.to_owned(), source.main("AWS::Lambda::Function", properties));
    if source.get("Role").is_none() {
        let role = role::of_function(source, extras)?;
        made.insert(role_id, role);
    }
    made.extend(companions);
    Ok(())
}

fn code(source: &Source<'_>) -> Result<Value, String> {
    if let Some(inline) = source.get("InlineCode") {
        return Ok(json!({ "ZipFile": inline }));
    }
    let uri = source.get("CodeUri");
    if source.local
        && let Some(folder) = uri.and_then(Value::as_str).filter(|uri| !uri.starts_with("s3://"))
    {
        return Ok(json!({ "Local": folder }));
    }
    if uri.is_none() {
        return Err(source.error("Exactly one of 'InlineCode' or 'CodeUri' must be set."));
    }
    code::place(source, "CodeUri", ["S3Bucket", "S3Key", "S3ObjectVersion"]).map(Value::Object)
}

fn dead_letters(source: &Source<'_>, extras: &mut role::Extras) -> Result<(), String> {
    let Some(queue) = source.get("DeadLetterQueue") else { return Ok(()) };
    let action = match queue.get("Type").and_then(Value::as_str) {
        Some("SQS") => "sqs:SendMessage",
        Some("SNS") => "sns:Publish",
        _ => return Err(source.error("'DeadLetterQueue' requires Type of SQS or SNS")),
    };
    let Some(target) = queue.get("TargetArn") else {
        return Err(source.error("'DeadLetterQueue' requires Type and TargetArn properties to be specified."));
    };
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": action, "Resource": target, "Effect": "Allow" }],
    });
    extras.first.push(role::policy("DeadLetterQueuePolicy", &document));
    Ok(())
}
