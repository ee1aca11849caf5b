//! The same work as `batch` by hand: the same SDK clients, the same two writes a record in one transaction, and nothing else. No contract,
//! no journal, no metrics, no retries.

#[expect(dead_code, unreachable_pub, reason = "shared with the benchmark")]
#[path = "../benches/batch/mod.rs"]
mod batch;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use futures::stream::{self, StreamExt as _};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use throughline_effects::{Clients, Settings, https_connector};
use throughline_envelope::Ambient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let clients = Clients::new(&Settings::from_env(), &https_connector(), &Ambient::system())?;
    let clients = &clients;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        let records = stream::iter(event.payload.records).map(async |record| handle(clients, record).await);
        let failed: Vec<Option<String>> = records.buffer_unordered(10).collect().await;
        let failures: Vec<Value> = failed.into_iter().flatten().map(|id| json!({ "itemIdentifier": id })).collect();
        Ok::<_, Error>(json!({ "batchItemFailures": failures }))
    }))
    .await
}

/// Answers the message's id when it failed.
async fn handle(clients: &Clients, record: SqsMessage) -> Option<String> {
    match write(clients, record.body.as_deref().unwrap_or_default()).await {
        Ok(()) => None,
        Err(_) => record.message_id,
    }
}

async fn write(clients: &Clients, body: &str) -> Result<(), Error> {
    let event: Value = serde_json::from_str(body)?;
    let placed: batch::Placed = serde_json::from_value(event.pointer("/detail/data").cloned().unwrap_or_default())?;
    let id = event.pointer("/detail/id").and_then(Value::as_str).unwrap_or_default();
    let transact = clients.dynamodb().transact_write_items();
    transact
        .transact_items(put("bench-idempotency", "key", id)?)
        .transact_items(put("bench-notices", "order_id", &placed.order_id)?)
        .send()
        .await?;
    Ok(())
}

fn put(table: &str, key: &str, value: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder().table_name(table).item(key, AttributeValue::S(value.to_owned()));
    let put = put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", key);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}
