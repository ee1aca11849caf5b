//! Logging to CloudWatch Logs.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>

use serde_json::{Map, Value, json};
use throughline_states_language::HistoryEvent;

use super::errors;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// Which events of an execution are written to which log group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Logging {
    level: String,
    include_data: bool,
    /// As the request has them.
    destinations: Option<Value>,
}

impl Default for Logging {
    fn default() -> Self {
        Self { level: "OFF".into(), include_data: false, destinations: None }
    }
}

impl Logging {
    /// Checks a `loggingConfiguration`.
    pub(super) fn read(cloud: &Cloud, value: &Value) -> Result<Self, ServiceError> {
        let level = value.get("level").and_then(Value::as_str).unwrap_or("OFF").to_owned();
        if !matches!(level.as_str(), "ALL" | "ERROR" | "FATAL" | "OFF") {
            let set = "Member must satisfy enum value set: [ALL, FATAL, ERROR, OFF]";
            return Err(errors::constraint("loggingConfiguration.level", &level, set));
        }
        let include_data = value.get("includeExecutionData").and_then(Value::as_bool).unwrap_or(false);
        let destinations = value.get("destinations").filter(|destinations| !destinations.is_null()).cloned();
        let logging = Self { level, include_data, destinations };
        let count = logging.destinations.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
        if count > 1 || (count == 0 && logging.level != "OFF") {
            return Err(errors::invalid_logging("Must specify exactly one Log Destination."));
        }
        if logging.group().is_some_and(|group| !cloud.logs().has_group(group)) {
            return Err(errors::invalid_logging("Log Destination not found."));
        }
        Ok(logging)
    }

    /// As `DescribeStateMachine` shows it.
    pub(super) fn to_json(&self) -> Value {
        let mut shown = json!({"level": self.level, "includeExecutionData": self.include_data});
        if let (Some(destinations), Some(shown)) = (&self.destinations, shown.as_object_mut()) {
            shown.insert("destinations".into(), destinations.clone());
        }
        shown
    }

    fn group(&self) -> Option<&str> {
        let arn = self.destinations.as_ref()?.get(0)?.get("cloudWatchLogsLogGroup")?.get("logGroupArn")?.as_str()?;
        let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
        Some(name.strip_suffix(":*").unwrap_or(name))
    }

    /// Writes the line with which AWS tries out a new destination.
    pub(super) fn announce(&self, cloud: &Cloud) {
        if let Some(group) = self.group() {
            let stream = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";
            let line = "Permissions are set correctly for AWS CloudWatch Logs to write into your logs while creating a subscription.";
            cloud.logs().append(cloud, group, stream, vec![(cloud.clock().now_millis(), line.to_owned())]);
        }
    }

    /// Whether events of a type are logged.
    pub(super) fn includes(&self, kind: &str) -> bool {
        is_logged(&self.level, kind)
    }

    /// Writes the events that the level lets through.
    pub(super) fn write(&self, cloud: &Cloud, place: &Place<'_>, events: &[HistoryEvent]) {
        let Some(group) = self.group().filter(|group| cloud.logs().has_group(group)) else { return };
        let lines: Vec<(i64, String)> =
            events.iter().map(|event| (event.timestamp.as_millisecond(), self.line(place, event))).collect();
        cloud.logs().append(cloud, group, place.stream, lines);
    }

    fn line(&self, place: &Place<'_>, event: &HistoryEvent) -> String {
        let mut details = event.details.as_ref().map_or_else(Map::new, |(_, details)| details.clone());
        if !self.include_data {
            details.retain(|name, _| {
                let name = name.strip_suffix("Details").unwrap_or(name);
                !matches!(name, "input" | "output" | "parameters" | "assignedVariables")
            });
        }
        let line = json!({
            "id": event.id.to_string(),
            "type": event.kind,
            "details": details,
            "previous_event_id": event.previous_event_id.to_string(),
            "event_timestamp": event.timestamp.as_millisecond().to_string(),
            "execution_arn": place.execution_arn,
            "redrive_count": place.redrive_count.to_string(),
        });
        line.to_string()
    }
}

/// Where lines go and which execution they are of.
pub(super) struct Place<'a> {
    pub(super) stream: &'a str,
    pub(super) execution_arn: &'a str,
    pub(super) redrive_count: usize,
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level>
fn is_logged(level: &str, kind: &str) -> bool {
    let fatal = matches!(kind, "ExecutionFailed" | "ExecutionAborted" | "ExecutionTimedOut");
    match level {
        "ALL" => true,
        "ERROR" => {
            fatal
                || kind == "FailStateEntered"
                || ["Failed", "Aborted", "TimedOut"].iter().any(|end| kind.ends_with(end))
        }
        "FATAL" => fatal,
        _ => false,
    }
}
