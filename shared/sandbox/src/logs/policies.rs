//! Resource policies, which let other services write: kept and shown, never checked.

use serde_json::{Value, json};

use super::input::{Input, invalid};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// The most policies of an account in a region, and the longest one.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>
const MOST: usize = 10;
const LONGEST: usize = 5_120;

pub(super) struct Policy {
    document: String,
    updated: i64,
}

impl Policy {
    fn shown(&self, name: &str) -> Value {
        json!({ "policyName": name, "policyDocument": self.document, "lastUpdatedTime": self.updated })
    }
}

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let (name, document) = (input.text("policyName")?, input.text("policyDocument")?);
    if document.len() > LONGEST || serde_json::from_str::<Value>(document).is_err() {
        return Err(invalid("Invalid policy document."));
    }
    let mut state = cloud.logs().state();
    if state.policies.len() >= MOST && !state.policies.contains_key(name) {
        return Err(ServiceError::new("LimitExceededException", "Resource limit exceeded."));
    }
    let policy = Policy { document: document.to_owned(), updated: cloud.clock().now_millis() };
    let shown = policy.shown(name);
    state.policies.insert(name.to_owned(), policy);
    Ok(json!({ "resourcePolicy": shown }))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("policyName")?;
    let missing =
        || ServiceError::new("ResourceNotFoundException", format!("Policy with name [{name}] does not exist."));
    cloud.logs().state().policies.remove(name).map(|_| json!({})).ok_or_else(missing)
}

pub(super) fn describe(cloud: &Cloud) -> Answer {
    let state = cloud.logs().state();
    let policies: Vec<Value> = state.policies.iter().map(|(name, policy)| policy.shown(name)).collect();
    Ok(json!({ "resourcePolicies": policies }))
}
