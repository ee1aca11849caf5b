//! Managed policies.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Input, State, conflict, document, encoded, exists, no_entity, roles, shown_tags, time};
use crate::cloud::Cloud;
use crate::sts::unique_id;
use crate::wire::{Answer, ServiceError};

#[derive(Debug)]
pub(super) struct Policy {
    name: String,
    path: String,
    id: String,
    created: Timestamp,
    updated: Timestamp,
    description: Option<String>,
    tags: BTreeMap<String, String>,
    /// Documents by version number, and when each came.
    versions: BTreeMap<u32, (String, Timestamp)>,
    default: u32,
}

impl Policy {
    fn show(&self, arn: &str, attachments: usize) -> Value {
        json!({
            "PolicyName": self.name,
            "PolicyId": self.id,
            "Arn": arn,
            "Path": self.path,
            "DefaultVersionId": format!("v{}", self.default),
            "AttachmentCount": attachments,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true,
            "Description": self.description,
            "CreateDate": time(self.created),
            "UpdateDate": time(self.updated),
            "Tags": shown_tags(&self.tags),
        })
    }

    fn show_version(&self, number: u32, with_document: bool) -> Option<Value> {
        let (text, created) = self.versions.get(&number)?;
        Some(json!({
            "Document": with_document.then(|| encoded(text)),
            "VersionId": format!("v{number}"),
            "IsDefaultVersion": number == self.default,
            "CreateDate": time(*created),
        }))
    }
}

impl State {
    fn policy(&mut self, input: Input<'_>) -> Result<(&mut Policy, String), ServiceError> {
        let arn = input.text("PolicyArn")?;
        let policy = self.policies.get_mut(arn).ok_or_else(|| no_entity(format!("Policy {arn} was not found.")))?;
        Ok((policy, arn.to_owned()))
    }
}

fn version(input: Input<'_>) -> Result<u32, ServiceError> {
    let id = input.text("VersionId")?;
    id.strip_prefix('v').and_then(|number| number.parse().ok()).ok_or_else(|| no_version(id))
}

fn no_version(id: &str) -> ServiceError {
    no_entity(format!("Policy version {id} was not found."))
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("PolicyName")?;
    let path = input.optional("Path").unwrap_or("/");
    let arn = format!("arn:aws:iam::{}:policy{path}{name}", cloud.account());
    let now = cloud.clock().now();
    let policy = Policy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id(cloud, "ANPA"),
        created: now,
        updated: now,
        description: input.optional("Description").map(str::to_owned),
        tags: input.tags(),
        versions: BTreeMap::from([(1, (document(input.text("PolicyDocument")?)?, now))]),
        default: 1,
    };
    let mut state = cloud.iam().state();
    if state.policies.values().any(|other| other.name == name) {
        return Err(exists(format!("A policy called {name} already exists. Duplicate names are not allowed.")));
    }
    let shown = policy.show(&arn, 0);
    state.policies.insert(arn, policy);
    Ok(json!({ "Policy": shown }))
}

pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let arn = state.policy(input)?.1;
    let attachments = roles::attachments(&state, &arn);
    Ok(json!({ "Policy": state.policy(input)?.0.show(&arn, attachments) }))
}

pub(super) fn get_version(cloud: &Cloud, input: Input<'_>) -> Answer {
    let number = version(input)?;
    let mut state = cloud.iam().state();
    let shown = state.policy(input)?.0.show_version(number, true).ok_or_else(|| no_version(&format!("v{number}")))?;
    Ok(json!({ "PolicyVersion": shown }))
}

/// At most five versions of a policy
/// ([quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
pub(super) fn create_version(cloud: &Cloud, input: Input<'_>) -> Answer {
    let text = document(input.text("PolicyDocument")?)?;
    let mut state = cloud.iam().state();
    let (policy, _) = state.policy(input)?;
    if policy.versions.len() >= 5 {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                       existing version.";
        return Err(ServiceError::new("LimitExceeded", message).status(409));
    }
    let number = policy.versions.last_key_value().map_or(1, |(number, _)| number + 1);
    policy.versions.insert(number, (text, cloud.clock().now()));
    policy.updated = cloud.clock().now();
    if input.optional("SetAsDefault") == Some("true") {
        policy.default = number;
    }
    Ok(json!({ "PolicyVersion": policy.show_version(number, false) }))
}

pub(super) fn list_versions(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let (policy, _) = state.policy(input)?;
    let versions: Vec<Value> =
        policy.versions.keys().rev().filter_map(|number| policy.show_version(*number, false)).collect();
    Ok(json!({ "Versions": versions, "IsTruncated": false }))
}

pub(super) fn delete_version(cloud: &Cloud, input: Input<'_>) -> Answer {
    let number = version(input)?;
    let mut state = cloud.iam().state();
    let (policy, _) = state.policy(input)?;
    if policy.default == number {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number).map(|_| json!({})).ok_or_else(|| no_version(&format!("v{number}")))
}

/// The account's own policies; AWS's are not among them.
pub(super) fn list(cloud: &Cloud, _: Input<'_>) -> Answer {
    let state = cloud.iam().state();
    let shown = |(arn, policy): (&String, &Policy)| policy.show(arn, roles::attachments(&state, arn));
    let policies: Vec<Value> = state.policies.iter().map(shown).collect();
    Ok(json!({ "Policies": policies, "IsTruncated": false }))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let (policy, arn) = state.policy(input)?;
    if policy.versions.len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                             versions. The default version is deleted with the policy.",
        ));
    }
    if roles::attachments(&state, &arn) > 0 {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    state.policies.remove(&arn);
    Ok(json!({}))
}
