//! An event as EventBridge hands it to targets.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::wire::set_member;

/// What is known of an event before it is one.
pub(super) struct Envelope<'a> {
    pub(super) id: String,
    pub(super) detail_type: &'a str,
    pub(super) source: &'a str,
    pub(super) time: Timestamp,
    pub(super) resources: Vec<String>,
    pub(super) detail: Value,
}

/// An event on its way. Cheap to clone.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) value: Arc<Value>,
    /// When EventBridge received it.
    pub(super) ingested: Timestamp,
    /// The X-Ray header it came with.
    pub(super) trace: Option<Arc<str>>,
}

impl Event {
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
    pub(super) fn new(cloud: &Cloud, envelope: Envelope<'_>, trace: Option<&str>) -> Self {
        let value = json!({
            "version": "0",
            "id": envelope.id,
            "detail-type": envelope.detail_type,
            "source": envelope.source,
            "account": cloud.account(),
            "time": time(envelope.time),
            "region": cloud.region(),
            "resources": envelope.resources,
            "detail": envelope.detail,
        });
        Self { value: Arc::new(value), ingested: cloud.clock().now(), trace: trace.map(Arc::from) }
    }

    /// The same event, sent again by a replay: it says so, and is otherwise as it was.
    pub(super) fn replayed(cloud: &Cloud, archived: &Value, replay: &str) -> Self {
        let mut fields = serde_json::Map::new();
        for (name, value) in archived.as_object().into_iter().flatten() {
            if name == "resources" {
                fields.insert("replay-name".into(), replay.into());
            }
            fields.insert(name.clone(), value.clone());
        }
        Self { value: Arc::new(fields.into()), ingested: cloud.clock().now(), trace: None }
    }

    /// The same event with a new id.
    pub(super) fn renamed(&self, cloud: &Cloud) -> Self {
        let mut value = Value::clone(&self.value);
        set_member(&mut value, "id", cloud.uuid().to_string());
        Self { value: Arc::new(value), ..self.clone() }
    }

    pub(super) fn id(&self) -> &str {
        self.value.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn is_replayed(&self) -> bool {
        self.value.get("replay-name").is_some()
    }
}

/// Event times have whole seconds.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
