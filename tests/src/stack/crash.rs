//! Processes that die between their commit and what they send after it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use throughline_simulation::workflow::{Hook, Turn};

/// The operations that send what a commit wrote.
const SENDING: [&str; 3] = ["PutEvents", "SendMessage", "StartExecution"];

/// Which functions die when they next send something, once each.
#[derive(Debug, Default)]
pub(crate) struct Crashes(Mutex<BTreeSet<String>>);

impl Crashes {
    /// Lets `function` die when it next sends something.
    pub(crate) fn add(&self, function: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(function.to_owned());
    }

    fn take(&self, function: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(function)
    }

    /// The request that a process dies with is not sent.
    pub(super) fn hook(crashes: &Arc<Self>) -> Hook {
        let crashes = crashes.clone();
        Arc::new(move |call| match SENDING.contains(&call.operation) && crashes.take(call.function) {
            true => Turn::Crash,
            false => Turn::Pass,
        })
    }
}
