//! Where an event came from, as the journal says it.

use aws_lambda_events::event::sqs::SqsMessage;

/// The trigger, and for a queue the message.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) trigger: &'static str,
    pub(crate) attempt: u32,
    pub(crate) queue: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) delivery: Option<u32>,
}

impl Source {
    /// A direct invocation.
    pub(crate) fn direct(trigger: &'static str, attempt: u32) -> Self {
        Self { trigger, attempt, queue: None, message_id: None, delivery: None }
    }

    /// A record of a queue. Its receive count is the delivery; attempts are counted by the runner, when one fails.
    pub(crate) fn queue(record: &SqsMessage) -> Self {
        let arn = record.event_source_arn.as_deref().unwrap_or_default();
        let delivery = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Self {
            trigger: if arn.ends_with(".fifo") { "fifo_queue" } else { "queue" },
            attempt: delivery.unwrap_or(1),
            queue: arn.rsplit(':').next().map(str::to_owned),
            message_id: record.message_id.clone(),
            delivery,
        }
    }
}
