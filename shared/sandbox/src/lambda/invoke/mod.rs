//! `Invoke`: wait for the answer, hand over an event, or only ask whether one may.

mod asynchronous;
mod destination;
mod run;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::errors;
use super::limits::{ASYNC_REQUEST, REQUEST};
use super::names::Reference;
use crate::cloud::Cloud;
use crate::faults::Trigger;
use crate::wire::{Answer, ServiceError, set_member};

pub(super) use destination::{Source as RecordSource, queue_url, send as send_to_destination};
pub(super) use run::{Event, Outcome, run};

/// [Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). `Payload` is text. Beside AWS's members
/// `TraceHeader` is taken, which comes as an HTTP header.
pub(super) async fn invoke(cloud: &Cloud, input: &Value) -> Answer {
    let reference = Reference::from_input(cloud, input)?;
    let function = cloud.lambda().callee(cloud, &reference)?;
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let kind = text("InvocationType").unwrap_or("RequestResponse");
    let payload = payload(text("Payload"), kind)?;
    let event = Event {
        payload,
        request_id: cloud.uuid().to_string(),
        trace_id: text("TraceHeader").map(str::to_owned),
        client_context: text("ClientContext").and_then(decode),
        arn: qualified(&function.family.arn, reference.qualifier.as_deref()),
        trigger: if kind == "Event" { Trigger::Asynchronous } else { Trigger::Request },
    };
    match kind {
        "RequestResponse" => {
            let outcome = run(cloud, &function, event).await?;
            Ok(answer(&outcome, text("LogType") == Some("Tail")))
        }
        "Event" => {
            let request_id = event.request_id.clone();
            asynchronous::enqueue(cloud, reference.qualifier, &function, event);
            Ok(json!({ "StatusCode": 202, "Payload": "", "RequestId": request_id }))
        }
        "DryRun" => Ok(json!({ "StatusCode": 204, "Payload": "" })),
        other => Err(errors::validation(format!(
            "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy constraint: Member must \
             satisfy enum value set: [Event, RequestResponse, DryRun]"
        ))),
    }
}

/// The function's own ARN, whatever it was called by, as it was qualified.
fn qualified(arn: &str, qualifier: Option<&str>) -> String {
    qualifier.map_or_else(|| arn.to_owned(), |qualifier| format!("{arn}:{qualifier}"))
}

fn payload(text: Option<&str>, kind: &str) -> Result<String, ServiceError> {
    let limit = if kind == "Event" { ASYNC_REQUEST } else { REQUEST };
    let text = text.filter(|text| !text.is_empty()).unwrap_or("{}");
    if text.len() > limit {
        return Err(errors::too_large(text.len(), kind, limit));
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|e| errors::bad_payload(&e.to_string()))?;
    Ok(text.to_owned())
}

fn decode(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64).ok()?).ok()
}

fn answer(outcome: &Outcome, tail: bool) -> Value {
    let mut answer = json!({
        "StatusCode": 200,
        "ExecutedVersion": outcome.version,
        "Payload": outcome.payload,
        "RequestId": outcome.request_id,
    });
    if outcome.failed {
        set_member(&mut answer, "FunctionError", "Unhandled");
    }
    if tail {
        set_member(&mut answer, "LogResult", STANDARD.encode(&outcome.tail));
    }
    answer
}
