//! STS: who the caller is, and credentials that are as good as any others, since nothing checks them.

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// Characters of ids and keys.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A random id with AWS's prefix for its kind
/// ([IAM identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)).
pub(crate) fn unique_id(cloud: &Cloud, prefix: &str) -> String {
    let letter = |byte: u8| LETTERS.get(usize::from(byte) % LETTERS.len()).copied().map_or('A', char::from);
    let mut bytes = [0; 17];
    cloud.random(|random| random.fill_bytes(&mut bytes));
    prefix.chars().chain(bytes.into_iter().map(letter)).collect()
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    match operation {
        "GetCallerIdentity" => Ok(json!({
            "Arn": format!("arn:aws:iam::{}:root", cloud.account()),
            "UserId": cloud.account(),
            "Account": cloud.account(),
        })),
        "AssumeRole" => assume_role(cloud, &input),
        "GetSessionToken" => Ok(json!({ "Credentials": credentials(cloud, duration(&input, 43_200, 900, 129_600)?) })),
        _ => Err(ServiceError::unsupported(Service::Sts, operation)),
    }
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
fn assume_role(cloud: &Cloud, input: &Value) -> Answer {
    let text = |name: &str| match input.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(invalid(format!("1 validation error detected: Value null at '{name}' failed to satisfy constraint"))),
    };
    let (role, session) = (text("RoleArn")?, text("RoleSessionName")?);
    let allowed = |c: char| c.is_alphanumeric() || "_+=,.@-".contains(c);
    if !session.chars().all(allowed) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    tags(input)?;
    let mut parts = role.splitn(6, ':');
    let (Some(account), Some(resource)) = (parts.nth(4), parts.next()) else {
        return Err(invalid(format!("{role} is invalid")));
    };
    let Some(name) = resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next()) else {
        return Err(invalid(format!("{role} is invalid")));
    };
    let duration = duration(input, 3_600, 900, 43_200)?;
    Ok(json!({
        "Credentials": credentials(cloud, duration),
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{}:{session}", unique_id(cloud, "AROA")),
            "Arn": format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
        },
        "PackedPolicySize": 0,
    }))
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
fn tags(input: &Value) -> Result<(), ServiceError> {
    let refuse = |message: &str| Err(ServiceError::new("InvalidParameterValue", message));
    let list = |name: &str| input.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut keys = std::collections::BTreeSet::new();
    for key in list("Tags").filter_map(|tag| tag.get("Key")?.as_str()) {
        if !keys.insert(key.to_lowercase()) {
            return refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
    }
    let mut transitive = list("TransitiveTagKeys").filter_map(Value::as_str);
    if transitive.any(|key| !keys.contains(&key.to_lowercase())) {
        return refuse("The specified transitive tag key must be included in the requested tags.");
    }
    Ok(())
}

fn duration(input: &Value, default: i64, least: i64, most: i64) -> Result<i64, ServiceError> {
    let Some(text) = input.get("DurationSeconds").and_then(Value::as_str) else { return Ok(default) };
    text.parse().ok().filter(|seconds| (least..=most).contains(seconds)).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member must \
             have value between {least} and {most}"
        ))
    })
}

fn credentials(cloud: &Cloud, seconds: i64) -> Value {
    let end: Timestamp =
        cloud.clock().now().saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    json!({
        "AccessKeyId": unique_id(cloud, "ASIA").get(..20),
        "SecretAccessKey": format!("{}{}", unique_id(cloud, ""), unique_id(cloud, "")),
        "SessionToken": unique_id(cloud, &unique_id(cloud, "FQoG")),
        "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}

fn invalid(message: String) -> ServiceError {
    ServiceError::new("ValidationError", message)
}
