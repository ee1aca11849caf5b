//! Sends what a crashed function left in the outbox.

use std::time::Duration;

use jiff::SignedDuration;
use throughline::effects::{Failure, Relay, RelayReport, World};
use throughline::prelude::Function;
use throughline::runtime::{Invocation, Schedule};

/// The setting with the age, in seconds, from which an unsent row is nobody else's business.
const AGE_SECONDS: &str = "THROUGHLINE_RELAY_AGE_SECONDS";
/// The age unless it is set: twice the timeout of the workflow's functions.
const DEFAULT_AGE_SECONDS: u64 = 60;
/// What is kept free before the deadline, to answer with a report.
const RESERVE: SignedDuration = SignedDuration::from_secs(1);

/// The function.
pub fn function() -> Function {
    Function::schedule("relay-outbox", relay)
}

/// Sends the unsent rows that no runner is still about to send, until the deadline is near. The next run does the rest.
async fn relay(world: World, invocation: Invocation, _: Schedule) -> Result<RelayReport, Failure> {
    let age = Duration::from_secs(world.settings().number(AGE_SECONDS)?.unwrap_or(DEFAULT_AGE_SECONDS));
    let deadline = invocation.deadline.checked_sub(RESERVE)?;
    let report = Relay::new(&world).run(age, deadline).await?;
    if report.failed > 0 {
        tracing::error!(sent = report.sent, failed = report.failed, "not everything could be relayed");
    }
    Ok(report)
}
