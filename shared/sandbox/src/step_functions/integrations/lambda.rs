//! [Lambda](https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html).

use serde_json::{Map, Value, json};
use throughline_states_language::TaskError;

use super::{failed, with_metadata};
use crate::cloud::{Cloud, Service};
use crate::wire::json_text;

/// A function's own ARN as the resource: the input is the payload, the payload is the result.
pub(super) async fn direct(cloud: &Cloud, arn: &str, input: &Value) -> Result<Value, TaskError> {
    let request = json!({
        "FunctionName": arn,
        "InvocationType": "RequestResponse",
        "Payload": json_text(input),
    });
    let response = call(cloud, request).await?;
    Ok(response.get("Payload").cloned().unwrap_or_default())
}

/// `arn:aws:states:::lambda:invoke`.
pub(super) async fn invoke(cloud: &Cloud, input: &Value) -> Result<Value, TaskError> {
    let payload = input.get("Payload");
    let others = input.as_object().into_iter().flatten().filter(|(name, _)| *name != "Payload");
    let mut request: Map<_, _> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !request.get("FunctionName").is_some_and(Value::is_string) {
        let cause = "The Parameters field must have a FunctionName that is a string".to_owned();
        return Err(TaskError { error: "States.Runtime".into(), cause: Some(cause) });
    }
    request.entry("InvocationType").or_insert("RequestResponse".into());
    // Text is the payload itself; other values are sent as JSON, and nothing as an empty object.
    let payload = match payload {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => json_text(other),
    };
    request.insert("Payload".into(), payload.into());
    let response = call(cloud, Value::Object(request)).await?;
    let mut kept = if let Value::Object(members) = response { members } else { Map::new() };
    kept.shift_remove("RequestId");
    Ok(with_metadata(cloud, Value::Object(kept)))
}

/// Invokes; the answer's payload is JSON, or text where it is not.
async fn call(cloud: &Cloud, request: Value) -> Result<Value, TaskError> {
    let answer = Box::pin(cloud.call(Service::Lambda, "Invoke", request)).await;
    let mut response = answer.map_err(|mut error| {
        // AWS's client asks for the unpublished version by its name.
        if error.message.starts_with("Function not found: ") && error.message.split(':').count() == 8 {
            error.message.push_str(":$LATEST");
        }
        failed(cloud, "Lambda", Service::Lambda, &error)
    })?;
    let payload = response.get("Payload").and_then(Value::as_str).unwrap_or_default().to_owned();
    if response.get("FunctionError").is_some_and(|error| !error.is_null()) {
        return Err(function_error(payload));
    }
    if let Some(place) = response.get_mut("Payload") {
        *place = serde_json::from_str(&payload).unwrap_or(Value::String(payload));
    }
    Ok(response)
}

/// `errorType` is the error's name, and the whole payload its cause.
fn function_error(payload: String) -> TaskError {
    let parsed: Value = serde_json::from_str(&payload).unwrap_or_default();
    // The cause is the payload as compact JSON.
    let payload = if parsed.is_null() { payload } else { parsed.to_string() };
    match parsed.get("errorType").and_then(Value::as_str).filter(|kind| !kind.is_empty()) {
        Some(kind) => TaskError { error: kind.to_owned(), cause: Some(payload) },
        None => {
            let cause = format!(
                "The cause could not be determined because Lambda did not return an error type. Returned payload: {payload}"
            );
            TaskError { error: "Lambda.Unknown".into(), cause: Some(cause) }
        }
    }
}
