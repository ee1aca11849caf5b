//! Asynchronous invocation
//! ([how Lambda handles errors and retries](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::destination::{self, Source};
use super::run::{Event, Outcome, run, trace_id};
use crate::cloud::Cloud;
use crate::faults::{Delivery, DeliveryFault, Hop};
use crate::lambda::errors;
use crate::lambda::family::LATEST;
use crate::lambda::function::Function;
use crate::lambda::limits::EVENT_AGE;
use crate::lambda::report::time;
use crate::wire::{ServiceError, set_member};

/// The waits before the first and the second retry after a function error.
const WAITS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// The longest wait after throttling, or after Lambda itself failed.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Takes an event over: it is run, retried, and recorded at a destination.
pub(super) fn enqueue(cloud: &Cloud, qualifier: Option<String>, function: &Arc<Function>, mut event: Event) {
    // All attempts, and the record of them, are of one trace.
    event.trace_id.get_or_insert_with(|| trace_id(cloud));
    let mark = cloud.lambda().under_way().enter(format!("asynchronous event of {}", function.name()));
    let (cloud, function) = (cloud.clone(), function.clone());
    let lambda = cloud.clone();
    lambda.lambda().tasks().start(async move {
        let qualifier = qualifier.unwrap_or_else(|| LATEST.to_owned());
        let attempts = Attempts { cloud, function, qualifier, event, begun: Instant::now() };
        attempts.deliver().await;
        drop(mark);
    });
}

#[derive(Clone)]
struct Attempts {
    cloud: Cloud,
    function: Arc<Function>,
    qualifier: String,
    event: Event,
    begun: Instant,
}

/// Why an event is given up.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    /// With a reservation of zero nothing is ever tried.
    ZeroReservedConcurrency,
}

impl Condition {
    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
            Self::ZeroReservedConcurrency => "ZeroReservedConcurrency",
        }
    }
}

impl Attempts {
    /// Takes the event from the queue to the function, as often as it comes.
    async fn deliver(self) {
        let arn = self.arn();
        let fault = self.cloud.delivery_fault(|at| Delivery {
            hop: Hop::Asynchronous,
            from: &self.function.family.arn,
            to: &arn,
            id: &self.event.request_id,
            group: None,
            payload: &self.event.payload,
            at,
        });
        match fault {
            Some(DeliveryFault::Twice { after }) => {
                let again = self.clone();
                let again = async move {
                    tokio::time::sleep(after).await;
                    again.run().await;
                };
                tokio::join!(biased; self.run(), again);
            }
            Some(DeliveryFault::Late(time)) => {
                tokio::time::sleep(time).await;
                self.run().await;
            }
            None => self.run().await,
        }
    }

    async fn run(self) {
        let mut invocations = 0;
        let mut failures = 0;
        let mut throttles = 0;
        loop {
            let settings = self.function.family.event_invoke(&self.qualifier);
            let retries = settings.maximum_retry_attempts.unwrap_or(2);
            let age = settings.maximum_event_age.unwrap_or(EVENT_AGE);
            let (wait, outcome) = match run(&self.cloud, &self.function, self.event.clone()).await {
                Ok(outcome) if !outcome.failed => {
                    return self.finish(Condition::Success, invocations + 1, Some(&outcome)).await;
                }
                Ok(outcome) => {
                    invocations += 1;
                    failures += 1;
                    if failures > retries {
                        return self.finish(Condition::RetriesExhausted, invocations, Some(&outcome)).await;
                    }
                    (wait_after_error(failures), Some(outcome))
                }
                Err(_) if self.function.family.reserved() == Some(0) => {
                    return self.finish(Condition::ZeroReservedConcurrency, invocations, None).await;
                }
                Err(error) => {
                    throttles += 1;
                    if !errors::is_passing(&error) {
                        return self.given_up(&error);
                    }
                    (wait_after_throttling(throttles), None)
                }
            };
            if self.begun.elapsed() + wait > age {
                return self.finish(Condition::EventAgeExceeded, invocations, outcome.as_ref()).await;
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn arn(&self) -> String {
        format!("{}:{}", self.function.family.arn, self.qualifier)
    }

    fn given_up(&self, error: &ServiceError) {
        tracing::error!(function = self.function.name(), %error, "an asynchronous event was given up");
    }

    async fn finish(&self, condition: Condition, invocations: u32, outcome: Option<&Outcome>) {
        let settings = self.function.family.event_invoke(&self.qualifier);
        let target = match condition {
            Condition::Success => settings.on_success,
            _ => settings.on_failure,
        };
        if let Some(target) = target {
            let record = self.record(condition, invocations, outcome);
            let detail_type = match condition {
                Condition::Success => "Lambda Function Invocation Result - Success",
                _ => "Lambda Function Invocation Result - Failure",
            };
            let source = Source { arn: &self.arn(), trace: self.event.trace_id.as_deref() };
            destination::send(&self.cloud, &target, &source, detail_type, &record).await;
        }
        if condition != Condition::Success
            && let Some(queue) = self.function.spec().dead_letter_target.clone()
        {
            self.bury(&queue, outcome).await;
        }
    }

    /// [Invocation record](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)
    fn record(&self, condition: Condition, invocations: u32, outcome: Option<&Outcome>) -> Value {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        let mut record = json!({
            "version": "1.0",
            "timestamp": time(self.cloud.clock().now()),
            "requestContext": {
                "requestId": self.event.request_id,
                "functionArn": self.arn(),
                "condition": condition.as_str(),
                "approximateInvokeCount": invocations,
            },
            "requestPayload": parse(&self.event.payload),
        });
        // What was never run has no response.
        if let Some(outcome) = outcome {
            let mut response = json!({ "statusCode": 200, "executedVersion": outcome.version });
            if condition != Condition::Success {
                set_member(&mut response, "functionError", "Unhandled");
            }
            set_member(&mut record, "responseContext", response);
            set_member(&mut record, "responsePayload", parse(&outcome.payload));
        }
        record
    }

    /// The event as it is, with the error in attributes
    /// ([dead-letter queues](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq)).
    async fn bury(&self, queue: &str, outcome: Option<&Outcome>) {
        let error = outcome.and_then(|outcome| serde_json::from_str::<Value>(&outcome.payload).ok());
        let message = error.as_ref().and_then(|error| error.get("errorMessage")).and_then(Value::as_str);
        let message: String = message.unwrap_or("the function was not run").chars().take(1024).collect();
        let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
        let attributes = json!({
            "RequestID": text(&self.event.request_id),
            "ErrorCode": { "DataType": "Number", "StringValue": "200" },
            "ErrorMessage": text(&message),
        });
        destination::send_message(&self.cloud, queue, &self.event.payload, Some(attributes)).await;
    }
}

fn wait_after_error(failures: u32) -> Duration {
    let [first, second] = WAITS;
    if failures <= 1 { first } else { second }
}

/// From one second, doubled, to five minutes.
fn wait_after_throttling(throttles: u32) -> Duration {
    Duration::from_secs(1 << (throttles - 1).min(9)).min(LONGEST_WAIT)
}
