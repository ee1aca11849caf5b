//! Waiting until nothing is under way.

use std::time::Duration;

use tokio::time::Instant;

use super::RunError;
use super::boot::{STACK, World};
use crate::workflow::view::Reader;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at an outbox that the relay has to empty.
const RELAY: Duration = Duration::from_secs(30);
/// How long everything may take to come to rest: a saga that is past its pivot tries for a day.
const LIMIT: Duration = Duration::from_secs(26 * 3_600);

/// Waits until nothing is under way and the outbox is empty; what is still there when there is no end to it.
pub(super) async fn calm(world: &World) -> Result<Option<String>, RunError> {
    let end = Instant::now() + LIMIT;
    let mut calm = 0;
    while calm < 3 {
        let (left, wait) = match world.cloud.pending().or_else(|| world.host.pending()) {
            Some(what) => (Some(what), LOOK),
            None if calm == 2 => (unsent(world).await?, RELAY),
            None => (None, LOOK),
        };
        calm = if left.is_some() { 0 } else { calm + 1 };
        if left.is_some() && Instant::now() >= end {
            return Ok(left);
        }
        if calm < 3 {
            tokio::time::sleep(if left.is_some() { wait } else { LOOK }).await;
        }
    }
    Ok(None)
}

async fn unsent(world: &World) -> Result<Option<String>, RunError> {
    let Some(table) = &world.outbox else { return Ok(None) };
    let unsent = Reader { cloud: &world.cloud, stack: STACK }.unsent(table).await;
    let unsent = unsent.map_err(|source| RunError::Cloud { what: "read the outbox".into(), source })?;
    Ok((unsent > 0).then(|| format!("{unsent} rows of the outbox that are not sent")))
}
