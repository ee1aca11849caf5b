//! `AWS::DynamoDB::Table`.

use serde_json::{Map, Value, json};

use super::Resource;
use crate::template::reader::Reader;
use crate::template::topology::{TableResource, Topology};

/// Properties that `CreateTable` takes as they are.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
const SAME: [&str; 4] = ["AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"];

pub(super) fn read(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.require("AttributeDefinitions");
    reader.require("KeySchema");
    reader.no_effect(&[
        "TableName",
        "ContributorInsightsSpecification",
        "DeletionProtectionEnabled",
        "TableClass",
        "Tags",
    ]);
    let mut definition = Map::from_iter([("TableName".to_owned(), Value::from(resource.identity.name.as_str()))]);
    for key in SAME {
        if let Some(value) = reader.json(key) {
            definition.insert(key.to_owned(), value);
        }
    }
    let billing = reader.one_of("BillingMode", &["PAY_PER_REQUEST", "PROVISIONED"]);
    definition.insert("BillingMode".into(), billing.unwrap_or("PROVISIONED").into());
    if let Some(throughput) = reader.nested("ProvisionedThroughput") {
        let units = |key| throughput.number(key);
        let value = json!({ "ReadCapacityUnits": units("ReadCapacityUnits"), "WriteCapacityUnits": units("WriteCapacityUnits") });
        throughput.finish();
        definition.insert("ProvisionedThroughput".into(), value);
    }
    let stream = stream(&reader);
    if let Some(view) = &stream {
        definition.insert("StreamSpecification".into(), json!({ "StreamEnabled": true, "StreamViewType": view }));
    }
    let point_in_time_recovery = flag(&reader, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled");
    let encrypted = flag(&reader, "SSESpecification", "SSEEnabled");
    let time_to_live = time_to_live(&reader);
    reader.finish();
    topology.tables.push(TableResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        arn: resource.identity.arn.clone(),
        definition: Value::Object(definition),
        time_to_live,
        point_in_time_recovery,
        encrypted,
        stream,
        line: resource.place.line,
    });
}

fn stream(reader: &Reader<'_>) -> Option<String> {
    let stream = reader.nested("StreamSpecification")?;
    let view = stream.required_text("StreamViewType");
    stream.finish();
    view
}

fn flag(reader: &Reader<'_>, section: &str, key: &str) -> bool {
    let Some(section) = reader.nested(section) else { return false };
    section.no_effect(&["KMSMasterKeyId", "SSEType", "RecoveryPeriodInDays"]);
    let on = section.boolean(key).unwrap_or_default();
    section.finish();
    on
}

fn time_to_live(reader: &Reader<'_>) -> Option<String> {
    let section = reader.nested("TimeToLiveSpecification")?;
    let on = section.boolean("Enabled").unwrap_or_default();
    let attribute = section.text("AttributeName");
    section.finish();
    attribute.filter(|_| on)
}
