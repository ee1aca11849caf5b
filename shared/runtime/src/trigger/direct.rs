//! One event in, one answer out: commands, queries and saga steps.

use serde_json::{Value, json};
use throughline_effects::{Class, Failure, World};
use throughline_envelope::{Arrival, EnvelopeError};
use throughline_telemetry::Metrics;

use crate::attempt::{self, Attempt, Done, Lines, Source};
use crate::error::FunctionError;
use crate::function::Function;
use crate::handler::AnyHandler;
use crate::invocation::Invocation;

/// A command or a query: answers with the handler's response.
pub(crate) async fn command(
    function: &Function,
    handler: &dyn AnyHandler,
    world: &World,
    payload: Value,
    invocation: &Invocation,
) -> Result<Value, FunctionError> {
    let source = Source::direct("command", 1);
    let done = one(function, handler, world, invocation, source, Arrival::from_direct(payload)).await?;
    Ok(done.response.unwrap_or(Value::Null))
}

/// A saga step: answers with the outcome and the handler's response. The state machine does the retrying.
pub(crate) async fn saga_step(
    function: &Function,
    handler: &dyn AnyHandler,
    world: &World,
    payload: Value,
    invocation: &Invocation,
) -> Result<Value, FunctionError> {
    let arrival = Arrival::from_saga_step(payload);
    let attempt = arrival.as_ref().ok().and_then(|arrival| arrival.saga.as_ref()).map_or(1, |saga| saga.attempt + 1);
    let done = one(function, handler, world, invocation, Source::direct("saga_step", attempt), arrival).await?;
    let outcome = if done.duplicate { "duplicate" } else { "handled" };
    Ok(json!({ "outcome": outcome, "response": done.response }))
}

async fn one(
    function: &Function,
    handler: &dyn AnyHandler,
    world: &World,
    invocation: &Invocation,
    source: Source<'_>,
    arrival: Result<Arrival, EnvelopeError>,
) -> Result<Done, FunctionError> {
    let mut metrics = Metrics::new(function.name());
    let attempt_number = source.attempt;
    let result = match arrival {
        Ok(arrival) => {
            let lines = Lines::of_event(function, world, invocation, source, &arrival);
            lines.received();
            let key = attempt::key(function, &arrival);
            let attempt = Attempt { function, handler, world, invocation, arrival: &arrival, key, lines, place: None };
            let result = attempt.run().await;
            if let Err(failure) = &result {
                attempt.lines.failure(failure, attempt.key.as_str(), attempt_number, None);
            }
            attempt.lines.count(&mut metrics, &result);
            result
        }
        Err(error) => {
            let failure = Failure::poison(error.code(), error.to_string());
            let lines = Lines::of_nothing(function, world, invocation, source);
            lines.failure(&failure, "", attempt_number, None);
            let result = Err(failure);
            lines.count(&mut metrics, &result);
            result
        }
    };
    world.journal().metrics(&metrics);
    result.map_err(|failure| FunctionError::from(&failure))
}

/// The name of a failure's class, as the journal and parked messages have it.
pub(crate) fn class_name(class: &Class) -> &'static str {
    match class {
        Class::Transient { .. } => "transient",
        Class::Permanent => "permanent",
        _ => "poison",
    }
}
