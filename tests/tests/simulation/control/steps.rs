//! The steps of the saga and their compensations.

use serde_json::{Value, json};
use throughline_effects::{Failure, Outside, World};
use throughline_runtime::Invocation;

use super::recipe::idempotent;
use super::shop::{get, hold, publish, put};
use throughline_runtime::Schedule as Payload;

/// Runs a step once by saga, step and direction, and answers as the state machine expects.
async fn step(
    world: &World,
    invocation: &Invocation,
    input: &Value,
    work: impl Future<Output = Result<Value, Failure>>,
) -> Result<Value, Failure> {
    let saga = &input["saga"];
    let key = format!("{}|{}|{}", saga["id"], saga["step"], saga["direction"]);
    let response = idempotent(world, &key, invocation.deadline, work).await?;
    Ok(json!({ "outcome": "handled", "response": response }))
}

fn order_id(order: &Value) -> &str {
    order["order_id"].as_str().unwrap_or_default()
}

pub(super) async fn reserve(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        let reservation = json!({ "order_id": order["order_id"], "lines": order["lines"], "status": "reserved" });
        match hold(&world, &order["lines"], 1, &reservation).await? {
            true => Ok(Value::Null),
            false => Err(Failure::permanent("out_of_stock", "there is too little of it left")),
        }
    };
    step(&world, &call, &input, work).await
}

pub(super) async fn release(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        let held = get(&world, "reservations", "order_id", order_id(order)).await?;
        if let Some(mut held) = held.filter(|held| held["status"] == "reserved") {
            held["status"] = json!("released");
            hold(&world, &held["lines"], -1, &held).await?;
        }
        Ok(Value::Null)
    };
    step(&world, &call, &input, work).await
}

/// A request to the payment gateway with the saga's id as its key.
async fn ask(world: &World, path: &str, key: &Value, body: &Value) -> Result<Value, Failure> {
    let url = format!("{}/{path}", world.settings().text("PAYMENT_GATEWAY_URL")?);
    let outside = Outside::new(world).timeout(throughline_orders::gateway::TIMEOUT);
    let reply = outside.post(&url, &[("idempotency-key", key.as_str().unwrap_or_default())], body).await?;
    match reply.status {
        200 => reply.json(),
        402 => Err(Failure::permanent("card_declined", "the gateway declined")),
        status => Err(Failure::transient("gateway", format!("the gateway answered {status}"))),
    }
}

pub(super) async fn charge(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        let body = json!({
            "order_id": order["order_id"], "amount_cents": order["amount_cents"], "currency": order["currency"],
            "card": order["card"],
        });
        let charge = ask(&world, "charges", &input["saga"]["id"], &body).await?;
        let payment = json!({
            "order_id": order["order_id"], "payment_id": charge["payment_id"], "amount_cents": order["amount_cents"],
            "currency": order["currency"], "status": "charged",
        });
        put(&world, "payments", &payment).await?;
        let data = json!({ "order_id": order["order_id"], "payment_id": charge["payment_id"] });
        Ok(json!({ "type": "orders.payment.charged", "version": 1, "data": data }))
    };
    step(&world, &call, &input, work).await
}

pub(super) async fn refund(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        let paid = get(&world, "payments", "order_id", order_id(order)).await?;
        if let Some(mut paid) = paid.filter(|paid| paid["status"] == "charged") {
            ask(&world, "refunds", &input["saga"]["id"], &paid).await?;
            paid["status"] = json!("refunded");
            put(&world, "payments", &paid).await?;
        }
        Ok(Value::Null)
    };
    step(&world, &call, &input, work).await
}

pub(super) async fn ship(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        let id = format!("shp_{}", world.ambient().uuid7());
        let shipment = json!({ "order_id": order["order_id"], "shipment_id": id, "status": "created" });
        put(&world, "shipments", &shipment).await?;
        Ok(Value::Null)
    };
    step(&world, &call, &input, work).await
}

pub(super) async fn call_back(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let order = &input["event"]["data"];
    let work = async {
        if let Some(mut shipment) = get(&world, "shipments", "order_id", order_id(order)).await? {
            shipment["status"] = json!("cancelled");
            put(&world, "shipments", &shipment).await?;
        }
        Ok(Value::Null)
    };
    step(&world, &call, &input, work).await
}

pub(super) async fn complete(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let work = close(&world, &input, "completed", Value::Null);
    step(&world, &call, &input, work).await
}

pub(super) async fn cancel(world: World, call: Invocation, Payload(input): Payload) -> Result<Value, Failure> {
    let work = close(&world, &input, "cancelled", input["failure"]["Error"].clone());
    step(&world, &call, &input, work).await
}

/// The next version of the order, then the event that tells of it.
async fn close(world: &World, input: &Value, status: &str, reason: Value) -> Result<Value, Failure> {
    let id = order_id(&input["event"]["data"]);
    let order = get(world, "orders", "order_id", id).await?;
    let mut order = order.ok_or_else(|| Failure::permanent("order_not_found", id))?;
    if order["status"] != "placed" {
        return Err(Failure::permanent("order_closed", id));
    }
    order["status"] = json!(status);
    order["reason"] = reason;
    order["version"] = json!(order["version"].as_u64().unwrap_or_default() + 1);
    put(world, "orders", &order).await?;
    publish(world, &format!("orders.order.{status}"), &order).await?;
    Ok(Value::Null)
}
