//! A dead letter: what lies in a dead-letter queue, and what it says about itself.

use aws_lambda_events::event::sqs::SqsMessage;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use throughline_envelope::{Arrival, RawEvent};

/// A message of a dead-letter queue or on-failure destination.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DeadLetter {
    /// Parked by a function, with its reason.
    Parked(Value),
    /// An asynchronous invocation that failed:
    /// [the record](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
    Invocation(Value),
    /// Records of a stream that a function could not take:
    /// [where they are](https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html).
    Stream(Value),
    /// An event that a rule could not deliver:
    /// [the attributes](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
    Rule {
        /// The rule's ARN.
        rule: String,
        /// The target's ARN.
        target: String,
        /// EventBridge's code.
        code: String,
        /// EventBridge's message.
        message: String,
        /// How often it tried again.
        retries: u32,
    },
    /// Moved by SQS after too many deliveries; it does not say why.
    Redriven {
        /// The queue it was in.
        source_queue: Option<String>,
    },
}

impl DeadLetter {
    /// Tells by what a message brought what kind of dead letter it is.
    pub fn of(message: &SqsMessage) -> Self {
        let attribute = |name: &str| message.message_attributes.get(name).and_then(|a| a.string_value.as_deref());
        if let Some(reason) = attribute("reason").and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            return Self::Parked(reason);
        }
        if let Some(rule) = attribute("RULE_ARN") {
            let said = |name| attribute(name).unwrap_or_default().to_owned();
            let (target, code, message) = (said("TARGET_ARN"), said("ERROR_CODE"), said("ERROR_MESSAGE"));
            let retries = said("RETRY_ATTEMPTS").parse().unwrap_or_default();
            return Self::Rule { rule: rule.to_owned(), target, code, message, retries };
        }
        match message.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok()) {
            Some(record) if record.get("requestContext").is_some() && is_stream(&record) => Self::Stream(record),
            Some(record) if record.get("requestContext").is_some() && record.get("requestPayload").is_some() => {
                Self::Invocation(record)
            }
            _ => {
                let source = message.attributes.get("DeadLetterQueueSourceArn");
                Self::Redriven { source_queue: source.map(|arn| last_part(arn).to_owned()) }
            }
        }
    }

    /// The event that the message is or holds, if it is one.
    pub(crate) fn event(&self, body: &str) -> Option<RawEvent> {
        let arrival = match self {
            Self::Invocation(record) => {
                let payload = record.get("requestPayload")?.clone();
                Arrival::from_direct(payload.clone()).or_else(|_| Arrival::from_sqs_body(&payload.to_string()))
            }
            Self::Stream(_) => return None,
            _ => Arrival::from_sqs_body(body),
        };
        arrival.ok().map(|arrival| arrival.event)
    }
}

fn is_stream(record: &Value) -> bool {
    record.as_object().is_some_and(|members| members.keys().any(|name| name.ends_with("BatchInfo")))
}

/// What follows the last colon of an ARN: a queue's or function's name.
pub(crate) fn last_part(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// The attributes of a message that a redrive needs again, and those that its sender set.
pub(crate) fn attributes(message: &SqsMessage) -> Map<String, Value> {
    let mut set: Vec<_> = message
        .message_attributes
        .iter()
        .filter_map(|(name, attribute)| Some((name.clone(), json!(attribute.string_value.as_ref()?))))
        .collect();
    set.extend(message.attributes.iter().map(|(name, value)| (name.clone(), json!(value))));
    set.sort_by(|(a, _), (b, _)| a.cmp(b));
    set.into_iter().collect()
}

/// When SQS got the message.
pub(crate) fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    Timestamp::from_millisecond(message.attributes.get("SentTimestamp")?.parse().ok()?).ok()
}
