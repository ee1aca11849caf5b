//! Roles and their policies.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Input, State, conflict, document, encoded, exists, no_entity, shown_tags, time};
use crate::cloud::Cloud;
use crate::sts::unique_id;
use crate::wire::{Answer, ServiceError, set_member};

#[derive(Debug)]
pub(super) struct Role {
    name: String,
    path: String,
    id: String,
    created: Timestamp,
    trust: String,
    description: Option<String>,
    longest_session: u32,
    boundary: Option<String>,
    tags: BTreeMap<String, String>,
    inline: BTreeMap<String, String>,
    /// ARNs, in the order in which they were attached.
    attached: IndexMap<String, ()>,
}

impl Role {
    fn arn(&self, cloud: &Cloud) -> String {
        format!("arn:aws:iam::{}:role{}{}", cloud.account(), self.path, self.name)
    }

    fn show(&self, cloud: &Cloud) -> Value {
        let boundary = self
            .boundary
            .as_ref()
            .map(|arn| json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn }));
        json!({
            "Path": self.path,
            "RoleName": self.name,
            "RoleId": self.id,
            "Arn": self.arn(cloud),
            "CreateDate": time(self.created),
            "AssumeRolePolicyDocument": encoded(&self.trust),
            "Description": self.description,
            "MaxSessionDuration": self.longest_session,
            "PermissionsBoundary": boundary,
            "Tags": shown_tags(&self.tags),
        })
    }
}

impl State {
    fn role(&mut self, input: Input<'_>) -> Result<&mut Role, ServiceError> {
        let name = input.text("RoleName")?;
        let role = self.roles.get_mut(name);
        role.ok_or_else(|| no_entity(format!("The role with name {name} cannot be found.")))
    }
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("RoleName")?;
    let id = unique_id(cloud, "AROA");
    let role = Role {
        name: name.to_owned(),
        path: input.optional("Path").unwrap_or("/").to_owned(),
        id,
        created: cloud.clock().now(),
        trust: document(input.text("AssumeRolePolicyDocument")?)?,
        description: input.optional("Description").map(str::to_owned),
        longest_session: input.optional("MaxSessionDuration").and_then(|text| text.parse().ok()).unwrap_or(3600),
        boundary: input.optional("PermissionsBoundary").map(str::to_owned),
        tags: input.tags(),
        inline: BTreeMap::new(),
        attached: IndexMap::new(),
    };
    let mut state = cloud.iam().state();
    if state.roles.contains_key(name) {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    let mut shown = role.show(cloud);
    set_member(&mut shown, "MaxSessionDuration", Value::Null);
    state.roles.insert(name.to_owned(), role);
    Ok(json!({ "Role": shown }))
}

pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut shown = cloud.iam().state().role(input)?.show(cloud);
    set_member(&mut shown, "RoleLastUsed", json!({}));
    Ok(json!({ "Role": shown }))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let role = state.role(input)?;
    if !role.attached.is_empty() {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.inline.is_empty() {
        return Err(conflict("Cannot delete entity, must delete policies first."));
    }
    let name = role.name.clone();
    state.roles.remove(&name);
    Ok(json!({}))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("PathPrefix").unwrap_or("/");
    let state = cloud.iam().state();
    let roles: Vec<Value> =
        state.roles.values().filter(|role| role.path.starts_with(prefix)).map(|role| role.show(cloud)).collect();
    Ok(json!({ "Roles": roles, "IsTruncated": false }))
}

pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let role = state.role(input)?;
    if let Some(description) = input.optional("Description") {
        role.description = Some(description.to_owned());
    }
    if let Some(seconds) = input.optional("MaxSessionDuration").and_then(|text| text.parse().ok()) {
        role.longest_session = seconds;
    }
    Ok(json!({}))
}

pub(super) fn update_trust(cloud: &Cloud, input: Input<'_>) -> Answer {
    let trust = document(input.text("PolicyDocument")?)?;
    cloud.iam().state().role(input)?.trust = trust;
    Ok(json!({}))
}

pub(super) fn tag(cloud: &Cloud, input: Input<'_>) -> Answer {
    cloud.iam().state().role(input)?.tags.extend(input.tags());
    Ok(json!({}))
}

pub(super) fn untag(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let role = state.role(input)?;
    for key in input.0.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        role.tags.remove(key);
    }
    Ok(json!({}))
}

pub(super) fn list_tags(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let tags = shown_tags(&state.role(input)?.tags).unwrap_or_else(|| json!([]));
    Ok(json!({ "Tags": tags, "IsTruncated": false }))
}

pub(super) fn attach(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("PolicyArn")?;
    if !arn.starts_with("arn:") {
        return Err(ServiceError::new("ValidationError", "Invalid ARN:  Could not be parsed!"));
    }
    let mut state = cloud.iam().state();
    let ours = arn.starts_with(&format!("arn:aws:iam::{}:", cloud.account()));
    if ours && !state.policies.contains_key(arn) {
        return Err(no_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    state.role(input)?.attached.insert(arn.to_owned(), ());
    Ok(json!({}))
}

pub(super) fn detach(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("PolicyArn")?;
    match cloud.iam().state().role(input)?.attached.shift_remove(arn) {
        Some(()) => Ok(json!({})),
        None => Err(no_entity(format!("Policy {arn} was not found."))),
    }
}

pub(super) fn list_attached(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let attached = state.role(input)?.attached.keys();
    let shown: Vec<Value> = attached.map(|arn| json!({ "PolicyName": name(arn), "PolicyArn": arn })).collect();
    Ok(json!({ "AttachedPolicies": shown, "IsTruncated": false }))
}

/// How many roles have the policy attached.
pub(super) fn attachments(state: &State, arn: &str) -> usize {
    state.roles.values().filter(|role| role.attached.contains_key(arn)).count()
}

pub(super) fn put_policy(cloud: &Cloud, input: Input<'_>) -> Answer {
    let (name, policy) = (input.text("PolicyName")?, document(input.text("PolicyDocument")?)?);
    cloud.iam().state().role(input)?.inline.insert(name.to_owned(), policy);
    Ok(json!({}))
}

pub(super) fn get_policy(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("PolicyName")?;
    let mut state = cloud.iam().state();
    let role = state.role(input)?;
    let policy = role.inline.get(name).ok_or_else(|| no_policy(name))?;
    Ok(json!({ "RoleName": role.name, "PolicyName": name, "PolicyDocument": encoded(policy) }))
}

pub(super) fn delete_policy(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("PolicyName")?;
    cloud.iam().state().role(input)?.inline.remove(name).map(|_| json!({})).ok_or_else(|| no_policy(name))
}

pub(super) fn list_policies(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.iam().state();
    let names: Vec<&String> = state.role(input)?.inline.keys().collect();
    Ok(json!({ "PolicyNames": names, "IsTruncated": false }))
}

/// A role without instance profiles: there are none here. Clients ask before they delete a role.
pub(super) fn list_instance_profiles(cloud: &Cloud, input: Input<'_>) -> Answer {
    cloud.iam().state().role(input)?;
    Ok(json!({ "InstanceProfiles": [], "IsTruncated": false }))
}

fn no_policy(name: &str) -> ServiceError {
    no_entity(format!("The role policy with name {name} cannot be found."))
}
