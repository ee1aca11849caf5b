//! SQS: batches with partial failures.
//!
//! ```text
//!  standard   every record on its own, several at once          FIFO   groups at once, a group in order
//!  ┌ a ─ handled ───────────────▶ acknowledged                  ┌ g1: a handled, b transient ─ c is held back
//!  ├ b ─ transient ─ visibility pushed out ─▶ reported          └ g2: d permanent ─ parked ─ e handled
//!  ├ c ─ permanent, poison ─ parked ─▶ acknowledged
//!  └ d ─ not started near the deadline ─▶ handed back
//! ```
//!
//! A group is worked on by the sequence of its events, whatever order they stand in. A function that parks in sequence lets `e` wait
//! behind `d`, in the dead-letter queue.
//!
//! Only the records that are reported come again:
//! [ReportBatchItemFailures](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).

mod arrived;
mod away;
mod careful;
mod gap;
mod give_up;
mod park;
mod record;
mod turns;
mod visibility;

#[cfg(test)]
mod tests;

use futures::StreamExt as _;
use futures::stream;
use serde_json::{Value, json};
use throughline_effects::World;
use throughline_telemetry::Metrics;

use crate::error::FunctionError;
use crate::function::Function;
use crate::handler::AnyHandler;
use crate::invocation::Invocation;
use crate::trigger::{Batch, Message};
use arrived::in_groups;
use record::{Ending, Job, Return};
use turns::Turns;

/// Records, or FIFO groups, of one batch that are worked on at once.
const AT_ONCE: usize = 10;

/// Runs a batch. Never fails: what becomes of a record is its own.
pub(crate) async fn run(
    function: &Function,
    handler: &dyn AnyHandler,
    world: &World,
    batch: Batch,
    invocation: &Invocation,
) -> Result<Value, FunctionError> {
    let turns = &Turns::default();
    let job = Job { function, handler, world, invocation, turns };
    let careful = batch.records.iter().any(|record| job.is_suspicious(record.delivery()));
    let at_once = if careful { 1 } else { AT_ONCE };
    let groups = stream::iter(in_groups(batch.records)).map(|group| job.group(group));
    let endings: Vec<Vec<(Message, Ending)>> = turns.of(groups.buffer_unordered(at_once).collect()).await;

    let mut metrics = Metrics::new(function.name());
    let mut returns = Vec::new();
    for (message, ending) in endings.into_iter().flatten() {
        ending.count(&mut metrics);
        if let Some(wait) = ending.returns() {
            returns.push(Return { message, wait });
        }
    }
    visibility::push_out(world, &returns).await;
    world.journal().metrics(&metrics);
    let failures: Vec<Value> = returns.iter().map(|r| json!({ "itemIdentifier": r.message.message_id })).collect();
    Ok(json!({ "batchItemFailures": failures }))
}
