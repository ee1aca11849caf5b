//! `AWS::DynamoDB::Table`.

use serde_json::{Map, Value, json};

use super::properties::{differ, flag, items, picked, tag_changes, tags, text, typed};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;
use crate::wire::set_member;

fn definition(properties: &Value) -> Map<String, Value> {
    let names = [
        "AttributeDefinitions",
        "KeySchema",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
        "ProvisionedThroughput",
    ];
    let mut input = picked(properties, &names);
    // Of CloudFormation's own making: indexes have it, CreateTable does not know it.
    if let Some(Value::Array(indexes)) = input.get_mut("GlobalSecondaryIndexes") {
        for index in indexes.iter_mut().filter_map(Value::as_object_mut) {
            index.shift_remove("ContributorInsightsSpecification");
        }
    }
    input.insert("BillingMode".into(), text(properties, "BillingMode").unwrap_or_else(|| "PROVISIONED".into()).into());
    if let Some(stream) = stream(properties) {
        input.insert("StreamSpecification".into(), stream);
    }
    if let Some(specification) = encryption(properties) {
        input.insert("SSESpecification".into(), specification);
    }
    if flag(properties, "DeletionProtectionEnabled") {
        input.insert("DeletionProtectionEnabled".into(), true.into());
    }
    if let Some(class) = text(properties, "TableClass") {
        input.insert("TableClass".into(), class.into());
    }
    input
}

fn section<'a>(properties: &'a Value, name: &str) -> &'a Value {
    properties.get(name).unwrap_or(&Value::Null)
}

fn encryption(properties: &Value) -> Option<Value> {
    let section = section(properties, "SSESpecification");
    let mut specification = picked(section, &["SSEType", "KMSMasterKeyId"]);
    specification.insert("Enabled".into(), true.into());
    flag(section, "SSEEnabled").then(|| specification.into())
}

fn stream(properties: &Value) -> Option<Value> {
    let view = text(properties.get("StreamSpecification")?, "StreamViewType")?;
    Some(json!({ "StreamEnabled": true, "StreamViewType": view }))
}

pub(super) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    let mut input = definition(properties);
    input.insert("TableName".into(), name.as_str().into());
    let tags: Vec<Value> = tags(properties).iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    if !tags.is_empty() {
        input.insert("Tags".into(), tags.into());
    }
    at.call(Service::DynamoDb, "CreateTable", input.into()).await?;
    settings(at, &name, &Value::Null, properties).await?;
    made(at, &name).await
}

async fn made(at: &At<'_>, name: &str) -> Result<Made, Refused> {
    let answer = at.call(Service::DynamoDb, "DescribeTable", json!({ "TableName": name })).await?;
    let table = answer.get("Table").unwrap_or(&Value::Null);
    let mut made = Made::new(name).with("Arn", text(table, "TableArn").unwrap_or_default());
    if let Some(stream) = text(table, "LatestStreamArn") {
        made = made.with("StreamArn", stream);
    }
    Ok(made)
}

/// What has operations of its own: time to live, recovery to a point in time.
async fn settings(at: &At<'_>, table: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let time_to_live = |properties: &Value| {
        let section = properties.get("TimeToLiveSpecification")?;
        text(section, "AttributeName").filter(|_| flag(section, "Enabled"))
    };
    let (before, after) = (time_to_live(old), time_to_live(new));
    if before != after {
        for (attribute, enabled) in [(before, false), (after, true)] {
            let Some(attribute) = attribute else { continue };
            let specification = json!({ "Enabled": enabled, "AttributeName": attribute });
            let input = json!({ "TableName": table, "TimeToLiveSpecification": specification });
            at.call(Service::DynamoDb, "UpdateTimeToLive", input).await?;
        }
    }
    let recovery = |properties: &Value| {
        let section = properties.get("PointInTimeRecoverySpecification");
        section.is_some_and(|section| flag(section, "PointInTimeRecoveryEnabled"))
    };
    if recovery(old) != recovery(new) {
        let specification = json!({ "PointInTimeRecoveryEnabled": recovery(new) });
        let input = json!({ "TableName": table, "PointInTimeRecoverySpecification": specification });
        at.call(Service::DynamoDb, "UpdateContinuousBackups", input).await?;
    }
    Ok(())
}

