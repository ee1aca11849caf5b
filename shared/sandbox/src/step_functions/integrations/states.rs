//! [Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html): an execution that
//! starts another.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use throughline_states_language::{JobPattern, Resource, ResourceKind, TaskError};

use super::super::execution::Execution;
use super::super::machines::seconds;
use super::{failed, with_metadata};
use crate::cloud::{Cloud, Service};

pub(super) async fn start(cloud: &Cloud, input: &Value) -> Result<Value, TaskError> {
    let mut request = Map::new();
    for (from, to) in [("StateMachineArn", "stateMachineArn"), ("Name", "name"), ("TraceHeader", "traceHeader")] {
        request.extend(input.get(from).map(|value| (to.to_owned(), value.clone())));
    }
    let text = match input.get("Input").filter(|input| !input.is_null()) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "{}".to_owned(),
    };
    request.insert("input".into(), text.into());
    let answer = Box::pin(cloud.call(Service::StepFunctions, "StartExecution", Value::Object(request))).await;
    let answer = answer.map_err(|error| failed(cloud, "StepFunctions", Service::StepFunctions, &error))?;
    let response = json!({"ExecutionArn": answer.get("executionArn"), "StartDate": millis(answer.get("startDate"))});
    Ok(with_metadata(cloud, response))
}

/// Waits for the execution's end. With `.sync` its input and output are text, with `.sync:2` they are JSON.
pub(super) async fn wait(cloud: &Cloud, resource: &Resource, response: &Value) -> Result<Value, TaskError> {
    let lost = || TaskError { error: "StepFunctions.ExecutionDoesNotExistException".into(), cause: None };
    let arn = response.get("ExecutionArn").and_then(Value::as_str).ok_or_else(lost)?;
    let execution = cloud.step_functions().state().executions.get(arn).map(Arc::clone).ok_or_else(lost)?;
    let child = StoppedWith { cloud, execution: &execution };
    execution.ended().await;
    drop(child);
    let parsed = matches!(resource.kind(), ResourceKind::Integration { pattern: JobPattern::Sync2, .. });
    let result = result(&execution.description(seconds(cloud.clock().now())), parsed);
    if execution.status() == "SUCCEEDED" {
        return Ok(result);
    }
    Err(TaskError { error: "States.TaskFailed".into(), cause: Some(result.to_string()) })
}

/// Stops the execution when nobody waits for it any more: the one that started it was stopped, or ran out of time.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync>
struct StoppedWith<'a> {
    cloud: &'a Cloud,
    execution: &'a Execution,
}

impl Drop for StoppedWith<'_> {
    fn drop(&mut self) {
        self.execution.abort(self.cloud, None, None);
    }
}

/// `DescribeExecution`'s answer with the names and values that tasks see.
fn result(description: &Value, parsed: bool) -> Value {
    let members = description.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| !name.starts_with("redrive")).map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("input" | "output", Value::String(text)) if parsed => serde_json::from_str(text).unwrap_or_default(),
            ("startDate" | "stopDate", value) => millis(Some(value)),
            ("inputDetails" | "outputDetails", _) => json!({"Included": true}),
            _ => value.clone(),
        };
        let mut chars = name.chars();
        (chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>(), value)
    });
    Value::Object(members.collect())
}

/// Seconds to milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
fn millis(seconds: Option<&Value>) -> Value {
    seconds.and_then(Value::as_f64).map_or(Value::Null, |seconds| ((seconds * 1000.0).round() as i64).into())
}
