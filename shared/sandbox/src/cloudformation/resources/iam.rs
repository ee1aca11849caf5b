//! `AWS::IAM::Role`, `AWS::IAM::Policy`, `AWS::IAM::ManagedPolicy`.

use serde_json::{Map, Value, json};

use super::properties::{differ, document, items, tag_changes, tags, text, texts};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

const IAM: Service = Service::Iam;

fn listed(tags: impl IntoIterator<Item = (String, String)>) -> Vec<Value> {
    tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

fn policy_document(properties: &Value, name: &str) -> String {
    document(properties.get(name).unwrap_or(&Value::Null))
}

pub(super) async fn create_role(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let mut input = Map::from_iter([
        ("RoleName".to_owned(), Value::from(name.as_str())),
        ("AssumeRolePolicyDocument".to_owned(), policy_document(properties, "AssumeRolePolicyDocument").into()),
        ("Tags".to_owned(), listed(tags(properties)).into()),
    ]);
    for member in ["Description", "MaxSessionDuration", "Path", "PermissionsBoundary"] {
        if let Some(value) = text(properties, member) {
            input.insert(member.to_owned(), value.into());
        }
    }
    let answer = at.call(IAM, "CreateRole", input.into()).await?;
    if let Err(refused) = role_policies(at, &name, &Value::Null, properties).await {
        delete_role(at, &name).await?;
        return Err(refused);
    }
    let role = answer.get("Role").unwrap_or(&Value::Null);
    let member = |name: &str| text(role, name).unwrap_or_default();
    Ok(Made::new(name).with("Arn", member("Arn")).with("RoleId", member("RoleId")))
}

/// Puts what is new or changed, takes away what is gone.
async fn role_policies(at: &At<'_>, role: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let inline = items(new, "Policies");
    let named =
        |list: &[Value], name: &str| list.iter().any(|policy| text(policy, "PolicyName").as_deref() == Some(name));
    for policy in inline.iter().filter(|policy| !items(old, "Policies").contains(policy)) {
        let name = text(policy, "PolicyName").unwrap_or_default();
        let input = json!({
            "RoleName": role, "PolicyName": name, "PolicyDocument": policy_document(policy, "PolicyDocument"),
        });
        at.call(IAM, "PutRolePolicy", input).await?;
    }
    for policy in items(old, "Policies") {
        let name = text(policy, "PolicyName").unwrap_or_default();
        if !named(inline, &name) {
            at.remove(IAM, "DeleteRolePolicy", json!({ "RoleName": role, "PolicyName": name })).await?;
        }
    }
    let (before, after) = (texts(old, "ManagedPolicyArns"), texts(new, "ManagedPolicyArns"));
    for arn in after.iter().filter(|arn| !before.contains(arn)) {
        at.call(IAM, "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    for arn in before.iter().filter(|arn| !after.contains(arn)) {
        at.remove(IAM, "DetachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    Ok(())
}

pub(super) async fn update_role(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let role = made.id.as_str();
    if differ(old, new, &["AssumeRolePolicyDocument"]) {
        let input = json!({ "RoleName": role, "PolicyDocument": policy_document(new, "AssumeRolePolicyDocument") });
        at.call(IAM, "UpdateAssumeRolePolicy", input).await?;
    }
    if differ(old, new, &["Description", "MaxSessionDuration"]) {
        let input = json!({
            "RoleName": role,
            "Description": text(new, "Description").unwrap_or_default(),
            "MaxSessionDuration": text(new, "MaxSessionDuration").unwrap_or_else(|| "3600".into()),
        });
        at.call(IAM, "UpdateRole", input).await?;
    }
    role_policies(at, role, old, new).await?;
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        at.call(IAM, "TagRole", json!({ "RoleName": role, "Tags": listed(set) })).await?;
    }
    if !gone.is_empty() {
        at.call(IAM, "UntagRole", json!({ "RoleName": role, "TagKeys": gone })).await?;
    }
    Ok(made.clone())
}

pub(super) async fn delete_role(at: &At<'_>, role: &str) -> Result<(), Refused> {
    let asked = json!({ "RoleName": role });
    let attached = match at.call(IAM, "ListAttachedRolePolicies", asked.clone()).await {
        Err(refused) if refused.is_missing() => return Ok(()),
        attached => attached?,
    };
    for policy in items(&attached, "AttachedPolicies") {
        let input = json!({ "RoleName": role, "PolicyArn": policy.get("PolicyArn") });
        at.remove(IAM, "DetachRolePolicy", input).await?;
    }
    let inline = at.call(IAM, "ListRolePolicies", asked.clone()).await?;
    for name in items(&inline, "PolicyNames") {
        at.remove(IAM, "DeleteRolePolicy", json!({ "RoleName": role, "PolicyName": name })).await?;
    }
    at.remove(IAM, "DeleteRole", asked).await
}

/// An inline policy of roles.
pub(super) async fn put_policy(at: &At<'_>, id: &str, old: &Value, new: &Value) -> Result<Made, Refused> {
    let name = text(new, "PolicyName").unwrap_or_default();
    let roles = texts(new, "Roles");
    for role in &roles {
        let policy = policy_document(new, "PolicyDocument");
        at.call(IAM, "PutRolePolicy", json!({ "RoleName": role, "PolicyName": name, "PolicyDocument": policy }))
            .await?;
    }
    for role in texts(old, "Roles").iter().filter(|role| !roles.contains(role)) {
        at.remove(IAM, "DeleteRolePolicy", json!({ "RoleName": role, "PolicyName": name })).await?;
    }
    Ok(Made::new(id).with("Id", id))
}

pub(super) async fn drop_policy(at: &At<'_>, _: &str, properties: &Value) -> Result<(), Refused> {
    let name = text(properties, "PolicyName").unwrap_or_default();
    for role in texts(properties, "Roles") {
        at.remove(IAM, "DeleteRolePolicy", json!({ "RoleName": role, "PolicyName": name })).await?;
    }
    Ok(())
}

pub(super) async fn create_managed(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let mut input = json!({
        "PolicyName": at.name(kind, properties), "PolicyDocument": policy_document(properties, "PolicyDocument"),
    });
    for member in ["Description", "Path"] {
        if let Some(value) = text(properties, member) {
            crate::wire::set_member(&mut input, member, value);
        }
    }
    let answer = at.call(IAM, "CreatePolicy", input).await?;
    let arn = answer.pointer("/Policy/Arn").and_then(Value::as_str).unwrap_or_default().to_owned();
    attach(at, &arn, &Value::Null, properties).await?;
    Ok(Made::new(arn.clone()).with("PolicyArn", arn))
}

async fn attach(at: &At<'_>, arn: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let (before, after) = (texts(old, "Roles"), texts(new, "Roles"));
    for role in after.iter().filter(|role| !before.contains(role)) {
        at.call(IAM, "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    for role in before.iter().filter(|role| !after.contains(role)) {
        at.remove(IAM, "DetachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    Ok(())
}

/// The new document is a version of its own, and the only one that stays.
pub(super) async fn update_managed(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let arn = made.id.as_str();
    if differ(old, new, &["PolicyDocument"]) {
        let listed = at.call(IAM, "ListPolicyVersions", json!({ "PolicyArn": arn })).await?;
        let input = json!({
            "PolicyArn": arn, "PolicyDocument": policy_document(new, "PolicyDocument"), "SetAsDefault": "true",
        });
        at.call(IAM, "CreatePolicyVersion", input).await?;
        for version in items(&listed, "Versions") {
            let input = json!({ "PolicyArn": arn, "VersionId": version.get("VersionId") });
            at.remove(IAM, "DeletePolicyVersion", input).await?;
        }
    }
    attach(at, arn, old, new).await?;
    Ok(made.clone())
}

pub(super) async fn delete_managed(at: &At<'_>, arn: &str, properties: &Value) -> Result<(), Refused> {
    for role in texts(properties, "Roles") {
        at.remove(IAM, "DetachRolePolicy", json!({ "RoleName": role, "PolicyArn": arn })).await?;
    }
    at.remove(IAM, "DeletePolicy", json!({ "PolicyArn": arn })).await
}