pub(super) async fn update(at: &At<'_>, made_before: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let table = made_before.id.as_str();
    for mut change in changes(old, new) {
        change.insert("TableName".into(), table.into());
        at.call(Service::DynamoDb, "UpdateTable", change.into()).await?;
    }
    if stream(old) != stream(new) {
        for specification in [stream(old).map(|_| json!({ "StreamEnabled": false })), stream(new)].into_iter().flatten()
        {
            let input = json!({ "TableName": table, "StreamSpecification": specification });
            at.call(Service::DynamoDb, "UpdateTable", input).await?;
        }
    }
    indexes(at, table, old, new).await?;
    settings(at, table, old, new).await?;
    let made = made(at, table).await?;
    let arn = made.attributes.get("Arn").cloned().unwrap_or_default();
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        let tags: Vec<Value> = set.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        at.call(Service::DynamoDb, "TagResource", json!({ "ResourceArn": arn, "Tags": tags })).await?;
    }
    if !gone.is_empty() {
        at.call(Service::DynamoDb, "UntagResource", json!({ "ResourceArn": arn, "TagKeys": gone })).await?;
    }
    Ok(made)
}

/// What differs, one concern at a time: what UpdateTable takes.
fn changes(old: &Value, new: &Value) -> Vec<Map<String, Value>> {
    let mut changes = Vec::new();
    if differ(old, new, &["BillingMode", "ProvisionedThroughput"]) {
        let mut capacity = picked(new, &["ProvisionedThroughput"]);
        capacity.insert("BillingMode".into(), text(new, "BillingMode").unwrap_or_else(|| "PROVISIONED".into()).into());
        changes.push(capacity);
    }
    let mut alone = |name: &str, value: Value| changes.push(Map::from_iter([(name.to_owned(), value)]));
    if differ(old, new, &["DeletionProtectionEnabled"]) {
        alone("DeletionProtectionEnabled", flag(new, "DeletionProtectionEnabled").into());
    }
    if differ(old, new, &["TableClass"]) {
        alone("TableClass", text(new, "TableClass").unwrap_or_else(|| "STANDARD".into()).into());
    }
    if encryption(old) != encryption(new) {
        alone("SSESpecification", encryption(new).unwrap_or_else(|| json!({ "Enabled": false })));
    }
    changes
}

/// One index at a time: what UpdateTable takes
/// ([UpdateTable](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html)).
async fn indexes(at: &At<'_>, table: &str, old: &Value, new: &Value) -> Result<(), Refused> {
    let (old_indexes, new_indexes) = (items(old, "GlobalSecondaryIndexes"), items(new, "GlobalSecondaryIndexes"));
    let named = |list: &[Value], name: &str| {
        list.iter().find(|index| text(index, "IndexName").as_deref() == Some(name)).cloned()
    };
    let shape = |index: &Value| (index.get("KeySchema").cloned(), index.get("Projection").cloned());
    for index in old_indexes {
        let name = text(index, "IndexName").unwrap_or_default();
        if named(new_indexes, &name).is_none_or(|same| shape(&same) != shape(index)) {
            let change = json!([{ "Delete": { "IndexName": name } }]);
            let input = json!({ "TableName": table, "GlobalSecondaryIndexUpdates": change });
            at.call(Service::DynamoDb, "UpdateTable", input).await?;
        }
    }
    for index in new_indexes {
        let name = text(index, "IndexName").unwrap_or_default();
        let change = match named(old_indexes, &name) {
            Some(same) if same == *index => continue,
            Some(same) if shape(&same) == shape(index) => match index.get("ProvisionedThroughput") {
                Some(units) => json!({ "Update": { "IndexName": name, "ProvisionedThroughput": typed(units) } }),
                None => continue,
            },
            _ => {
                let mut create = typed(index);
                if let Value::Object(members) = &mut create {
                    members.shift_remove("ContributorInsightsSpecification");
                }
                json!({ "Create": create })
            }
        };
        let mut input = json!({ "TableName": table, "GlobalSecondaryIndexUpdates": [change] });
        if let Some(definitions) = new.get("AttributeDefinitions") {
            set_member(&mut input, "AttributeDefinitions", definitions.clone());
        }
        at.call(Service::DynamoDb, "UpdateTable", input).await?;
    }
    Ok(())
}
