//! Where an event came from, as the journal says it.

use crate::trigger::Message;

/// The trigger, and for a queue the message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) trigger: &'static str,
    pub(crate) attempt: u32,
    pub(crate) queue: Option<&'a str>,
    pub(crate) message_id: Option<&'a str>,
    pub(crate) delivery: Option<u32>,
}

impl<'a> Source<'a> {
    /// A direct invocation.
    pub(crate) fn direct(trigger: &'static str, attempt: u32) -> Self {
        Self { trigger, attempt, queue: None, message_id: None, delivery: None }
    }

    /// A record of a queue. Its receive count is the delivery; attempts are counted by the runner, when one fails.
    pub(crate) fn queue(record: &'a Message) -> Self {
        let delivery = record.delivery();
        Self {
            trigger: if record.is_fifo() { "fifo_queue" } else { "queue" },
            attempt: delivery.unwrap_or(1),
            // Without an ARN the name is empty.
            queue: Some(record.queue().unwrap_or_default()),
            message_id: record.message_id.as_deref(),
            delivery,
        }
    }
}
