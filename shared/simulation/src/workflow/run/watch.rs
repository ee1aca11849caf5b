//! Looking at what must always be true while workflows are under way and faults strike.

use std::time::Duration;

use tokio::time::Instant;

use super::boot::{STACK, World};
use super::{BrokenInvariant, RunError};
use crate::workflow::definition::{Broken, Workflow};
use crate::workflow::view::View;

/// When it is looked, in seconds after the first workflow of a round began: seldomer as less happens.
const LOOKS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 100];

/// Looks now and then, until something is broken that must never be. What was seen last comes back, for the next look to begin with.
pub(super) async fn watch(
    world: &World,
    workflow: &Workflow,
    began: Instant,
    before: View,
) -> Result<(View, Option<BrokenInvariant>), RunError> {
    let mut view = before;
    if workflow.always.is_empty() {
        return Ok((view, None));
    }
    for seconds in LOOKS {
        tokio::time::sleep_until(began + Duration::from_secs(seconds)).await;
        let read = View::of_tables(&world.cloud, STACK, &workflow.looked_at, view);
        view = read.map_err(|source| RunError::Cloud { what: "look at tables".into(), source })?;
        let broken = workflow.always.iter().find_map(|(name, check)| Some((name.clone(), check(&view).err()?)));
        if let Some((name, found)) = broken {
            let found = Broken::new(format!("{found} ({seconds} s after the round began)"));
            return Ok((view, Some(BrokenInvariant { name, found })));
        }
    }
    Ok((view, None))
}
