//! EventBridge: buses, rules, targets, schedules, archives and replays; connections and API destinations are only kept.
//!
//! `PutEvents` answers at once. What matches is decided at that moment; each delivery to a target is a task of its own,
//! with AWS's retries and dead letters. Deliveries start in the order of rules by name, and of targets as they were put. Schedules are tasks
//! that sleep on the cloud's clock. Disorder and duplicates are faults, and faults are injected elsewhere.

mod api_destinations;
mod archives;
mod buses;
mod connections;
mod dead_letters;
mod delivery;
mod entries;
mod errors;
mod event;
mod input;
pub(crate) mod own;
mod patterns;
mod permissions;
mod replays;
mod routing;
mod rules;
mod schedule;
mod send;
mod tags;
mod target;
mod targets;
#[cfg(test)]
mod tests;
mod ticking;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

use api_destinations::ApiDestination;
use archives::Archive;
use buses::Bus;
use connections::Connection;
use input::Input;
use replays::Replay;
use rules::Rule;

/// State of the service.
#[derive(Default)]
pub struct EventBridge {
    state: Mutex<State>,
    under_way: Arc<Mutex<UnderWay>>,
}

#[derive(Default)]
struct State {
    /// The default bus comes into being when it is first looked at.
    buses: BTreeMap<String, Bus>,
    archives: BTreeMap<String, Archive>,
    replays: BTreeMap<String, Replay>,
    connections: BTreeMap<String, Connection>,
    api_destinations: BTreeMap<String, ApiDestination>,
}

#[derive(Default)]
struct UnderWay {
    next: u64,
    what: BTreeMap<u64, String>,
}

/// Something that is under way for as long as this lives.
struct Pending {
    under_way: Arc<Mutex<UnderWay>>,
    key: u64,
}

impl Drop for Pending {
    fn drop(&mut self) {
        lock(&self.under_way).what.remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventBridge {
    /// Forgets everything. A schedule ends with its rule.
    pub(crate) fn reset(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).what.clear();
    }

    /// What is under way: a delivery, also one that waits for its next attempt, or a replay.
    pub(crate) fn pending(&self) -> Option<String> {
        let under_way = lock(&self.under_way);
        let first = under_way.what.values().next()?;
        Some(match under_way.what.len() {
            1 => first.clone(),
            count => format!("{first}, and {} more of EventBridge", count - 1),
        })
    }

    fn begin(&self, what: String) -> Pending {
        let mut under_way = lock(&self.under_way);
        let key = under_way.next;
        under_way.next += 1;
        under_way.what.insert(key, what);
        Pending { under_way: Arc::clone(&self.under_way), key }
    }

    fn state(&self, cloud: &Cloud) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        state.buses.entry(buses::DEFAULT.to_owned()).or_insert_with(|| Bus::new(cloud, buses::DEFAULT));
        state
    }
}

impl State {
    fn bus(&mut self, name: &str) -> Result<&mut Bus, ServiceError> {
        self.buses.get_mut(name).ok_or_else(|| errors::no_bus(name))
    }

    /// The rule that a request's `Rule` or `Name`, and its `EventBusName`, say.
    fn rule(&mut self, input: Input<'_>, member: &str) -> Result<&mut Rule, ServiceError> {
        let name = input.name(member, 64)?;
        let bus = input.bus();
        self.bus(bus)?.rules.get_mut(name).ok_or_else(|| errors::no_rule(name, bus))
    }
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let request = Input(&input);
    match operation {
        "PutEvents" => entries::put(cloud, request),
        "TestEventPattern" => patterns::test(request),
        "CreateEventBus" => buses::create(cloud, request),
        "DeleteEventBus" => buses::delete(cloud, request),
        "DescribeEventBus" => buses::describe(cloud, request),
        "UpdateEventBus" => buses::update(cloud, request),
        "PutPermission" => permissions::put(cloud, request),
        "RemovePermission" => permissions::remove(cloud, request),
        "ListEventBuses" => buses::list(cloud, request),
        "PutRule" => rules::put(cloud, request),
        "DeleteRule" => rules::delete(cloud, request),
        "DescribeRule" => rules::describe(cloud, request),
        "ListRules" => rules::list(cloud, request),
        "EnableRule" => rules::set_state(cloud, request, rules::ENABLED),
        "DisableRule" => rules::set_state(cloud, request, rules::DISABLED),
        "PutTargets" => targets::put(cloud, request),
        "RemoveTargets" => targets::remove(cloud, request),
        "ListTargetsByRule" => targets::list(cloud, request),
        "ListRuleNamesByTarget" => targets::list_rules(cloud, request),
        "CreateArchive" => archives::create(cloud, request),
        "UpdateArchive" => archives::update(cloud, request),
        "DeleteArchive" => archives::delete(cloud, request),
        "DescribeArchive" => archives::describe(cloud, request),
        "ListArchives" => archives::list(cloud, request),
        "StartReplay" => replays::start(cloud, request),
        "CancelReplay" => replays::cancel(cloud, request),
        "DescribeReplay" => replays::describe(cloud, request),
        "ListReplays" => replays::list(cloud, request),
        "CreateConnection" => connections::create(cloud, request),
        "UpdateConnection" => connections::update(cloud, request),
        "DeleteConnection" => connections::delete(cloud, request),
        "DeauthorizeConnection" => connections::deauthorize(cloud, request),
        "DescribeConnection" => connections::describe(cloud, request),
        "ListConnections" => connections::list(cloud, request),
        "CreateApiDestination" => api_destinations::create(cloud, request),
        "UpdateApiDestination" => api_destinations::update(cloud, request),
        "DeleteApiDestination" => api_destinations::delete(cloud, request),
        "DescribeApiDestination" => api_destinations::describe(cloud, request),
        "ListApiDestinations" => api_destinations::list(cloud, request),
        "TagResource" => tags::tag(cloud, request),
        "UntagResource" => tags::untag(cloud, request),
        "ListTagsForResource" => tags::list(cloud, request),
        _ => Err(ServiceError::unsupported(Service::EventBridge, operation)),
    }
}

impl fmt::Debug for EventBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBridge").field("buses", &lock(&self.state).buses.keys()).finish()
    }
}
