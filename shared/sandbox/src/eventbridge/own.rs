//! Events that AWS services send themselves, to the default bus.
//! <https://docs.aws.amazon.com/eventbridge/latest/ref/events.html>

use serde_json::Value;

use super::{buses, event, routing};
use crate::cloud::Cloud;

/// Publishes the event that `detail` makes, if any rule could match it.
pub(crate) fn emit(
    cloud: &Cloud,
    (source, detail_type): (&str, &str),
    resources: Vec<String>,
    detail: impl FnOnce() -> Value,
) {
    let listened = {
        let state = cloud.eventbridge().state(cloud);
        let bus = state.buses.get(buses::DEFAULT);
        bus.is_some_and(|bus| bus.rules.values().any(|rule| rule.pattern.is_some()))
    };
    if !listened {
        return;
    }
    let envelope = event::Envelope {
        id: cloud.uuid().to_string(),
        detail_type,
        source,
        time: cloud.clock().now(),
        resources,
        detail: detail(),
    };
    let event = event::Event::new(cloud, envelope, None);
    routing::publish(cloud, buses::DEFAULT, &event, &[]);
}
