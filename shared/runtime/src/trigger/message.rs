//! A batch of messages as Lambda hands it over, read for what the runner uses.

use serde::Deserialize;

/// Messages of a queue. Members that the runner has no use for are passed over:
/// [what a record has](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event).
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Message>,
}

/// A message of a queue.
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<String>,
    sent_timestamp: Option<String>,
    message_group_id: Option<String>,
    sequence_number: Option<String>,
}

/// What a sender said of a message.
#[derive(Debug, Clone, Deserialize)]
struct MessageAttributes {
    redrive: Option<MessageAttribute>,
}

#[derive(Debug, Clone, Deserialize)]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_read_for_what_is_used_and_whatever_else_it_has_is_passed_over() {
        let whole = json!({
            "messageId": "m", "receiptHandle": "r", "body": "{}", "md5OfBody": "x", "awsRegion": "us-east-1",
            "attributes": {
                "ApproximateReceiveCount": "2", "SentTimestamp": "1795514400000", "SenderId": "s",
                "MessageGroupId": "g", "SequenceNumber": "18849496460467696128",
            },
            "messageAttributes": {
                "redrive": {"stringValue": "{}", "dataType": "String", "stringListValues": [], "binaryListValues": []},
                "other": {"binaryValue": "AQ==", "dataType": "Binary"},
            },
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders.fifo",
        });
        let message: Message = serde_json::from_value(whole).unwrap();
        assert_eq!((message.message_id.as_deref(), message.receipt_handle.as_deref()), (Some("m"), Some("r")));
        assert_eq!((message.body(), message.queue(), message.is_fifo()), ("{}", Some("orders.fifo"), true));
        assert_eq!((message.delivery(), message.sent_millis()), (Some(2), Some(1_795_514_400_000)));
        assert_eq!(message.group().map(String::as_str), Some("g"));
        assert_eq!(message.sequence_number().map(String::as_str), Some("18849496460467696128"));
        assert_eq!(message.redrive(), Some("{}"));
    }

    #[test]
    fn what_is_absent_or_null_is_not_there() {
        for nothing in [json!({}), json!({"body": null, "attributes": null, "messageAttributes": null})] {
            let message: Message = serde_json::from_value(nothing).unwrap();
            assert_eq!((message.body(), message.queue(), message.is_fifo()), ("", None, false));
            assert_eq!((message.delivery(), message.sent_millis(), message.redrive()), (None, None, None));
            assert_eq!((message.group(), message.sequence_number()), (None, None));
        }
    }

    #[test]
    fn what_has_no_records_is_no_batch() {
        assert!(serde_json::from_str::<Batch>(r#"{"detail-type": "shop.sold"}"#).is_err());
        assert!(serde_json::from_str::<Batch>(r#"{"Records": [{"body": 7}]}"#).is_err());
    }
}
