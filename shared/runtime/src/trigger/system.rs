//! System functions: they work on the toolkit's own tables, are idempotent, and have no `Effects`.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::cloudwatch_logs::{LogData, LogsEvent};
use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use throughline_effects::{Failure, World};

use crate::error::FunctionError;
use crate::function::Function;
use crate::handler::AnySystemHandler;
use crate::invocation::Invocation;

/// A schedule's invocation. What the rule sent, as it is.
#[derive(Debug, Clone)]
pub struct Schedule(pub Value);

/// The log lines of one delivery of a subscription filter.
#[derive(Debug, Clone)]
pub struct Logs(pub LogData);

/// The changes of one batch of a table's stream, in order.
#[derive(Debug, Clone)]
pub struct Records(pub Vec<EventRecord>);

/// One message of a dead-letter queue or an on-failure destination.
#[derive(Debug, Clone)]
pub struct DeadLetter(pub SqsMessage);

type Handler<P> = dyn AnySystemHandler<P>;

pub(crate) async fn schedule(
    handler: &Handler<Schedule>,
    world: &World,
    payload: Value,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    guarded(handler.run(world.clone(), invocation, Schedule(payload))).await
}

pub(crate) async fn logs(
    handler: &Handler<Logs>,
    world: &World,
    payload: Value,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    // Its payload is read from text only: the type borrows from what it is read from.
    let event: LogsEvent = serde_json::from_str(&payload.to_string()).map_err(|e| unexpected(&e))?;
    guarded(handler.run(world.clone(), invocation, Logs(event.aws_logs.data))).await
}

/// A failure fails the batch: Lambda halves it and tries again, and gives up on what is left by the mapping's settings.
pub(crate) async fn stream(
    handler: &Handler<Records>,
    world: &World,
    payload: Value,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    let event: StreamEvent = parse(payload)?;
    guarded(handler.run(world.clone(), invocation, Records(event.records))).await?;
    Ok(json!({ "batchItemFailures": [] }))
}

/// Letter by letter: one that cannot be recorded comes again, its neighbours do not.
pub(crate) async fn dead_letters(
    function: &Function,
    handler: &Handler<DeadLetter>,
    world: &World,
    payload: Value,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    let batch: SqsEvent = parse(payload)?;
    let mut failures = Vec::new();
    for record in batch.records {
        let id = record.message_id.clone();
        if let Err(error) = guarded(handler.run(world.clone(), invocation.clone(), DeadLetter(record))).await {
            tracing::error!(function = function.name(), message_id = id, error = %error, "failed to record a dead letter");
            failures.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

fn parse<T: DeserializeOwned>(payload: Value) -> Result<T, FunctionError> {
    serde_json::from_value(payload).map_err(|e| unexpected(&e))
}

fn unexpected(error: &serde_json::Error) -> FunctionError {
    FunctionError { error_type: "Poison".into(), message: format!("unexpected_payload: {error}") }
}

async fn guarded(work: BoxFuture<'_, Result<Value, Failure>>) -> Result<Value, FunctionError> {
    let result = AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Failure::transient("panicked", "the system handler panicked")));
    result.map_err(|failure| FunctionError::from(&failure))
}
