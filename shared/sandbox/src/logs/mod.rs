//! CloudWatch Logs: groups, streams, filters, and subscriptions that call functions.

mod append;
mod delivery;
mod groups;
mod input;
mod pattern;
mod policies;
mod read;
mod streams;
mod subscriptions;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// How many lines a slow listener may be behind before it misses some.
const TAIL: usize = 8192;

/// A line as it was written to a log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The log group.
    pub group: String,
    /// The log stream.
    pub stream: String,
    /// The event's timestamp.
    pub time: Timestamp,
    /// The text, without the line's end.
    pub message: String,
}

/// State of the service.
pub struct Logs {
    state: Mutex<State>,
    tail: broadcast::Sender<LogLine>,
}

#[derive(Default)]
struct State {
    groups: BTreeMap<String, groups::Group>,
    policies: BTreeMap<String, policies::Policy>,
    events: u64,
    batches: BTreeMap<delivery::Key, delivery::Batch>,
    delivering: BTreeMap<u64, String>,
}

impl Default for Logs {
    fn default() -> Self {
        Self { state: Mutex::default(), tail: broadcast::channel(TAIL).0 }
    }
}

impl Logs {
    /// Forgets everything but who listens.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
    }

    /// Lines from now on, of all groups, as they are written.
    pub fn tail(&self) -> broadcast::Receiver<LogLine> {
        self.tail.subscribe()
    }

    /// Whether there is a group of this name.
    pub(crate) fn has_group(&self, name: &str) -> bool {
        self.state().groups.contains_key(name)
    }

    /// What is under way.
    pub(crate) fn pending(&self) -> Option<String> {
        let state = self.state();
        let waiting = state.batches.keys().next().map(|key| format!("log lines for {}", key.destination));
        waiting.or_else(|| state.delivering.values().next().map(|to| format!("log lines for {to}")))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn group(&mut self, name: &str) -> Result<&mut groups::Group, ServiceError> {
        let missing = || ServiceError::new("ResourceNotFoundException", "The specified log group does not exist.");
        self.groups.get_mut(name).ok_or_else(missing)
    }
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let input = input::Input(&input);
    match operation {
        "CreateLogGroup" => groups::create(cloud, input),
        "DeleteLogGroup" => groups::delete(cloud, input),
        "DescribeLogGroups" => groups::describe(cloud, input),
        "ListLogGroups" => groups::list(cloud, input),
        "PutRetentionPolicy" => groups::retain(cloud, input),
        "DeleteRetentionPolicy" => groups::retain_forever(cloud, input),
        "CreateLogStream" => streams::create(cloud, input),
        "DeleteLogStream" => streams::delete(cloud, input),
        "DescribeLogStreams" => streams::describe(cloud, input),
        "PutLogEvents" => append::put(cloud, input),
        "GetLogEvents" => read::get(cloud, input),
        "FilterLogEvents" => read::filter(cloud, input),
        "PutResourcePolicy" => policies::put(cloud, input),
        "DeleteResourcePolicy" => policies::delete(cloud, input),
        "DescribeResourcePolicies" => policies::describe(cloud),
        "PutSubscriptionFilter" => subscriptions::put(cloud, input),
        "DescribeSubscriptionFilters" => subscriptions::describe(cloud, input),
        "DeleteSubscriptionFilter" => subscriptions::delete(cloud, input),
        "TagResource" | "TagLogGroup" => tags::tag(cloud, input),
        "UntagResource" | "UntagLogGroup" => tags::untag(cloud, input),
        "ListTagsForResource" | "ListTagsLogGroup" => tags::list(cloud, input),
        _ => Err(ServiceError::unsupported(Service::Logs, operation)),
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("groups", &self.state().groups.keys()).finish()
    }
}
