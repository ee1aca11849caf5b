//! Requests of functions, rewritten on their way to the cloud.

use serde_json::{Value, json};
use throughline_simulation::workflow::{Call, Turn};

/// The writes of a transaction to this table (its name in the code), each with what it does: `Put`, `Update`.
fn writes<'a>(input: &'a mut Value, table: &str) -> Vec<(String, &'a mut Value)> {
    let items = input["TransactItems"].as_array_mut().into_iter().flatten();
    let writes = items.filter_map(|item| item.as_object_mut()?.iter_mut().next());
    let writes = writes.filter(|(_, write)| write["TableName"] == format!("orders-{table}"));
    writes.map(|(kind, write)| (kind.clone(), write)).collect()
}

/// The call with its transaction changed.
fn transaction(call: &Call<'_>, change: impl FnOnce(&mut Value)) -> Turn {
    if call.operation != "TransactWriteItems" {
        return Turn::Pass;
    }
    let mut input = call.input();
    change(&mut input);
    Turn::Send(input)
}

/// The condition holds whatever it says. What it names is still named, since DynamoDB refuses names that nothing uses.
fn always(write: &mut Value) {
    if let Some(condition) = write["ConditionExpression"].as_str() {
        write["ConditionExpression"] = json!(format!("({condition}) OR attribute_not_exists(nobody_has_this)"));
    }
}

/// Conditions of writes of this kind to this table always hold.
pub(super) fn unconditional(call: &Call<'_>, table: &str, kind: &str) -> Turn {
    transaction(call, |input| {
        writes(input, table).into_iter().filter(|(of, _)| of == kind).for_each(|(_, write)| always(write));
    })
}

/// The key of the row of the idempotency table that a request is about.
pub(super) fn key(input: &Value) -> &str {
    input["Key"]["key"]["S"].as_str().unwrap_or_default()
}

/// A write to this table is refused whatever is there.
pub(super) fn impossible(call: &Call<'_>, table: &str) -> Turn {
    transaction(call, |input| {
        for (_, write) in writes(input, table) {
            let condition = write["ConditionExpression"].as_str().unwrap_or("attribute_not_exists(nobody_has_this)");
            write["ConditionExpression"] = json!(format!("({condition}) AND attribute_exists(nobody_has_this)"));
        }
    })
}

/// No row of the outbox is in the transaction.
pub(super) fn without_outbox(call: &Call<'_>) -> Turn {
    transaction(call, |input| {
        if let Some(items) = input["TransactItems"].as_array_mut() {
            items.retain(|item| item["Put"]["TableName"] != "orders-events");
        }
    })
}

/// A compensation's tombstone is left where no step looks.
pub(super) fn without_tombstone(call: &Call<'_>) -> Turn {
    transaction(call, |input| {
        for (_, update) in writes(input, "idempotency").into_iter().filter(|(kind, _)| kind == "Update") {
            let key = update["Key"]["key"]["S"].as_str().unwrap_or_default();
            update["Key"]["key"]["S"] = json!(format!("nowhere|{key}"));
        }
    })
}

/// The execution has a name that nothing else has.
pub(super) fn renamed(call: &Call<'_>, number: u64) -> Turn {
    if call.operation != "StartExecution" {
        return Turn::Pass;
    }
    let mut input = call.input();
    let name = input["name"].as_str().unwrap_or_default();
    input["name"] = json!(format!("{name}-{number}"));
    Turn::Send(input)
}
