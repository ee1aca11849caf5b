//! Sending samples.

use std::io::Read as _;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::Blob;
use serde::Serialize;
use serde_json::Value;
use throughline_contracts::Kind;
use throughline_envelope::RawEvent;

use crate::args::{Send, Target};
use crate::aws::Aws;
use crate::error::{CliError, Exit};
use crate::output;

/// What was sent, and what was answered.
#[derive(Debug, Serialize)]
pub(crate) struct Sent {
    /// Where it went: a function, the bus, a queue.
    pub(crate) to: String,
    /// The event's id; SQS's for what is not an event.
    pub(crate) id: String,
    /// The workflow, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correlation_id: Option<String>,
    /// A command's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Value>,
}

/// Runs the command.
pub(crate) async fn run(options: Send, target: &Target) -> Result<(), CliError> {
    let aws = Aws::new(target).await;
    let text = read(&options)?;
    for _ in 0..options.times {
        let sent = match &options.queue {
            Some(queue) => raw(&aws, queue, &text).await?,
            None => sample(&aws, &text).await?,
        };
        if options.json {
            output::json(&sent);
            continue;
        }
        // A message that was sent as it is may be no event: it has no workflow to follow until a function has read it.
        let next = match &sent.correlation_id {
            Some(id) => format!("follow it: throughline trace {id}"),
            None => format!("if it cannot be handled: throughline trace {}", sent.id),
        };
        output::line(&format!("{} → {}   {next}", sent.id, sent.to));
        if let Some(answer) = sent.answer {
            output::line(&answer.to_string());
        }
    }
    Ok(())
}

fn read(options: &Send) -> Result<String, CliError> {
    let path = &options.sample;
    let result = if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    result.map_err(|error| {
        let message = format!("failed to read {}: {error}", path.display());
        CliError::new(Exit::NotFound, "sample_unreadable", message, "Samples lie in events/<type>/samples/.")
    })
}

/// Sends a sample by its contract: a command to its function, an event to the bus.
pub(crate) async fn sample(aws: &Aws, text: &str) -> Result<Sent, CliError> {
    let help = "Mend the sample; events/<type>/ has its schema. To send it all the same, name a queue with --queue.";
    let value: Value = serde_json::from_str(text)
        .map_err(|error| CliError::failed("sample_broken", format!("the sample is not JSON: {error}"), help))?;
    let event = RawEvent::from_json(value)
        .map_err(|error| CliError::failed("sample_broken", format!("the sample is not an event: {error}"), help))?;
    let registry = throughline_orders::registry();
    registry.validate(&event).map_err(|error| CliError::failed("sample_broken", error.to_string(), help))?;
    let kind = registry.get(&event.event_type).map(|entry| entry.info().kind);
    match kind {
        Some(Kind::Command) => command(aws, &event).await,
        _ => publish(aws, &event).await,
    }
}

/// Invokes the function of a command: `orders.place-order` is `place-order`.
async fn command(aws: &Aws, event: &RawEvent) -> Result<Sent, CliError> {
    let function = event.event_type.rsplit('.').next().unwrap_or(&event.event_type);
    let payload = Blob::new(event.to_json().to_string());
    let request = aws.lambda().invoke().function_name(aws.name(function)).payload(payload);
    let answer = request.send().await.map_err(|e| CliError::aws(&format!("failed to invoke {function}"), &e))?;
    let body: Value =
        answer.payload().map(|blob| serde_json::from_slice(blob.as_ref()).unwrap_or_default()).unwrap_or_default();
    if answer.function_error().is_some() {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let message = format!("{function} refused the command: {} {}", text("errorType"), text("errorMessage"));
        return Err(CliError::failed(
            "command_refused",
            message,
            format!("See it with `throughline trace {}`.", event.correlation_id),
        ));
    }
    Ok(Sent {
        to: function.to_owned(),
        id: event.id.to_string(),
        correlation_id: Some(event.correlation_id.to_string()),
        answer: Some(body),
    })
}

async fn publish(aws: &Aws, event: &RawEvent) -> Result<Sent, CliError> {
    let bus = aws.name("events");
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(&bus)
        .source(&event.source)
        .detail_type(&event.event_type)
        .detail(event.to_json().to_string())
        .build();
    let answer = aws.events().put_events().entries(entry).send().await;
    let answer = answer.map_err(|e| CliError::aws(&format!("failed to publish to {bus}"), &e))?;
    if let Some(refused) = answer.entries().iter().find(|entry| entry.error_code().is_some()) {
        let message = format!("{bus} refused the event: {}", refused.error_message().unwrap_or("no message"));
        return Err(CliError::new(
            Exit::Aws,
            "not_published",
            message,
            "Does the bus exist? See `throughline queues` for what does.",
        ));
    }
    Ok(Sent { to: bus, id: event.id.to_string(), correlation_id: Some(event.correlation_id.to_string()), answer: None })
}

/// Sends any text into a queue.
pub(crate) async fn raw(aws: &Aws, queue: &str, text: &str) -> Result<Sent, CliError> {
    let name = aws.name(queue);
    let sqs = aws.sqs();
    let url = sqs.get_queue_url().queue_name(&name).send().await;
    let url =
        url.map_err(|e| CliError::aws(&format!("failed to find the queue {name}"), &e))?.queue_url.unwrap_or_default();
    let mut message = sqs.send_message().queue_url(url).message_body(text);
    if name.ends_with(".fifo") {
        let id = format!("sent-{}", throughline_envelope::Ambient::system().uuid7());
        message = message.message_group_id("sent-by-hand").message_deduplication_id(id);
    }
    let sent = message.send().await.map_err(|e| CliError::aws(&format!("failed to send to {name}"), &e))?;
    Ok(Sent { to: name, id: sent.message_id.unwrap_or_default(), correlation_id: None, answer: None })
}
