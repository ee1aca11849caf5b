//! `AWS::Serverless::SimpleTable`
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html)).

use serde_json::{Map, Value, json};

use super::{Made, Source};

const SAME: [&str; 4] = ["PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableName"];

pub(super) fn transform(source: &Source<'_>, made: &mut Made) -> Result<(), String> {
    source.check(&[SAME.as_slice(), &["PrimaryKey", "Tags"]].concat(), &[])?;
    let key = source.get("PrimaryKey");
    let name = key.and_then(|key| key.get("Name")).cloned().unwrap_or_else(|| "id".into());
    let kind = match key.and_then(|key| key.get("Type")).and_then(Value::as_str) {
        None | Some("String") => "S",
        Some("Number") => "N",
        Some("Binary") => "B",
        Some(other) => return Err(source.error(format!("Invalid 'Type' \"{other}\"."))),
    };
    let mut properties: Map<String, Value> =
        SAME.iter().filter_map(|name| Some(((*name).to_owned(), source.get(name)?.clone()))).collect();
    properties.insert("AttributeDefinitions".into(), json!([{ "AttributeName": name, "AttributeType": kind }]));
    properties.insert("KeySchema".into(), json!([{ "AttributeName": name, "KeyType": "HASH" }]));
    if source.get("ProvisionedThroughput").is_none() {
        properties.insert("BillingMode".into(), "PAY_PER_REQUEST".into());
    }
    if let Some(tags) = source.tags(None) {
        properties.insert("Tags".into(), tags);
    }
    made.insert(source.logical_id.to_owned(), source.main("AWS::DynamoDB::Table", properties));
    Ok(())
}
