//! Event buses.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use serde_json::{Value, json};
use throughline_conformance::Account;

use super::queues::{Queue, queue};

/// A bus of a case.
#[derive(Clone)]
pub(crate) struct Bus {
    pub(crate) events: Client,
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// A custom bus.
pub(crate) async fn bus(t: &Account) -> Bus {
    let name = t.name("bus");
    let arn = t.events.create_event_bus().name(&name).send().await.unwrap().event_bus_arn.unwrap();
    t.at_end(t.events.delete_event_bus().name(&name).send());
    Bus { events: t.events.clone(), name, arn }
}

/// A queue that EventBridge may send to
/// ([permissions](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions)).
pub(crate) async fn target_queue(t: &Account, label: &str) -> Queue {
    let queue = queue(t, label, &[]).await;
    allow_events(&queue).await;
    queue
}

/// Lets EventBridge send to a queue.
pub(crate) async fn allow_events(queue: &Queue) {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
        }],
    });
    queue.set("Policy", &policy.to_string()).await;
}

impl Bus {
    /// A rule with targets.
    pub(crate) async fn rule(&self, t: &Account, label: &str, pattern: Value, targets: Vec<Target>) -> String {
        let name = t.name(label);
        let request = self.events.put_rule().name(&name).event_bus_name(&self.name);
        let arn = request.event_pattern(pattern.to_string()).send().await.unwrap().rule_arn.unwrap();
        t.at_end(self.events.delete_rule().name(&name).event_bus_name(&self.name).send());
        let ids: Vec<String> = targets.iter().map(|target| target.id().to_owned()).collect();
        if ids.is_empty() {
            return arn;
        }
        let request = self.events.put_targets().rule(&name).event_bus_name(&self.name).set_targets(Some(targets));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.failed_entry_count(), 0, "{answer:?}");
        t.at_end(self.events.remove_targets().rule(&name).event_bus_name(&self.name).set_ids(Some(ids)).send());
        arn
    }

    /// A rule for events of `source` that sends them to a queue.
    pub(crate) async fn rule_to(&self, t: &Account, source: &str, queue: &Queue) -> String {
        self.rule(t, "rule", json!({ "source": [source] }), vec![target("queue", &queue.arn)]).await
    }

    /// An event for this bus.
    pub(crate) fn entry(&self, source: &str, detail: Value) -> PutEventsRequestEntry {
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.name).source(source);
        entry.detail_type("Something happened").detail(detail.to_string()).build()
    }

    /// Publishes an event; answers its id.
    pub(crate) async fn put(&self, source: &str, detail: Value) -> String {
        let answer = self.events.put_events().entries(self.entry(source, detail)).send().await.unwrap();
        assert_eq!(answer.failed_entry_count(), 0, "{answer:?}");
        answer.entries()[0].event_id().unwrap().to_owned()
    }
}

/// A target.
pub(crate) fn target(id: &str, arn: &str) -> Target {
    Target::builder().id(id).arn(arn).build().unwrap()
}
