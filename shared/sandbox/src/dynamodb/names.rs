//! ARNs and stream labels: dynoxide has a made-up region and account, and labels that are seconds.

use jiff::Timestamp;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::wire::ServiceError;

const THEIRS: &str = ":dynoxide:000000000000:";

/// Rewrites a request for dynoxide. A table may be given by its ARN.
pub(super) fn inward(cloud: &Cloud, input: &mut Value) {
    let ours = ours(cloud);
    rewrite(input, &|name, text| {
        if name == "TableName" && text.starts_with("arn:") {
            return text.rsplit_once(":table/").map(|(_, table)| table.to_owned());
        }
        is_arn(name).then(|| text.replace(&ours, THEIRS))
    });
}

/// Rewrites an answer of dynoxide.
pub(super) fn outward(cloud: &Cloud, output: &mut Value) {
    let ours = ours(cloud);
    rewrite(output, &|name, text| match name {
        "awsRegion" => Some(cloud.region().to_owned()),
        "StreamLabel" | "LatestStreamLabel" => label(text),
        _ if is_arn(name) => Some(arn(&ours, text)),
        _ => None,
    });
}

/// Rewrites the message of an error.
pub(super) fn error(cloud: &Cloud, mut error: ServiceError) -> ServiceError {
    error.message = error.message.replace(THEIRS, &ours(cloud));
    error
}

fn ours(cloud: &Cloud) -> String {
    format!(":{}:{}:", cloud.region(), cloud.account())
}

/// Members that hold an ARN as text. Attributes of items never are text: their values are objects.
fn is_arn(name: &str) -> bool {
    name.ends_with("Arn")
}

fn arn(ours: &str, text: &str) -> String {
    let text = text.replace(THEIRS, ours);
    match text.rsplit_once("/stream/") {
        Some((table, own)) => format!("{table}/stream/{}", label(own).unwrap_or_else(|| own.to_owned())),
        None => text,
    }
}

/// `1764025711.250000000` as AWS writes it: `2025-11-24T23:08:31.250`.
fn label(text: &str) -> Option<String> {
    let (seconds, nanos) = text.split_once('.')?;
    let time = Timestamp::new(seconds.parse().ok()?, nanos.parse().ok()?).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string())
}

/// Members that hold items, which are the user's: no need to look into them.
const DATA: [&str; 10] = [
    "Item",
    "Items",
    "Key",
    "Keys",
    "Attributes",
    "ExpressionAttributeValues",
    "ExclusiveStartKey",
    "LastEvaluatedKey",
    "NewImage",
    "OldImage",
];

fn rewrite(value: &mut Value, change: &dyn Fn(&str, &str) -> Option<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) => {
                        if let Some(new) = change(name, text) {
                            *text = new;
                        }
                    }
                    _ if DATA.contains(&name.as_str()) => {}
                    other => rewrite(other, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, change)),
        _ => {}
    }
}
