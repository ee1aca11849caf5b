//! Reading and writing the rows of parked keys.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure,
    TransactWriteItem,
};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{NotMissing, Parked, ParkedKey, Parking, Place};
use crate::failure::Failure;
use crate::key::IdempotencyKey;
use crate::world::World;
use crate::write;

/// Tries of one change when others are in the way.
const TRIES: u32 = 8;

/// The parked keys of a stack.
#[derive(Debug, Clone)]
pub struct ParkedKeys {
    client: Client,
    table: String,
}

/// How a change ended.
enum Stored {
    Yes,
    /// Somebody else changed the row.
    Changed,
    /// The event is done: its deduplication record is there.
    Done,
}

impl ParkedKeys {
    /// In the stack's idempotency table.
    pub fn new(client: Client, idempotency_table: impl Into<String>) -> Self {
        Self { client, table: idempotency_table.into() }
    }

    /// Of the world of a function.
    ///
    /// # Errors
    /// The table's setting is missing.
    pub fn of(world: &World) -> Result<Self, Failure> {
        let table = world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?;
        Ok(Self::new(world.clients().dynamodb().clone(), table))
    }

    /// The key, if it is parked. Read consistently.
    ///
    /// # Errors
    /// Transient: the table cannot be read.
    pub async fn look(&self, key: &ParkedKey) -> Result<Option<Parked>, Failure> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = Box::pin(get.key("key", AttributeValue::S(key.row())).send()).await;
        let answer = answer.map_err(Failure::of_call)?;
        answer.item.map(read).transpose()
    }

    /// Parks a message that leaves its queue unhandled, before it does: behind what is parked of its key, or as the one that the key
    /// is parked for. Without a `reason` it only waits. `done` is the key under which the event is done once.
    ///
    /// # Errors
    /// Transient: the table could not be reached, or too many changed the row at once. The message has to stay in its queue.
    pub async fn park(
        &self,
        place: &Place,
        reason: Option<&str>,
        done: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Parking, Failure> {
        for _ in 0..TRIES {
            let found = self.look(&place.key).await?;
            let (parking, change) = match found {
                None if reason.is_none() => (Parking::Free, None),
                None => Parked::new(place, now).park(place, reason),
                Some(parked) => parked.park(place, reason),
            };
            let Some(change) = change else { return Ok(parking) };
            match self.store(&change, done, now).await? {
                Stored::Yes => return Ok(parking),
                Stored::Done => return Ok(Parking::Known),
                Stored::Changed => {}
            }
        }
        Err(Failure::transient("contention", format!("{} is parked by many at once", place.key.row())))
    }

    /// Makes the first in order the head, unless a head is on its way; answers the key as it is then.
    ///
    /// # Errors
    /// Transient: the table could not be reached.
    pub async fn next(&self, key: &ParkedKey, now: Timestamp) -> Result<Option<Parked>, Failure> {
        loop {
            let Some(parked) = self.look(key).await? else { return Ok(None) };
            let Some(changed) = parked.clone().next_is_head() else { return Ok(Some(parked)) };
            if let Stored::Yes = self.store(&changed, None, now).await? {
                return Ok(Some(changed));
            }
        }
    }

    /// Lets the head go: it may be handled again. `false` when another is the head.
    ///
    /// # Errors
    /// Transient: the table could not be reached.
    pub async fn release(&self, key: &ParkedKey, id: &str, now: Timestamp) -> Result<bool, Failure> {
        self.change(key, now, |parked| parked.released(id)).await
    }

    /// Leaves a parked message out. `false` when it is not parked.
    ///
    /// # Errors
    /// Transient: the table could not be reached.
    pub async fn leave_out(&self, key: &ParkedKey, message_id: &str, now: Timestamp) -> Result<bool, Failure> {
        self.change(key, now, |parked| parked.left_out(message_id)).await
    }

    /// Skips a sequence of a parked key that never existed, and writes `record` of it into a table, both or neither. Says why
    /// not, where it did, or still may.
    ///
    /// # Errors
    /// Transient: a table could not be reached.
    pub async fn skip(
        &self,
        key: &ParkedKey,
        sequence: u64,
        (table, record): (&str, &Map<String, Value>),
    ) -> Result<Option<NotMissing>, Failure> {
        let record = Put::builder().table_name(table).set_item(Some(write::item(record))).build()?;
        let record = TransactWriteItem::builder().put(record).build();
        loop {
            let Some(parked) = self.look(key).await? else { return Ok(Some(NotMissing::NotParked)) };
            let changed = match parked.skipping(sequence) {
                Ok(changed) => changed,
                Err(why) => return Ok(Some(why)),
            };
            let items = vec![change(&self.table, &changed)?, record.clone()];
            if let Stored::Yes = self.transact(items).await? {
                return Ok(None);
            }
        }
    }

    async fn change(
        &self,
        key: &ParkedKey,
        now: Timestamp,
        change: impl Fn(Parked) -> Option<Parked>,
    ) -> Result<bool, Failure> {
        loop {
            let Some(changed) = self.look(key).await?.and_then(&change) else { return Ok(false) };
            if let Stored::Yes = self.store(&changed, None, now).await? {
                return Ok(true);
            }
        }
    }

    async fn store(&self, parked: &Parked, done: Option<&IdempotencyKey>, now: Timestamp) -> Result<Stored, Failure> {
        let mut items = vec![change(&self.table, parked)?];
        if let Some(done) = done {
            items.push(not_done(&self.table, done, now)?);
        }
        self.transact(items).await
    }

    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Stored, Failure> {
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
        match sent {
            Ok(_) => Ok(Stored::Yes),
            Err(SdkError::ServiceError(error)) if error.err().is_transaction_canceled_exception() => {
                match error.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        verdict(cancelled.cancellation_reasons())
                    }
                    error => Err(error.into()),
                }
            }
            Err(error) => Err(Failure::of_call(error)),
        }
    }
}

