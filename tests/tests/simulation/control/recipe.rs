//! In progress, work, completed.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_effects::{Failure, World};

/// How long a completed record is kept.
const KEPT_SECONDS: i64 = 3_600;
/// Attempts of a call.
const ATTEMPTS: u64 = 3;

/// A call that is tried again: what the SDK does unless it is told not to.
pub(super) async fn tried<T, E, F: Future<Output = Result<T, E>>>(
    call: impl Fn() -> F,
    is_final: impl Fn(&E) -> bool,
) -> Result<T, E> {
    for attempt in 1..ATTEMPTS {
        match call().await {
            Err(error) if !is_final(&error) => tokio::time::sleep(Duration::from_millis(50 * attempt)).await,
            answer => return answer,
        }
    }
    call().await
}

/// Does `work` unless there is a record of it, which lasts until `deadline` while the work is in progress.
pub(super) async fn idempotent(
    world: &World,
    key: &str,
    deadline: Timestamp,
    work: impl Future<Output = Result<Value, Failure>>,
) -> Result<Value, Failure> {
    if let Some(record) = put_in_progress(world, key, deadline).await? {
        let done = record.get("status") == Some(&text("COMPLETED"));
        let data = record.get("data").and_then(|data| serde_json::from_str(data.as_s().ok()?).ok());
        return if done { Ok(data.unwrap_or_default()) } else { Err(Failure::transient("in_progress", key)) };
    }
    match work.await {
        Ok(response) => {
            complete(world, key, &response).await?;
            Ok(response)
        }
        Err(failure) => {
            let delete = world.clients().dynamodb().delete_item().table_name(table(world)?).key("key", text(key));
            tried(|| delete.clone().send(), |_| false).await?;
            Err(failure)
        }
    }
}

type Record = std::collections::HashMap<String, AttributeValue>;

/// The record that is there already, if there is one that still counts.
async fn put_in_progress(world: &World, key: &str, deadline: Timestamp) -> Result<Option<Record>, Failure> {
    let now = world.ambient().now();
    let put = world.clients().dynamodb().put_item().table_name(table(world)?);
    let put = put
        .item("key", text(key))
        .item("status", text("INPROGRESS"))
        .item("expires_at", number(now.as_second() + KEPT_SECONDS))
        .item("in_progress_until", number(deadline.as_millisecond()))
        .condition_expression(
            "attribute_not_exists(#key) OR expires_at < :now OR \
             (#status = :in_progress AND attribute_exists(in_progress_until) AND in_progress_until < :now_ms)",
        )
        .expression_attribute_names("#key", "key")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":in_progress", text("INPROGRESS"))
        .expression_attribute_values(":now", number(now.as_second()))
        .expression_attribute_values(":now_ms", number(now.as_millisecond()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let refused = |error: &aws_sdk_dynamodb::error::SdkError<aws_sdk_dynamodb::operation::put_item::PutItemError>| {
        error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception())
    };
    match tried(|| put.clone().send(), refused).await {
        Ok(_) => Ok(None),
        Err(error) => match error.into_service_error() {
            aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(found) => {
                Ok(Some(found.item.unwrap_or_default()))
            }
            error => Err(error.into()),
        },
    }
}

async fn complete(world: &World, key: &str, response: &Value) -> Result<(), Failure> {
    let expires = world.ambient().now().as_second() + KEPT_SECONDS;
    let update = world.clients().dynamodb().update_item().table_name(table(world)?).key("key", text(key));
    let update = update
        .update_expression("SET #status = :completed, #data = :data, expires_at = :expires")
        .expression_attribute_names("#status", "status")
        .expression_attribute_names("#data", "data")
        .expression_attribute_values(":completed", text("COMPLETED"))
        .expression_attribute_values(":data", text(&response.to_string()))
        .expression_attribute_values(":expires", number(expires));
    tried(|| update.clone().send(), |_| false).await?;
    Ok(())
}

/// The messages of a batch: id, and the event in it.
pub(super) fn messages(payload: &Value) -> Result<Vec<(Value, Value)>, Failure> {
    let records = payload["Records"].as_array().into_iter().flatten();
    let message = |record: &Value| {
        let mut body: Value = serde_json::from_str(record["body"].as_str().unwrap_or_default())?;
        let event = body.get_mut("detail").map(Value::take).unwrap_or(body);
        Ok((record["messageId"].clone(), event))
    };
    records.map(message).collect()
}

/// What failed of a batch, and comes again.
pub(super) fn failed(messages: &[Value]) -> Value {
    let failures = messages.iter().map(|id| json!({ "itemIdentifier": id }));
    json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
}

fn table(world: &World) -> Result<&str, Failure> {
    Ok(world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?)
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
