//! SQS: standard and FIFO queues.
//!
//! A queue keeps its messages in the order of their arrival. Whether one is delayed, visible or in flight follows from
//! the clock; nothing runs in the background but the moves that `StartMessageMoveTask` starts. Messages come out in the
//! order of their arrival and once per receive: disorder and duplicates are faults, and faults are injected elsewhere.

mod attributes;
mod batch;
pub(crate) mod errors;
mod fates;
mod groups;
mod input;
mod message;
mod messages;
mod moves;
mod permissions;
pub(crate) mod query;
mod queue;
mod queues;
mod receipts;
mod receive;
mod send;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

use input::Input;
use queue::Queue;

/// State of the service.
#[derive(Default)]
pub struct Sqs {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    /// When a queue of this name was deleted, in milliseconds.
    deleted: BTreeMap<String, i64>,
    moves: Vec<moves::Move>,
}

impl Sqs {
    /// Forgets everything; who waits for messages is told that the queue is gone.
    pub(crate) fn reset(&self) {
        let ended = std::mem::take(&mut *self.state());
        for queue in ended.queues.values() {
            queue.wake.notify_waiters();
        }
    }

    /// What is under way: messages, visible or not, in the queues with the ARNs `polled`, and moves of messages.
    pub(crate) fn pending(&self, polled: &[String]) -> Option<String> {
        let state = self.state();
        if let Some(running) = state.moves.iter().find(|task| task.is_running()) {
            return Some(format!("messages on their way out of {}", running.source));
        }
        polled.iter().find_map(|arn| {
            let name = queue_of_arn(arn);
            let count = state.queues.get(name)?.len();
            let plural = if count == 1 { "message" } else { "messages" };
            (count > 0).then(|| format!("{count} {plural} in {name}"))
        })
    }

    /// Whether a receiver waits for a message of the queue.
    #[cfg(test)]
    pub(crate) fn is_awaited(&self, name: &str) -> bool {
        self.state().queues.get(name).is_some_and(|queue| std::sync::Arc::strong_count(&queue.wake) > 1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The queue that a request's `QueueUrl` names: whatever its host, its path ends in account and name. A bare name
    /// will do.
    fn queue(&mut self, cloud: &Cloud, input: Input<'_>) -> Result<&mut Queue, ServiceError> {
        let url = input.text("QueueUrl")?;
        let mut segments = url.rsplit('/');
        let name = segments.next().unwrap_or_default();
        let own = segments.next().is_none_or(|account| account == cloud.account());
        let queue = self.queues.get_mut(name).filter(|_| own);
        let queue = queue.ok_or_else(errors::no_queue)?;
        queue.advance(cloud.clock().now_millis());
        Ok(queue)
    }
}

/// The name of the queue with this ARN.
fn queue_of_arn(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// The URL of the queue with this ARN.
pub(crate) fn url_of_arn(cloud: &Cloud, arn: &str) -> String {
    let account = arn.split(':').nth(4).unwrap_or_default();
    format!("{}/{account}/{}", cloud.endpoint(), queue_of_arn(arn))
}

fn url(cloud: &Cloud, name: &str) -> String {
    url_of_arn(cloud, &cloud.arn("sqs", name))
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let request = Input(&input);
    match operation {
        "ReceiveMessage" => receive::receive(cloud, request).await,
        "SendMessage" => send::send(cloud, request),
        "SendMessageBatch" => send::send_batch(cloud, request),
        "DeleteMessage" => receipts::delete(cloud, request),
        "DeleteMessageBatch" => receipts::delete_batch(cloud, request),
        "ChangeMessageVisibility" => receipts::change(cloud, request),
        "ChangeMessageVisibilityBatch" => receipts::change_batch(cloud, request),
        "CreateQueue" => queues::create(cloud, request),
        "DeleteQueue" => queues::delete(cloud, request),
        "GetQueueUrl" => queues::get_url(cloud, request),
        "ListQueues" => queues::list(cloud, request),
        "ListDeadLetterSourceQueues" => queues::list_sources(cloud, request),
        "GetQueueAttributes" => queues::get_attributes(cloud, request),
        "SetQueueAttributes" => queues::set_attributes(cloud, request),
        "PurgeQueue" => queues::purge(cloud, request),
        "StartMessageMoveTask" => moves::start(cloud, request),
        "ListMessageMoveTasks" => moves::list(cloud, request),
        "CancelMessageMoveTask" => moves::cancel(cloud, request),
        "TagQueue" => tags::tag(cloud, request),
        "UntagQueue" => tags::untag(cloud, request),
        "ListQueueTags" => tags::list(cloud, request),
        "AddPermission" => permissions::add(cloud, request),
        "RemovePermission" => permissions::remove(cloud, request),
        _ => Err(ServiceError::unsupported(Service::Sqs, operation)),
    }
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").field("queues", &self.state().queues.keys()).finish()
    }
}
