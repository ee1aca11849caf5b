//! What we know of a table better than dynoxide: its id and the time it was made, which dynoxide takes from the machine.

use serde_json::{Value, json};

use crate::cloud::Cloud;

pub(super) struct Facts {
    id: String,
    created: f64,
    pub(super) recovery: bool,
}

/// Puts our facts into an answer that describes a table or its stream.
pub(super) fn own_facts(cloud: &Cloud, operation: &str, output: &mut Value) {
    for member in ["TableDescription", "Table", "StreamDescription"] {
        let Some(table) = output.get_mut(member) else { continue };
        let Some(name) = table.get("TableName").and_then(Value::as_str).map(str::to_owned) else { continue };
        if operation == "CreateTable" {
            let facts = Facts { id: cloud.uuid().to_string(), created: seconds(cloud), recovery: false };
            cloud.dynamodb().state().tables.insert(name.clone(), facts);
        }
        let state = cloud.dynamodb().state();
        let Some(facts) = state.tables.get(&name) else { continue };
        for (member, fact) in [
            ("TableId", json!(facts.id)),
            ("CreationDateTime", json!(facts.created)),
            ("CreationRequestDateTime", json!(facts.created)),
        ] {
            if let Some(place) = table.get_mut(member) {
                *place = fact;
            }
        }
        drop(state);
        if matches!(operation, "UpdateTable" | "DescribeTable") {
            warm(table);
        }
        if operation == "DeleteTable" {
            cloud.dynamodb().state().tables.remove(&name);
        }
    }
}

/// What a new table on demand is ready for
/// ([warm throughput](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html)).
fn warm(table: &mut Value) {
    let mode = table.pointer("/BillingModeSummary/BillingMode").and_then(Value::as_str);
    if mode == Some("PAY_PER_REQUEST") && table.get("WarmThroughput").is_none_or(Value::is_null) {
        let warm = json!({ "ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE" });
        crate::wire::set_member(table, "WarmThroughput", warm);
    }
}

fn seconds(cloud: &Cloud) -> f64 {
    cloud.clock().now().as_duration().as_secs_f64()
}

/// The answer to `DescribeEndpoints`, which some SDKs ask first.
pub(super) fn endpoints(cloud: &Cloud) -> Value {
    let address = cloud.endpoint().trim_start_matches("http://");
    json!({ "Endpoints": [{ "Address": address, "CachePeriodInMinutes": 1440 }] })
}
