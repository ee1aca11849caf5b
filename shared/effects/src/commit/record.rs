//! The deduplication record.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;
use serde_json::Value;
use throughline_envelope::{EventId, SagaId};

use super::{CommitRequest, Committed, Outcome, Undone};
use crate::failure::Failure;
use crate::limits::RESPONSE_BYTES;
use crate::outbox::{Outgoing, Row, sortable};
use crate::world::World;

type Item = HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// The write of the record: it goes through when the work was not done yet, or so long ago that it is forgotten.
pub(super) fn put(
    world: &World,
    request: &CommitRequest<'_>,
    owner: &str,
    now: Timestamp,
    rows: &[Row],
) -> Result<TransactWriteItem, Failure> {
    let put = Put::builder()
        .table_name(world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
        .set_item(Some(item(request, owner, now, rows)?))
        .condition_expression("attribute_not_exists(#key) OR expires_at < :now")
        .set_expression_attribute_names(Some([("#key".to_owned(), "key".to_owned())].into()))
        .set_expression_attribute_values(Some(
            [(":now".to_owned(), AttributeValue::N(now.as_second().to_string()))].into(),
        ))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

fn item(request: &CommitRequest<'_>, owner: &str, now: Timestamp, rows: &[Row]) -> Result<Item, Failure> {
    let ids = rows.iter().map(|row| text(row.id())).collect();
    let outbox = rows.iter().map(|row| text(&row.pk)).collect();
    let mut item = Item::with_capacity(11);
    item.extend(
        [
            ("key", text(request.key.as_str())),
            ("fingerprint", text(&request.fingerprint)),
            ("owner", text(owner)),
            ("correlation_id", text(request.event.correlation_id.as_str())),
            ("event_id", text(request.event.id.as_str())),
            ("function", text(request.function)),
            ("emitted", AttributeValue::L(ids)),
            ("outbox", AttributeValue::L(outbox)),
            ("created_at", text(sortable(now))),
            ("expires_at", expires_at(request, now)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    if let Some(response) = request.effects.response() {
        item.insert("response".to_owned(), text(within_limit(response)?));
    }
    Ok(item)
}

fn expires_at(request: &CommitRequest<'_>, now: Timestamp) -> AttributeValue {
    let retention = i64::try_from(request.retention.as_secs()).unwrap_or(i64::MAX);
    AttributeValue::N(now.as_second().saturating_add(retention).to_string())
}

/// The tombstone on the key of the step that a compensation undoes. The record of a step that was done stays, with the tombstone
/// added; where there is none, the tombstone stands in its place.
pub(super) fn tombstone(
    world: &World,
    request: &CommitRequest<'_>,
    undone: &Undone,
    now: Timestamp,
) -> Result<TransactWriteItem, Failure> {
    let condition = match undone.done {
        true => "attribute_exists(fingerprint) AND expires_at >= :now",
        false => "attribute_not_exists(fingerprint) OR expires_at < :now",
    };
    let forgotten = if undone.done { "" } else { " REMOVE fingerprint, #owner, #response, emitted, outbox" };
    let mut update = Update::builder()
        .table_name(world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
        .key("key", text(undone.key.as_str()))
        .update_expression(format!("SET undone_by = :by, undone_at = :at, expires_at = :expires{forgotten}"))
        .condition_expression(condition)
        .expression_attribute_values(":by", text(request.key.as_str()))
        .expression_attribute_values(":at", text(sortable(now)))
        .expression_attribute_values(":expires", expires_at(request, now))
        .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()));
    if !undone.done {
        update =
            update.expression_attribute_names("#owner", "owner").expression_attribute_names("#response", "response");
    }
    Ok(TransactWriteItem::builder().update(update.build()?).build())
}

fn within_limit(response: &Value) -> Result<String, Failure> {
    let text = response.to_string();
    if text.len() > RESPONSE_BYTES {
        let cause = format!("the response is {} bytes; at most {RESPONSE_BYTES} are stored", text.len());
        return Err(Failure::permanent("too_large", cause));
    }
    Ok(text)
}

/// What a record that was there tells.
pub(super) struct Found {
    pub(super) owner: String,
    pub(super) fingerprint: String,
    pub(super) expires_at: i64,
    /// The compensation that undid the step, or came before it.
    pub(super) undone_by: Option<String>,
    pub(super) committed: Committed,
}

impl Found {
    /// Whether it is the record of work, and not a tombstone alone.
    pub(super) fn is_done(&self) -> bool {
        !self.fingerprint.is_empty()
    }
}

/// Reads the record that DynamoDB returned.
pub(super) fn read(item: &Item) -> Found {
    let field = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let list = |name: &str| -> Vec<String> {
        let values = item.get(name).and_then(|value| value.as_l().ok()).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(|value| value.as_s().ok().cloned()).collect()
    };
    let emitted = list("emitted");
    Found {
        owner: field("owner"),
        fingerprint: field("fingerprint"),
        expires_at: item.get("expires_at").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default(),
        undone_by: Some(field("undone_by")).filter(|by| !by.is_empty()),
        committed: Committed {
            outcome: Outcome::Duplicate,
            response: serde_json::from_str(&field("response")).ok(),
            outgoing: list("outbox").into_iter().map(Outgoing::stored).collect(),
            started: emitted.iter().filter_map(|id| SagaId::parse(id).ok()).collect(),
            emitted: emitted.iter().filter_map(|id| EventId::parse(id).ok()).collect(),
        },
    }
}
