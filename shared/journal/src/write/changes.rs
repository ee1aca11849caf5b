//! From stream records to rows.

use std::collections::HashMap;

use aws_lambda_events::event::dynamodb::EventRecord;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{JOURNAL_DAYS, LARGEST};
use crate::attribute::object;
use crate::keys::{expiry, hash, hour_key, key_time, short_name};
use crate::row::Fields;

pub(super) fn rows(records: &[EventRecord], stack: &str) -> Vec<Fields> {
    records.iter().map(|record| row(record, stack)).collect()
}

fn row(record: &EventRecord, stack: &str) -> Fields {
    let change = &record.change;
    let table = short_name(stack, table_of(record.event_source_arn.as_deref().unwrap_or_default()));
    let millis = change.approximate_creation_date_time.timestamp_millis();
    let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    let (keys, before, after) = (image(&change.keys), image(&change.old_image), image(&change.new_image));
    // Who removed an item does not stand in it: what its old image names is who wrote it last.
    let said = |name: &str| after.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let pk = said("_correlation_id").unwrap_or_else(|| format!("chg_{}", hour_key(table, time)));
    let function = said("_function");
    let cut = Value::from_iter([Value::from(before.clone()), Value::from(after.clone())]).to_string().len() > LARGEST;
    let number = change.sequence_number.clone().unwrap_or_default();
    let arn = record.event_source_arn.as_deref().unwrap_or_default();
    let row = json!({
        "kind": "change",
        "pk": pk,
        "sk": format!("{}#{}", key_time(time), hash(&[arn, &number, &record.event_id])),
        "time": key_time(time),
        "table": table,
        "item_key": keys.values().map(plain).collect::<Vec<_>>().join("|"),
        "operation": record.event_name,
        "sequence_number": number,
        "event_id": said("_event_id"),
        "correlation_id": said("_correlation_id"),
        "function_hour": hour_key(function.as_deref().unwrap_or("unknown"), time),
        "function": function,
        "before": (!before.is_empty() && !cut).then_some(before),
        "after": (!after.is_empty() && !cut).then_some(after),
        "images_cut": cut.then_some(true),
        "expires_at": expiry(time, JOURNAL_DAYS),
    });
    let Value::Object(mut row) = row else { return Fields::new() };
    row.retain(|_, value| !value.is_null());
    row
}

/// The table's name, from `arn:aws:dynamodb:…:table/<name>/stream/<time>`.
fn table_of(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or("unknown")
}

fn image(image: &serde_dynamo::Item) -> Fields {
    let item: HashMap<String, AttributeValue> = image.clone().into();
    object(&item)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
