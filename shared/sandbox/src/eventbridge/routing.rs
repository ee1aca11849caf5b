//! From a bus to what its rules and archives match.

use super::event::Event;
use super::{archives, delivery};
use crate::cloud::Cloud;

/// Archives the event and starts its deliveries. With `only`, just the rules with these ARNs are looked at.
pub(super) fn publish(cloud: &Cloud, bus: &str, event: &Event, only: &[String]) {
    let mut state = cloud.eventbridge().state(cloud);
    let state = &mut *state;
    let Some(bus) = state.buses.get(bus) else { return };
    archives::keep(&mut state.archives, &bus.arn, event);
    for rule in bus.rules.values().filter(|rule| rule.is_enabled()) {
        let wanted = only.is_empty() || only.contains(&rule.arn);
        if wanted && rule.pattern.as_ref().is_some_and(|pattern| pattern.matches(&event.value)) {
            delivery::start(cloud, rule, event);
        }
    }
}
