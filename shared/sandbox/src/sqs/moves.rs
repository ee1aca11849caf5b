//! Moving dead messages back: `StartMessageMoveTask` and its kin
//! ([dead-letter queue redrive](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html)).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::errors::{no_queue, query_name};
use super::input::Input;
use super::{State, queue_of_arn, queues};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

/// Messages a second, at most, and when the request does not say.
const FASTEST: i64 = 500;

/// A move of the messages of one queue.
pub(super) struct Move {
    handle: String,
    pub(super) source: String,
    destination: Option<String>,
    rate: Option<i64>,
    started_at: i64,
    to_move: usize,
    moved: usize,
    status: &'static str,
    failure: Option<String>,
}

impl Move {
    pub(super) fn is_running(&self) -> bool {
        self.status == "RUNNING"
    }

    fn to_json(&self) -> Value {
        let mut shown = json!({
            "Status": self.status,
            "SourceArn": self.source,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "StartedTimestamp": self.started_at,
        });
        let handle = self.is_running().then(|| json!(self.handle));
        for (name, value) in [
            ("TaskHandle", handle),
            ("DestinationArn", self.destination.as_ref().map(|arn| json!(arn))),
            ("MaxNumberOfMessagesPerSecond", self.rate.map(|rate| json!(rate))),
            ("FailureReason", self.failure.as_ref().map(|reason| json!(reason))),
        ] {
            if let Some(value) = value {
                set_member(&mut shown, name, value);
            }
        }
        shown
    }
}

pub(super) fn start(cloud: &Cloud, input: Input<'_>) -> Answer {
    let source = input.text("SourceArn")?;
    let destination = input.optional_text("DestinationArn").map(str::to_owned);
    let rate = input.number("MaxNumberOfMessagesPerSecond", 1, FASTEST)?;
    let mut state = cloud.sqs().state();
    let to_move = state.queues.get(queue_of_arn(source)).ok_or_else(missing_source)?.len();
    if queues::sources(&state, source).next().is_none() {
        return Err(refused("Source queue must be configured as a Dead Letter Queue."));
    }
    if destination.as_ref().is_some_and(|arn| !state.queues.contains_key(queue_of_arn(arn))) {
        return Err(no_resource("The resource that you specified for the DestinationArn parameter doesn't exist."));
    }
    if state.moves.iter().any(|task| task.is_running() && task.source == source) {
        let message =
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        return Err(refused(message));
    }
    let handle = STANDARD.encode(json!({ "taskId": cloud.uuid().to_string(), "sourceArn": source }).to_string());
    state.moves.push(Move {
        handle: handle.clone(),
        source: source.to_owned(),
        destination,
        rate,
        started_at: cloud.clock().now_millis(),
        to_move,
        moved: 0,
        status: "RUNNING",
        failure: None,
    });
    drop(state);
    let period = Duration::from_secs(1) / u32::try_from(rate.unwrap_or(FASTEST)).unwrap_or(1);
    tokio::spawn(run(cloud.clone(), handle.clone(), period));
    Ok(json!({ "TaskHandle": handle }))
}

fn no_resource(message: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message).status(404)
}

fn refused(message: &str) -> ServiceError {
    ServiceError::new("InvalidParameterValue", message)
}

fn missing_source() -> ServiceError {
    no_resource("The resource that you specified for the SourceArn parameter doesn't exist.")
}

async fn run(cloud: Cloud, handle: String, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        let now = cloud.clock().now_millis();
        let mut state = cloud.sqs().state();
        let Some(index) = state.moves.iter().position(|task| task.handle == handle && task.is_running()) else {
            return;
        };
        let step = step(&mut state, index, cloud.uuid().to_string(), now);
        let Some(task) = state.moves.get_mut(index) else { return };
        match step {
            Ok(true) => task.moved += 1,
            Ok(false) => task.status = "COMPLETED",
            Err(error) => {
                task.status = "FAILED";
                task.failure = Some(query_name(&error.code));
            }
        }
    }
}

/// Moves one message, which is a new one where it arrives; false when none is left.
fn step(state: &mut State, index: usize, id: String, now: i64) -> Result<bool, ServiceError> {
    let Some(task) = state.moves.get(index) else { return Ok(false) };
    let (source, destination) = (task.source.clone(), task.destination.clone());
    let queue = state.queues.get_mut(queue_of_arn(&source)).ok_or_else(no_queue)?;
    queue.advance(now);
    let Some(number) = queue.messages.receivable(1).first().copied() else { return Ok(false) };
    let died_in = queue.messages.get(number).and_then(|m| m.died_in.clone());
    let target = destination.or(died_in).ok_or_else(|| {
        ServiceError::new("AWS.SimpleQueueService.UnsupportedOperation", "a message has no source queue to go back to")
    })?;
    if !state.queues.contains_key(queue_of_arn(&target)) {
        return Err(no_queue());
    }
    let message = state.queues.get_mut(queue_of_arn(&source)).and_then(|queue| queue.messages.remove(number));
    if let (Some(mut message), Some(target)) = (message, state.queues.get_mut(queue_of_arn(&target))) {
        message.id = id;
        (message.sent_at, message.enqueued_at, message.visible_at) = (now, now, now);
        (message.received_at, message.first_received_at, message.died_in) = (None, None, None);
        (message.receives, message.receives_here) = (0, 0);
        target.push(message);
    }
    Ok(true)
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let source = input.text("SourceArn")?;
    let most = usize::try_from(input.number("MaxResults", 1, 10)?.unwrap_or(1)).unwrap_or(1);
    let state = cloud.sqs().state();
    if !state.queues.contains_key(queue_of_arn(source)) {
        return Err(missing_source());
    }
    let newest_first = state.moves.iter().rev().filter(|task| task.source == source).take(most);
    Ok(json!({ "Results": newest_first.map(Move::to_json).collect::<Vec<_>>() }))
}

/// The ARN in a handle.
fn source_of(handle: &str) -> Option<String> {
    let handle: Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
    handle.get("taskId")?.as_str()?;
    handle.get("sourceArn")?.as_str().map(str::to_owned)
}

pub(super) fn cancel(cloud: &Cloud, input: Input<'_>) -> Answer {
    let handle = input.text("TaskHandle")?;
    let source = source_of(handle).ok_or_else(|| refused("Value for parameter TaskHandle is invalid."))?;
    let mut state = cloud.sqs().state();
    if !state.queues.contains_key(queue_of_arn(&source)) {
        return Err(missing_source());
    }
    let task = state.moves.iter_mut().find(|task| task.handle == handle);
    let task = task.ok_or_else(|| no_resource("Task does not exist."))?;
    if !task.is_running() {
        return Err(refused("Only active tasks can be cancelled."));
    }
    task.status = "CANCELLED";
    Ok(json!({ "ApproximateNumberOfMessagesMoved": task.moved }))
}
