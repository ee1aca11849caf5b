//! AWS SDK integrations: the operation as it is, with the names of members in Pascal case.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>

use serde_json::{Map, Value};
use throughline_states_language::TaskError;

use super::call::pascal;
use crate::cloud::{Cloud, Service};

/// `prefix` stands before the names of errors.
pub(super) async fn call(
    cloud: &Cloud,
    (service, prefix): (Service, &str),
    operation: &str,
    input: &Value,
) -> Result<Value, TaskError> {
    let lower = matches!(service, Service::StepFunctions | Service::Logs);
    let mut request = if lower { renamed(input, &camel) } else { input.clone() };
    if service == Service::StepFunctions {
        // Members that are text on the wire may be given as JSON.
        for name in ["input", "output"] {
            if let Some(value) = request.get_mut(name).filter(|value| !value.is_string()) {
                *value = Value::String(value.to_string());
            }
        }
    }
    // Boxed: a service that is called can start an execution in its turn.
    let answer = Box::pin(cloud.call(service, &pascal(operation), request)).await;
    match answer {
        Ok(response) if lower => Ok(dated(renamed(&response, &pascal))),
        Ok(response) => Ok(response),
        Err(error) => {
            let name = error.code.rsplit('.').next().unwrap_or(&error.code);
            let suffix = if name.ends_with("Exception") { "" } else { "Exception" };
            let cause = format!(
                "{} (Service: {prefix}, Status Code: {}, Request ID: {}) (SDK Attempt Count: 1)",
                error.message,
                error.status,
                cloud.uuid()
            );
            Err(TaskError { error: format!("{prefix}.{name}{suffix}"), cause: Some(cause) })
        }
    }
}

/// The members of the request or answer itself, renamed.
fn renamed(value: &Value, rename: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (rename(name), renamed(value, rename)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| renamed(item, rename)).collect()),
        other => other.clone(),
    }
}

fn camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}

/// Times, which are seconds on the wire, as RFC 3339 text.
fn dated(mut answer: Value) -> Value {
    for (name, value) in answer.as_object_mut().into_iter().flatten() {
        if name.ends_with("Date")
            && let Some(at) = value.as_f64().and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok())
            && let Ok(at) = jiff::Timestamp::from_duration(at)
        {
            *value = Value::String(format!("{at:.3}"));
        }
    }
    answer
}
