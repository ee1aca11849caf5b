//! Rules that run by the clock.

use serde_json::json;
use tokio::task::AbortHandle;

use super::schedule::Schedule;
use super::{buses, delivery, event};
use crate::cloud::Cloud;

/// Runs the rule of the default bus whenever the schedule says, until the task is aborted or no time is left.
pub(super) fn start(cloud: &Cloud, rule: &str, schedule: Schedule) -> AbortHandle {
    let (cloud, rule) = (cloud.clone(), rule.to_owned());
    let started = cloud.clock().now();
    let task = async move {
        let mut last = started;
        while let Some(next) = schedule.next(started, last) {
            cloud.clock().sleep_until(next).await;
            last = next;
            run(&cloud, &rule, next);
        }
    };
    tokio::spawn(task).abort_handle()
}

fn run(cloud: &Cloud, name: &str, at: jiff::Timestamp) {
    let mut state = cloud.eventbridge().state(cloud);
    let Some(rule) = state.buses.get_mut(buses::DEFAULT).and_then(|bus| bus.rules.get(name)) else { return };
    let envelope = event::Envelope {
        id: cloud.uuid().to_string(),
        detail_type: "Scheduled Event",
        source: "aws.events",
        time: at,
        resources: vec![rule.arn.clone()],
        detail: json!({}),
    };
    let event = event::Event::new(cloud, envelope, None);
    delivery::start(cloud, rule, &event);
}