fn verdict(reasons: &[CancellationReason]) -> Result<Stored, Failure> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let codes: Vec<String> = reasons.iter().map(code).collect();
    match codes.iter().find(|code| !["None", "ConditionalCheckFailed"].contains(&code.as_str())) {
        Some(code) => Err(Failure::transient("contention", format!("the key could not be parked: {code}"))),
        None if codes.get(1).is_some_and(|code| code != "None") => Ok(Stored::Done),
        None => Ok(Stored::Changed),
    }
}

/// The row as it was read from DynamoDB.
pub(crate) fn read(item: std::collections::HashMap<String, AttributeValue>) -> Result<Parked, Failure> {
    serde_dynamo::from_item(item).map_err(|error| Failure::transient("malformed_row", format!("a parked key: {error}")))
}

/// Nothing is parked of this key: the condition of an event's transaction.
pub(crate) fn not_parked(table: &str, key: &ParkedKey) -> Result<TransactWriteItem, Failure> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .key("key", AttributeValue::S(key.row()))
        .condition_expression("attribute_not_exists(#key)")
        .expression_attribute_names("#key", "key")
        .return_values_on_condition_check_failure(OnFailure::AllOld);
    Ok(TransactWriteItem::builder().condition_check(check.build()?).build())
}

/// The next version of the row, or its end, if nobody changed it meanwhile.
pub(crate) fn change(table: &str, parked: &Parked) -> Result<TransactWriteItem, Failure> {
    let before = AttributeValue::N(parked.version.to_string());
    let item = TransactWriteItem::builder();
    if parked.is_over() {
        let delete = Delete::builder()
            .table_name(table)
            .key("key", AttributeValue::S(parked.row_key().to_owned()))
            .condition_expression("#version = :before")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":before", before)
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        return Ok(item.delete(delete.build()?).build());
    }
    let Value::Object(mut row) = serde_json::to_value(parked)? else {
        return Err(Failure::transient("malformed_row", "a parked key is no object"));
    };
    row.insert("version".to_owned(), (parked.version + 1).into());
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(write::item(&row)))
        .return_values_on_condition_check_failure(OnFailure::AllOld);
    let put = match parked.version {
        0 => put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", "key"),
        _ => put
            .condition_expression("#version = :before")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":before", before),
    };
    Ok(item.put(put.build()?).build())
}

fn not_done(table: &str, key: &IdempotencyKey, now: Timestamp) -> Result<TransactWriteItem, Failure> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .key("key", AttributeValue::S(key.to_string()))
        .condition_expression("attribute_not_exists(#key) OR expires_at < :now")
        .expression_attribute_names("#key", "key")
        .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()));
    Ok(TransactWriteItem::builder().condition_check(check.build()?).build())
}
