//! IAM: roles and policies, kept and shown and never checked.

mod policies;
mod roles;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// State of the service.
#[derive(Debug, Default)]
pub struct Iam {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    roles: BTreeMap<String, roles::Role>,
    policies: BTreeMap<String, policies::Policy>,
}

impl Iam {
    /// Forgets every role and policy.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text is the ARN of a role
/// ([IAM ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns)).
pub(crate) fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts.as_slice() else { return false };
    let letter = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    (partition.is_empty() || partition.starts_with("aws"))
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role.strip_prefix("role").is_some_and(|path| !path.is_empty() && path.chars().all(letter))
}

/// A request's members.
#[derive(Clone, Copy)]
struct Input<'a>(&'a Value);

impl<'a> Input<'a> {
    fn text(self, name: &str) -> Result<&'a str, ServiceError> {
        self.optional(name).ok_or_else(|| {
            let member = format!("{}{}", name.get(..1).unwrap_or_default().to_lowercase(), name.get(1..).unwrap_or_default());
            let message = format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            );
            ServiceError::new("ValidationError", message)
        })
    }

    fn optional(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn tags(self) -> BTreeMap<String, String> {
        let tags = self.0.get("Tags").and_then(Value::as_array).into_iter().flatten();
        let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        tags.map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
    }
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let input = Input(&input);
    match operation {
        "CreateRole" => roles::create(cloud, input),
        "GetRole" => roles::get(cloud, input),
        "DeleteRole" => roles::delete(cloud, input),
        "ListRoles" => roles::list(cloud, input),
        "UpdateRole" => roles::update(cloud, input),
        "UpdateAssumeRolePolicy" => roles::update_trust(cloud, input),
        "TagRole" => roles::tag(cloud, input),
        "UntagRole" => roles::untag(cloud, input),
        "ListRoleTags" => roles::list_tags(cloud, input),
        "AttachRolePolicy" => roles::attach(cloud, input),
        "DetachRolePolicy" => roles::detach(cloud, input),
        "ListAttachedRolePolicies" => roles::list_attached(cloud, input),
        "PutRolePolicy" => roles::put_policy(cloud, input),
        "GetRolePolicy" => roles::get_policy(cloud, input),
        "DeleteRolePolicy" => roles::delete_policy(cloud, input),
        "ListRolePolicies" => roles::list_policies(cloud, input),
        "ListInstanceProfilesForRole" => roles::list_instance_profiles(cloud, input),
        "CreatePolicy" => policies::create(cloud, input),
        "GetPolicy" => policies::get(cloud, input),
        "GetPolicyVersion" => policies::get_version(cloud, input),
        "CreatePolicyVersion" => policies::create_version(cloud, input),
        "ListPolicyVersions" => policies::list_versions(cloud, input),
        "DeletePolicyVersion" => policies::delete_version(cloud, input),
        "ListPolicies" => policies::list(cloud, input),
        "DeletePolicy" => policies::delete(cloud, input),
        _ => Err(ServiceError::unsupported(Service::Iam, operation)),
    }
}

fn no_entity(message: String) -> ServiceError {
    ServiceError::new("NoSuchEntity", message).status(404)
}

fn exists(message: String) -> ServiceError {
    ServiceError::new("EntityAlreadyExists", message).status(409)
}

fn conflict(message: &str) -> ServiceError {
    ServiceError::new("DeleteConflict", message).status(409)
}

fn shown_tags(tags: &BTreeMap<String, String>) -> Option<Value> {
    let list: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    (!list.is_empty()).then(|| list.into())
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Policy documents are percent-encoded in answers
/// ([GetRole](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html)).
fn encoded(document: &str) -> String {
    let mut out = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A document must at least be JSON.
fn document(text: &str) -> Result<String, ServiceError> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => Ok(text.to_owned()),
        _ => Err(ServiceError::new("MalformedPolicyDocument", "This policy contains invalid Json")),
    }
}
