//! `PutEvents`.

use serde_json::{Value, json};

use super::event::{Envelope, Event};
use super::input::Input;
use super::{errors, routing};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, TRACE_HEADER};

/// The most entries of a request.
const MOST: usize = 10;
/// How large all entries of a request may be together, in bytes: 1 MiB since January 2026, 256 KiB before.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>
const LARGEST: usize = 1_048_576;

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let entries: Vec<Input<'_>> = input.list("Entries").collect();
    check(&entries)?;
    let trace = input.optional(TRACE_HEADER);
    let results =
        entries.into_iter().map(|entry| accept(cloud, entry, trace).unwrap_or_else(|refusal| refusal.shown()));
    let results: Vec<Value> = results.collect();
    let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
    Ok(json!({ "FailedEntryCount": failed, "Entries": results }))
}

fn check(entries: &[Input<'_>]) -> Result<(), ServiceError> {
    let bound = match entries.len() {
        0 => "greater than or equal to 1",
        count if count > MOST => "less than or equal to 10",
        _ if entries.iter().map(|entry| size(*entry)).sum::<usize>() > LARGEST => {
            return Err(errors::validation("Total size of the entries in the request is over the limit."));
        }
        _ => return Ok(()),
    };
    let shown: Vec<String> = entries.iter().map(|entry| shown(*entry)).collect();
    let value = format!("'[{}]'", shown.join(", "));
    Err(errors::constraint(value, "entries", &format!("Member must have length {bound}")))
}

/// An entry as AWS's validation errors show it.
fn shown(entry: Input<'_>) -> String {
    let text = |member| entry.optional(member).unwrap_or("null").to_owned();
    let resources = entry.texts("Resources");
    let resources = if resources.is_empty() { "null".to_owned() } else { format!("[{}]", resources.join(", ")) };
    let time = entry.0.get("Time").map_or_else(|| "null".to_owned(), Value::to_string);
    format!(
        "PutEventsRequestEntry(time={time}, source={}, resources={resources}, detailType={}, detail={}, eventBusName={}, \
         traceHeader={}, kmsKeyIdentifier=null, internalMetadata=null)",
        text("Source"),
        text("DetailType"),
        text("Detail"),
        text("EventBusName"),
        text("TraceHeader"),
    )
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
fn size(entry: Input<'_>) -> usize {
    let text = |member| entry.optional(member).map_or(0, str::len);
    let time = if entry.0.get("Time").is_some() { 14 } else { 0 };
    time + text("Source")
        + text("DetailType")
        + text("Detail")
        + entry.texts("Resources").iter().map(String::len).sum::<usize>()
}

/// Why an entry is refused while others are not.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn missing(member: &str) -> Self {
        let message = format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
        Self { code: "InvalidArgument", message }
    }

    fn shown(self) -> Value {
        json!({ "ErrorCode": self.code, "ErrorMessage": self.message })
    }
}

/// An event for a bus that does not exist is accepted and goes nowhere, as on AWS.
fn accept(cloud: &Cloud, entry: Input<'_>, trace: Option<&str>) -> Result<Value, Refusal> {
    let required =
        |member| entry.optional(member).filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing(member));
    let source = required("Source")?;
    let detail_type = required("DetailType")?;
    let detail: Option<Value> = serde_json::from_str(required("Detail")?).ok();
    let malformed = || Refusal { code: "MalformedDetail", message: "Detail is malformed.".into() };
    let detail = detail.filter(Value::is_object).ok_or_else(malformed)?;
    if source.starts_with("aws.") {
        let message = "Not authorized for the source.".into();
        return Err(Refusal { code: "NotAuthorizedForSourceException", message });
    }
    let time = entry.time("Time").map_err(|error| Refusal { code: "InvalidArgument", message: error.message })?;
    let id = cloud.uuid().to_string();
    let envelope = Envelope {
        id: id.clone(),
        detail_type,
        source,
        time: time.unwrap_or_else(|| cloud.clock().now()),
        resources: entry.texts("Resources"),
        detail,
    };
    let event = Event::new(cloud, envelope, entry.optional("TraceHeader").or(trace));
    let bus = entry.optional("EventBusName").unwrap_or_default();
    // A bus's ARN may be of another account.
    let owner = if bus.starts_with("arn:") { &cloud.of_arn(bus) } else { cloud };
    routing::publish(owner, entry.bus(), &event, &[]);
    Ok(json!({ "EventId": id }))
}
