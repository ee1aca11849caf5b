//! Contributor Insights: the setting is kept, nothing is measured
//! ([UpdateContributorInsights](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html)).

use serde_json::{Value, json};

use super::{DynamoDb, dispatch, tables};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

/// The setting while it is on.
#[derive(Debug, Clone)]
pub(super) struct Insights {
    mode: String,
    since: f64,
}

const EVERYTHING: &str = "ACCESSED_AND_THROTTLED_KEYS";
const MODES: [&str; 2] = ["THROTTLED_KEYS", EVERYTHING];

pub(super) fn update(cloud: &Cloud, input: &Value) -> Answer {
    let service = cloud.dynamodb();
    let table = described(service, input)?;
    of_the_table(input)?;
    let on = match text(input, "ContributorInsightsAction") {
        Some("ENABLE") => true,
        Some("DISABLE") => false,
        other => return Err(not_one_of(other, "contributorInsightsAction", "ENABLE, DISABLE")),
    };
    let mode = text(input, "ContributorInsightsMode").unwrap_or(EVERYTHING);
    if !MODES.contains(&mode) {
        return Err(not_one_of(Some(mode), "contributorInsightsMode", &MODES.join(", ")));
    }
    let name = text(&table, "TableName").unwrap_or_default();
    if let Some(facts) = service.state().tables.get_mut(name) {
        facts.insights = on.then(|| Insights { mode: mode.to_owned(), since: tables::seconds(cloud) });
    }
    let status = if on { "ENABLING" } else { "DISABLING" };
    Ok(json!({ "TableName": name, "ContributorInsightsStatus": status, "ContributorInsightsMode": mode }))
}

pub(super) fn describe(service: &DynamoDb, input: &Value) -> Answer {
    let table = described(service, input)?;
    of_the_table(input)?;
    let name = text(&table, "TableName").unwrap_or_default();
    let state = service.state();
    let Some(Insights { mode, since }) = state.tables.get(name).and_then(|facts| facts.insights.as_ref()) else {
        return Ok(json!({ "TableName": name, "ContributorInsightsStatus": "DISABLED" }));
    };
    let sorted = table.get("KeySchema").and_then(Value::as_array).is_some_and(|keys| keys.len() > 1);
    let mut answer = json!({ "TableName": name, "ContributorInsightsStatus": "ENABLED" });
    set_member(&mut answer, "ContributorInsightsMode", mode.as_str());
    set_member(&mut answer, "LastUpdateDateTime", *since);
    set_member(&mut answer, "ContributorInsightsRuleList", rules(name, sorted, mode, *since));
    Ok(answer)
}

/// The names of the rules in CloudWatch: keys of the partition, with a sort key of items too; accessed and throttled.
fn rules(table: &str, sorted: bool, mode: &str, since: f64) -> Vec<String> {
    let kinds = [("PKC", true, false), ("PKT", false, false), ("SKC", true, true), ("SKT", false, true)];
    let wanted = kinds.into_iter().filter(|(_, access, sort)| (!access || mode == EVERYTHING) && (!sort || sorted));
    wanted.map(|(kind, ..)| format!("DynamoDBContributorInsights-{kind}-{table}-{:.0}", since * 1000.0)).collect()
}

fn described(service: &DynamoDb, input: &Value) -> Result<Value, ServiceError> {
    let name = text(input, "TableName").unwrap_or_default();
    let mut described = dispatch::run(service.database()?, "DescribeTable", json!({ "TableName": name }))?;
    Ok(described.get_mut("Table").map(Value::take).unwrap_or_default())
}

fn of_the_table(input: &Value) -> Result<(), ServiceError> {
    match text(input, "IndexName") {
        None => Ok(()),
        Some(_) => {
            let message = "Contributor Insights of an index are not supported by the local cloud";
            Err(ServiceError::new("ValidationException", message))
        }
    }
}

fn not_one_of(value: Option<&str>, place: &str, set: &str) -> ServiceError {
    let message = match value {
        None => format!("Value null at '{place}' failed to satisfy constraint: Member must not be null"),
        Some(value) => {
            format!(
                "Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy enum value set: [{set}]"
            )
        }
    };
    ServiceError::new("ValidationException", format!("1 validation error detected: {message}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}
