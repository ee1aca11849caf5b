//! The functions that a client or a queue invokes.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use throughline_effects::{Failure, World, item};
use throughline_runtime::Invocation;

use super::recipe::{failed, idempotent, messages, number, text, tried};
use super::shop::{publish, put};
use throughline_runtime::Schedule as Payload;

/// The key of an event for a consumer.
fn key(world: &World, event: &Value) -> String {
    format!("{}|{}", world.function(), event["id"].as_str().unwrap_or_default())
}

pub(super) async fn place(world: World, call: Invocation, Payload(command): Payload) -> Result<Value, Failure> {
    let work = async {
        let mut order = command["data"].clone();
        let cost = |line: &Value| line["unit_price_cents"].as_u64().zip(line["quantity"].as_u64());
        let lines = order["lines"].as_array().into_iter().flatten();
        let costs: u64 = lines.filter_map(cost).map(|(price, quantity)| price * quantity).sum();
        if order["total_cents"] != json!(costs) {
            return Err(Failure::permanent("total_mismatch", "the lines cost something else"));
        }
        order["version"] = json!(1);
        order["status"] = json!("placed");
        put(&world, "orders", &order).await?;
        publish(&world, "orders.order.placed", &order).await?;
        Ok(json!({ "order_id": order["order_id"] }))
    };
    idempotent(&world, &key(&world, &command), call.deadline, work).await
}

pub(super) async fn start(world: World, call: Invocation, Payload(payload): Payload) -> Result<Value, Failure> {
    let mut again = Vec::new();
    for (id, event) in messages(&payload)? {
        let work = start_saga(&world, &event);
        if idempotent(&world, &key(&world, &event), call.deadline, work).await.is_err() {
            again.push(id);
        }
    }
    Ok(failed(&again))
}

async fn start_saga(world: &World, event: &Value) -> Result<Value, Failure> {
    let id = format!("saga_{}", event["id"].as_str().unwrap_or_default().trim_start_matches("evt_"));
    let mut order = event.clone();
    order["type"] = json!("orders.order.fulfil");
    order["data"]["amount_cents"] = event["data"]["total_cents"].clone();
    let input = json!({ "saga": { "id": id, "name": "fulfil-order" }, "event": order });
    let start = world.clients().sfn().start_execution().state_machine_arn(world.settings().saga("fulfil-order")?);
    let start = start.name(&id).input(input.to_string());
    tried(|| start.clone().send(), |_| false).await?;
    Ok(Value::Null)
}

pub(super) async fn notify(world: World, call: Invocation, Payload(payload): Payload) -> Result<Value, Failure> {
    let mut again = Vec::new();
    for (id, event) in messages(&payload)? {
        let work = tell(&world, &event);
        if idempotent(&world, &key(&world, &event), call.deadline, work).await.is_err() {
            again.push(id);
        }
    }
    Ok(failed(&again))
}

async fn tell(world: &World, event: &Value) -> Result<Value, Failure> {
    let id = format!("ntf_{}", world.ambient().uuid7());
    let text = format!("Your order is {}.", event["data"]["status"].as_str().unwrap_or_default());
    let notification = json!({ "notification_id": id, "order_id": event["data"]["order_id"], "text": text });
    put(world, "notifications", &notification).await?;
    Ok(Value::Null)
}

/// Of a FIFO queue, what comes behind a message that failed comes again, too.
pub(super) async fn project(world: World, call: Invocation, Payload(payload): Payload) -> Result<Value, Failure> {
    let mut again = Vec::new();
    for (id, event) in messages(&payload)? {
        let work = add_to_view(&world, &event);
        let held_back = !again.is_empty();
        if held_back || idempotent(&world, &key(&world, &event), call.deadline, work).await.is_err() {
            again.push(id);
        }
    }
    Ok(failed(&again))
}

async fn add_to_view(world: &World, event: &Value) -> Result<Value, Failure> {
    let order = &event["data"];
    let change = json!({ "change": { "sequence": order["version"], "status": order["status"] } });
    let change = change.as_object().map(item).unwrap_or_default();
    let update = world.clients().dynamodb().update_item().table_name(world.settings().table("order-views")?);
    let update = update
        .key("order_id", text(order["order_id"].as_str().unwrap_or_default()))
        .update_expression(
            "SET history = list_append(if_not_exists(history, :none), :changes), #status = :status, version = :version",
        )
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
        .expression_attribute_values(":changes", AttributeValue::L(change.into_values().collect()))
        .expression_attribute_values(":status", text(order["status"].as_str().unwrap_or_default()))
        .expression_attribute_values(":version", number(order["version"].as_i64().unwrap_or_default()));
    tried(|| update.clone().send(), |_| false).await?;
    Ok(Value::Null)
}
