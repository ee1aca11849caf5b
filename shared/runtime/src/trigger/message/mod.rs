//! A batch of messages as Lambda hands it over, read for what the runner uses.

mod quick;
#[cfg(test)]
mod tests;

use serde::Deserialize;

/// Messages of a queue. Members that the runner has no use for are passed over:
/// [what a record has](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event).
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
pub struct Batch {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Message>,
}

impl Batch {
    /// The batch that a payload is.
    ///
    /// # Errors
    /// It is no JSON, or no batch.
    pub fn from_slice(payload: &[u8]) -> Result<Self, serde_json::Error> {
        Self::quick(payload).map_or_else(|| serde_json::from_slice(payload), Ok)
    }

    /// The batch that a payload is, if it is one as Lambda almost always hands it over. Read by `serde_json`, it would be the same.
    pub(crate) fn quick(payload: &[u8]) -> Option<Self> {
        quick::batch(payload)
    }
}

/// A message of a queue.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) message_id: Option<String>,
    pub(crate) receipt_handle: Option<String>,
    body: Option<String>,
    attributes: Option<Attributes>,
    message_attributes: Option<MessageAttributes>,
    #[serde(rename = "eventSourceARN")]
    queue_arn: Option<String>,
}

/// What SQS says of a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<String>,
    sent_timestamp: Option<String>,
    message_group_id: Option<String>,
    sequence_number: Option<String>,
}

/// What a sender said of a message.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
struct MessageAttributes {
    redrive: Option<MessageAttribute>,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(rename_all = "camelCase")]
struct MessageAttribute {
    string_value: Option<String>,
}

impl Message {
    /// Its text; empty where there is none.
    pub(crate) fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// Whether it came from a FIFO queue.
    pub(crate) fn is_fifo(&self) -> bool {
        self.queue_arn.as_deref().is_some_and(|arn| arn.ends_with(".fifo"))
    }

    /// The queue's name, from its ARN.
    pub(crate) fn queue(&self) -> Option<&str> {
        self.queue_arn.as_deref()?.rsplit(':').next()
    }

    /// How often it was received.
    pub(crate) fn delivery(&self) -> Option<u32> {
        self.attributes.as_ref()?.approximate_receive_count.as_deref()?.parse().ok()
    }

    /// When it was sent, in milliseconds since 1970.
    pub(crate) fn sent_millis(&self) -> Option<i64> {
        self.attributes.as_ref()?.sent_timestamp.as_deref()?.parse().ok()
    }

    /// The group of a FIFO queue that it is in.
    pub(crate) fn group(&self) -> Option<&String> {
        self.attributes.as_ref()?.message_group_id.as_ref()
    }

    /// Its number in a FIFO queue.
    pub(crate) fn sequence_number(&self) -> Option<&String> {
        self.attributes.as_ref()?.sequence_number.as_ref()
    }

    /// What a redrive said of it.
    pub(crate) fn redrive(&self) -> Option<&str> {
        self.message_attributes.as_ref()?.redrive.as_ref()?.string_value.as_deref()
    }
}
