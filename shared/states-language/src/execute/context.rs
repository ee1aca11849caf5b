//! The context object, `$$`.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::flow::{Run, Thread};

/// The part that changes while a state runs.
pub(super) struct Visit<'a> {
    pub(super) name: &'a str,
    pub(super) entered: Timestamp,
    /// Of states that can be retried.
    pub(super) retry_count: Option<u64>,
}

impl Run<'_> {
    pub(super) fn context(&self, thread: &Thread, visit: &Visit<'_>) -> Value {
        let mut context = json!({
            "Execution": {
                "Id": self.start.execution_arn,
                "Input": self.start.input,
                "Name": self.start.name,
                "RoleArn": self.start.role_arn,
                "StartTime": millis(self.started),
                "RedriveCount": self.start.redrive_count,
            },
            "State": {
                "EnteredTime": millis(visit.entered),
                "Name": visit.name,
            },
            "StateMachine": {"Id": self.start.state_machine_arn, "Name": self.start.state_machine_name},
        });
        if let (Some(count), Some(state)) = (visit.retry_count, context.get_mut("State").and_then(Value::as_object_mut))
        {
            state.insert("RetryCount".into(), count.into());
        }
        if let (Some(item), Some(object)) = (&thread.map_item, context.as_object_mut()) {
            object.insert("Map".into(), json!({"Item": item}));
        }
        context
    }
}

/// RFC 3339 with milliseconds, as AWS writes it.
pub(super) fn millis(at: Timestamp) -> String {
    format!("{at:.3}")
}
