//! One invocation of a function, whatever started it.

use std::time::Duration;

use jiff::Timestamp;
use throughline_envelope::Ambient;

/// What Lambda says about an invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's id for it.
    pub request_id: String,
    /// When Lambda ends it.
    pub deadline: Timestamp,
    /// The ARN it was invoked by.
    pub function_arn: String,
    /// The version that runs: `$LATEST` or a number.
    pub function_version: String,
}

/// What is kept free before the deadline, to commit, to write journal lines and to answer.
const RESERVE: Duration = Duration::from_millis(400);

impl Invocation {
    /// The time a handler still has: what is left until the deadline, less a reserve for answering.
    pub fn time_left(&self, ambient: &Ambient) -> Duration {
        let left = Duration::try_from(self.deadline.duration_since(ambient.now())).unwrap_or_default();
        left.saturating_sub(RESERVE.min(left / 5))
    }
}
