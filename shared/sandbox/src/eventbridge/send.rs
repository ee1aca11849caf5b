//! Handing an event to its target's service.

use std::time::Duration;

use serde_json::{Value, json};

use super::delivery::{Delivery, Failure};
use super::input::with;
use super::target::Kind;
use super::{buses, routing};
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// What an event takes from bus to bus, so that buses that feed each other in a circle do not stop the clock.
const HOP: Duration = Duration::from_millis(1);

pub(super) async fn send(cloud: &Cloud, delivery: &Delivery, input: &str) -> Result<(), Failure> {
    let arn = delivery.target.arn.as_str();
    let owner = &cloud.of_arn(arn);
    let trace = delivery.event.trace.as_deref().map(Value::from);
    let answer = match delivery.target.kind {
        Kind::Queue => {
            let message = message(owner, delivery, input);
            owner.call(Service::Sqs, "SendMessage", message).await
        }
        Kind::Function => {
            let request = json!({ "FunctionName": arn, "InvocationType": "Event", "Payload": input });
            owner.call(Service::Lambda, "Invoke", with(request, [("TraceHeader", trace)])).await
        }
        Kind::StateMachine => {
            let name = format!("{}_{}", delivery.event.id(), cloud.uuid());
            let request = json!({ "stateMachineArn": arn, "name": name, "input": input });
            owner.call(Service::StepFunctions, "StartExecution", with(request, [("traceHeader", trace)])).await
        }
        Kind::LogGroup => log(owner, delivery, input).await,
        Kind::Bus => return forward(cloud, owner, delivery).await,
    };
    answer.map(drop).map_err(failure)
}

/// The URL of the queue with this ARN.
pub(super) fn queue_url(cloud: &Cloud, arn: &str) -> String {
    let mut parts = arn.rsplit(':');
    let name = parts.next().unwrap_or_default();
    format!("{}/{}/{name}", cloud.endpoint(), parts.next().unwrap_or_default())
}

fn message(cloud: &Cloud, delivery: &Delivery, body: &str) -> Value {
    let target = &delivery.target;
    let trace = delivery.event.trace.as_deref().map(|trace| {
        let header = json!({ "DataType": "String", "StringValue": trace });
        json!({ "AWSTraceHeader": header })
    });
    let message = json!({ "QueueUrl": queue_url(cloud, &target.arn), "MessageBody": body });
    let group = target.group.clone().map(Value::from);
    with(message, [("MessageGroupId", group), ("MessageSystemAttributes", trace)])
}

/// Every event is a line in a log stream of its own. A transformed event says its time and text itself.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions>
async fn log(cloud: &Cloud, delivery: &Delivery, input: &str) -> Answer {
    let group = delivery.target.arn.split_once(":log-group:").map_or("", |(_, group)| group).trim_end_matches(":*");
    let stream = cloud.uuid().to_string();
    let request = json!({ "logGroupName": group, "logStreamName": stream });
    cloud.call(Service::Logs, "CreateLogStream", request).await?;
    let own: Option<Value> = serde_json::from_str(input).ok();
    let own = own.as_ref().filter(|_| delivery.target.definition.get("InputTransformer").is_some());
    let message = own.and_then(|own| own.get("message")).map_or_else(
        || input.to_owned(),
        |message| message.as_str().map_or_else(|| message.to_string(), str::to_owned),
    );
    let time =
        own.and_then(|own| own.get("timestamp")).and_then(Value::as_i64).unwrap_or_else(|| cloud.clock().now_millis());
    let line = json!({ "timestamp": time, "message": message });
    let request = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": [line] });
    cloud.call(Service::Logs, "PutLogEvents", request).await
}

/// The event goes on as it is: same source, same time, the account and region that it came from. It has the same id as well,
/// unless it goes to another region.
async fn forward(here: &Cloud, cloud: &Cloud, delivery: &Delivery) -> Result<(), Failure> {
    let name = buses::name_of(&delivery.target.arn);
    cloud.clock().sleep(HOP).await;
    if !cloud.eventbridge().state(cloud).buses.contains_key(name) {
        let message = format!("Event bus {name} does not exist.");
        return Err(Failure { code: "NO_RESOURCE", message, passing: false });
    }
    if here.region() == cloud.region() {
        routing::publish(cloud, name, &delivery.event, &[]);
    } else {
        routing::publish(cloud, name, &delivery.event.renamed(cloud), &[]);
    }
    Ok(())
}

/// [Dead-letter queues](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html) lists the codes, and
/// says that missing permissions and targets are not tried again.
/// [Troubleshooting](https://repost.aws/knowledge-center/eventbridge-resolve-failedinvocation-errors): only HTTP statuses 5xx
/// and 429 are.
fn failure(error: ServiceError) -> Failure {
    let code = error.code.as_str();
    let throttled = error.status == 429 || code.contains("Throttl") || code.contains("TooManyRequests");
    let unsupported = code == "UnknownOperationException";
    let kind = match code {
        _ if throttled => "THROTTLING",
        _ if unsupported => "SDK_CLIENT_ERROR",
        "QueueDoesNotExist" | "ResourceNotFoundException" | "StateMachineDoesNotExist" => "NO_RESOURCE",
        _ if code.contains("AccessDenied") => "NO_PERMISSIONS",
        "ExecutionLimitExceeded" => "RESOURCE_LIMIT_EXCEEDED",
        _ if code.starts_with("Invalid") || code.contains("Validation") || code == "MissingParameter" => {
            "INVALID_PARAMETER"
        }
        _ if error.status >= 500 => "INTERNAL_ERROR",
        _ => "ERROR_FROM_TARGET",
    };
    let passing = throttled || (error.status >= 500 && !unsupported);
    Failure { code: kind, message: error.message, passing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_codes_and_only_some_pass() {
        let of = |code: &str, status| {
            let failure = failure(ServiceError::new(code, "").status(status));
            (failure.code, failure.passing)
        };
        assert_eq!(of("QueueDoesNotExist", 400), ("NO_RESOURCE", false));
        assert_eq!(of("AccessDeniedException", 403), ("NO_PERMISSIONS", false));
        assert_eq!(of("ThrottlingException", 400), ("THROTTLING", true));
        assert_eq!(of("TooManyRequestsException", 429), ("THROTTLING", true));
        assert_eq!(of("ServiceException", 500), ("INTERNAL_ERROR", true));
        assert_eq!(of("UnknownOperationException", 501), ("SDK_CLIENT_ERROR", false));
        assert_eq!(of("InvalidParameterValue", 400), ("INVALID_PARAMETER", false));
    }
}
