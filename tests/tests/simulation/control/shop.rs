//! Reading, writing, publishing.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};
use throughline_effects::{Failure, World, item};

use super::recipe::{number, text, tried};

/// A row of a table, if there is one.
pub(super) async fn get(world: &World, table: &str, key: &str, id: &str) -> Result<Option<Value>, Failure> {
    let get = world.clients().dynamodb().get_item().table_name(world.settings().table(table)?);
    let get = get.key(key, text(id)).consistent_read(true);
    let answer = tried(|| get.clone().send(), |_| false).await?;
    answer.item.map(|item| serde_dynamo::from_item(item).map_err(Failure::from)).transpose()
}

/// Writes a row, whatever was there.
pub(super) async fn put(world: &World, table: &str, row: &Value) -> Result<(), Failure> {
    let put = world.clients().dynamodb().put_item().table_name(world.settings().table(table)?);
    let put = put.set_item(row.as_object().map(item));
    tried(|| put.clone().send(), |_| false).await?;
    Ok(())
}

/// Takes lines out of stock, or gives them back, and writes what the order holds: all of it or nothing. Answers whether there was
/// enough.
pub(super) async fn hold(world: &World, lines: &Value, sign: i64, reservation: &Value) -> Result<bool, Failure> {
    let mut items = Vec::new();
    for line in lines.as_array().into_iter().flatten() {
        let quantity = line["quantity"].as_i64().unwrap_or_default();
        let update = Update::builder()
            .table_name(world.settings().table("stock")?)
            .key("sku", text(line["sku"].as_str().unwrap_or_default()))
            .update_expression("ADD available :taken, reserved :held")
            .condition_expression("available >= :wanted")
            .expression_attribute_values(":taken", number(-sign * quantity))
            .expression_attribute_values(":held", number(sign * quantity))
            .expression_attribute_values(":wanted", number(if sign > 0 { quantity } else { 0 }));
        items.push(TransactWriteItem::builder().update(update.build()?).build());
    }
    let put = Put::builder().table_name(world.settings().table("reservations")?);
    let put = put.set_item(reservation.as_object().map(item));
    items.push(TransactWriteItem::builder().put(put.build()?).build());
    let write = world.clients().dynamodb().transact_write_items().set_transact_items(Some(items));
    let write = write.client_request_token(world.ambient().uuid7().to_string());
    let refused = |error: &dyn std::fmt::Debug| format!("{error:?}").contains("ConditionalCheckFailed");
    match tried(|| write.clone().send(), |error| refused(error)).await {
        Ok(_) => Ok(true),
        Err(error) if refused(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Publishes an event about an order, after its write: to the bus and to the ordered queue.
pub(super) async fn publish(world: &World, kind: &str, order: &Value) -> Result<(), Failure> {
    let id = order["order_id"].as_str().unwrap_or_default();
    let event_id = format!("evt_{}", world.ambient().uuid7());
    let event = json!({
        "specversion": "1.0", "id": event_id, "source": "orders", "type": kind, "subject": id, "partitionkey": id,
        "time": world.ambient().now().to_string(), "sequence": format!("{:020}", order["version"].as_u64().unwrap_or_default()),
        "data": order,
    });
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(world.settings().text("THROUGHLINE_BUS")?)
        .source("orders")
        .detail_type(kind)
        .detail(event.to_string())
        .build();
    let put = world.clients().events().put_events().entries(entry);
    let answer = tried(|| put.clone().send(), |_| false).await?;
    if answer.failed_entry_count() > 0 {
        return Err(Failure::transient("not_published", "the bus did not take the event"));
    }
    for url in world.settings().ordered_queues() {
        let send = world.clients().sqs().send_message().queue_url(url).message_body(event.to_string());
        let send = send.message_group_id(id).message_deduplication_id(&event_id);
        tried(|| send.clone().send(), |_| false).await?;
    }
    Ok(())
}
