//! Dead letters.

use throughline_simulation::workflow::{Broken, View};

use super::{check, text};

/// Every dead letter is in `failures` with function, code, cause and correlation id; nothing lies in a queue that only people read.
pub(super) fn have_reasons(view: &View) -> Result<(), Broken> {
    for failure in view.rows("failures") {
        let said =
            ["code", "cause", "function", "correlation_id"].iter().all(|member| !text(failure, member).is_empty());
        check(said && text(failure, "function") != "unknown", || format!("a dead letter without a reason: {failure}"))?;
    }
    for (queue, depth) in view.queues() {
        check(*depth == 0, || format!("{queue} holds {depth} messages"))?;
    }
    Ok(())
}
