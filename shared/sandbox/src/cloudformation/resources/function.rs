//! `AWS::Lambda::Function`.

use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::properties::{as_text, differ, picked, tag_changes, tags, text, typed};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

/// Properties that CreateFunction and UpdateFunctionConfiguration take by the same name, and what they are without.
fn defaults() -> [(&'static str, Value); 17] {
    [
        ("CodeSigningConfigArn", Value::Null),
        ("DeadLetterConfig", json!({ "TargetArn": "" })),
        ("Description", json!("")),
        ("EphemeralStorage", json!({ "Size": 512 })),
        ("FileSystemConfigs", json!([])),
        ("Handler", Value::Null),
        ("ImageConfig", Value::Null),
        ("KmsKeyArn", json!("")),
        ("Layers", json!([])),
        ("LoggingConfig", json!({ "LogFormat": "Text" })),
        ("MemorySize", json!(128)),
        ("Role", Value::Null),
        ("Runtime", Value::Null),
        ("SnapStart", json!({ "ApplyOn": "None" })),
        ("Timeout", json!(3)),
        ("TracingConfig", json!({ "Mode": "PassThrough" })),
        ("VpcConfig", json!({ "SubnetIds": [], "SecurityGroupIds": [] })),
    ]
}

/// Properties that are text even when they look like a number.
const TEXTS: [&str; 6] = ["CodeSigningConfigArn", "Description", "Handler", "KmsKeyArn", "Role", "Runtime"];

fn member(properties: &Value, name: &str) -> Option<Value> {
    let value = properties.get(name)?;
    if TEXTS.contains(&name) { as_text(value).map(Value::from) } else { Some(typed(value)) }
}

/// Variables are text.
fn environment(properties: &Value) -> Value {
    let variables = properties.pointer("/Environment/Variables").and_then(Value::as_object).into_iter().flatten();
    let variables: Map<String, Value> =
        variables.filter_map(|(name, value)| Some((name.clone(), as_text(value)?.into()))).collect();
    json!({ "Variables": variables })
}

fn code(properties: &Value) -> Result<Map<String, Value>, Refused> {
    let code = properties.get("Code").unwrap_or(&Value::Null);
    if let Some(inline) = text(code, "ZipFile") {
        return Ok(Map::from_iter([("ZipFile".to_owned(), zipped(properties, &inline)?.into())]));
    }
    let names = ["S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri"];
    Ok(names.iter().filter_map(|name| Some(((*name).to_owned(), text(code, name)?.into()))).collect())
}

/// Code in the template, as the zip file that CloudFormation makes of it
/// ([Code](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html)).
fn zipped(properties: &Value, inline: &str) -> Result<String, Refused> {
    let runtime = text(properties, "Runtime").unwrap_or_default();
    let name = match runtime.as_str() {
        runtime if runtime.starts_with("python") => "index.py",
        runtime if runtime.starts_with("nodejs") => "index.js",
        _ => {
            let message = format!("ZipFile can only be used with the runtimes nodejs and python, not with {runtime}");
            return Err(Refused::new("CreateFunction", "InvalidRequest", message));
        }
    };
    let broken = |error: &dyn std::fmt::Display| Refused::new("CreateFunction", "InternalFailure", error.to_string());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).map_err(|error| broken(&error))?;
    zip.write_all(inline.as_bytes()).map_err(|error| broken(&error))?;
    let file = zip.finish().map_err(|error| broken(&error))?;
    Ok(STANDARD.encode(file.into_inner()))
}

pub(super) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    if let Some(prepared) = at.prepared {
        let refused = |source| Refused { operation: "CreateFunction".into(), source };
        let mut spec = prepared.clone().map_err(refused)?;
        spec.role = text(properties, "Role").unwrap_or_default();
        spec.description = text(properties, "Description").unwrap_or_default();
        spec.tags = tags(properties);
        at.cloud.lambda().add_function(at.cloud, spec).map_err(refused)?;
        return Ok(made(at, &name));
    }
    let mut input: Map<String, Value> =
        defaults().iter().filter_map(|(name, _)| Some(((*name).to_owned(), member(properties, name)?))).collect();
    input.insert("FunctionName".into(), name.as_str().into());
    input.insert("Code".into(), code(properties)?.into());
    input.extend(picked(properties, &["Architectures", "PackageType"]));
    if properties.get("Environment").is_some() {
        input.insert("Environment".into(), environment(properties));
    }
    let tags = tags(properties);
    if !tags.is_empty() {
        input.insert("Tags".into(), json!(tags));
    }
    at.call(Service::Lambda, "CreateFunction", input.into()).await?;
    if let Err(refused) = concurrency(at, &name, &Value::Null, properties).await {
        at.remove(Service::Lambda, "DeleteFunction", json!({ "FunctionName": name })).await?;
        return Err(refused);
    }
    Ok(made(at, &name))
}

fn made(at: &At<'_>, name: &str) -> Made {
    Made::new(name).with("Arn", at.cloud.arn("lambda", &format!("function:{name}")))
}

async fn concurrency(at: &At<'_>, name: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let reserved = |properties: &Value| properties.get("ReservedConcurrentExecutions").map(typed);
    match (reserved(old), reserved(new)) {
        (old, new) if old == new => Ok(()),
        (_, Some(count)) => {
            let input = json!({ "FunctionName": name, "ReservedConcurrentExecutions": count });
            at.call(Service::Lambda, "PutFunctionConcurrency", input).await.map(drop)
        }
        (_, None) => {
            at.call(Service::Lambda, "DeleteFunctionConcurrency", json!({ "FunctionName": name })).await.map(drop)
        }
    }
}

pub(super) async fn update(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let name = made.id.as_str();
    if differ(old, new, &["Code", "Architectures"]) {
        let mut input = code(new)?;
        input.insert("FunctionName".into(), name.into());
        input.extend(picked(new, &["Architectures"]));
        at.call(Service::Lambda, "UpdateFunctionCode", input.into()).await?;
    }
    let mut input = Map::new();
    for (property, default) in defaults() {
        if old.get(property) != new.get(property) {
            input.insert(property.to_owned(), member(new, property).unwrap_or(default));
        }
    }
    if differ(old, new, &["Environment"]) {
        input.insert("Environment".into(), environment(new));
    }
    if !input.is_empty() {
        input.insert("FunctionName".into(), name.into());
        at.call(Service::Lambda, "UpdateFunctionConfiguration", input.into()).await?;
    }
    concurrency(at, name, old, new).await?;
    let arn = made.attributes.get("Arn").cloned().unwrap_or_default();
    let (set, gone): (BTreeMap<String, String>, Vec<String>) = tag_changes(old, new);
    if !set.is_empty() {
        at.call(Service::Lambda, "TagResource", json!({ "Resource": arn, "Tags": set })).await?;
    }
    if !gone.is_empty() {
        at.call(Service::Lambda, "UntagResource", json!({ "Resource": arn, "TagKeys": gone })).await?;
    }
    Ok(made.clone())
}
