//! A message and its attributes.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::errors;
use super::input::Input;
use crate::hash::md5_hex;
use crate::wire::ServiceError;

/// Attributes by name.
pub(super) type Attributes = BTreeMap<String, Attribute>;

const MOST_ATTRIBUTES: usize = 10;

/// A message in a queue. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) trace_header: Option<String>,
    pub(super) group: Option<String>,
    pub(super) deduplication: Option<String>,
    pub(super) sequence: Option<String>,
    pub(super) sent_at: i64,
    /// What retention is counted from: kept when a standard queue's message moves to the dead-letter queue.
    pub(super) enqueued_at: i64,
    /// When its delay, or the visibility timeout of its last receive, is over.
    pub(super) visible_at: i64,
    pub(super) received_at: Option<i64>,
    pub(super) first_received_at: Option<i64>,
    pub(super) receives: u32,
    /// Receives in the queue that it is in now: what `maxReceiveCount` is compared with.
    pub(super) receives_here: u32,
    /// ARN of the queue that it died in.
    pub(super) died_in: Option<String>,
    pub(super) fate: Fate,
}

/// What becomes of a message the next time that it is given to a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fate {
    /// Nobody was asked yet.
    #[default]
    Open,
    /// It comes.
    Once,
    /// It comes, and again so many milliseconds after.
    Twice(i64),
}

impl Message {
    /// Received, and neither deleted nor visible again.
    pub(super) fn is_in_flight(&self, now: i64) -> bool {
        self.visible_at > now && self.receives_here > 0
    }

    /// Gives it to a receiver and hides it, for a time in milliseconds.
    pub(super) fn receive(&mut self, now: i64, timeout: i64) {
        self.receives += 1;
        self.receives_here += 1;
        self.received_at = Some(now);
        self.first_received_at.get_or_insert(now);
        self.visible_at = now + timeout;
    }

    pub(super) fn size(&self) -> usize {
        self.body.len() + attributes_size(&self.attributes)
    }
}

/// A value of a message attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attribute {
    kind: String,
    value: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Text(String),
    Binary(Vec<u8>),
}

impl Attribute {
    fn size(&self) -> usize {
        self.kind.len() + self.bytes().len()
    }

    fn bytes(&self) -> &[u8] {
        match &self.value {
            Content::Text(text) => text.as_bytes(),
            Content::Binary(bytes) => bytes,
        }
    }

    fn parse(name: &str, value: &Value) -> Result<Self, ServiceError> {
        let input = Input(value);
        let kind = input.optional_text("DataType").unwrap_or_default();
        let kind_name = kind.split('.').next().unwrap_or_default();
        let empty = || {
            invalid(format!("Message (user) attribute '{name}' must contain a non-empty value of type '{kind_name}'."))
        };
        let value = match kind_name {
            "String" => Content::Text(input.text("StringValue").map_err(|_| empty())?.to_owned()),
            "Number" => {
                let text = input.text("StringValue").map_err(|_| empty())?;
                text.parse::<f64>().map_err(|_| {
                    invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number."))
                })?;
                Content::Text(text.to_owned())
            }
            "Binary" => {
                let text = input.text("BinaryValue").map_err(|_| empty())?;
                Content::Binary(STANDARD.decode(text).map_err(|_| invalid(format!("'{name}' is not base64.")))?)
            }
            _ => {
                return Err(invalid(format!(
                    "The type of message (user) attribute '{name}' is invalid. You must use only the following supported \
                     type prefixes: Binary, Number, String."
                )));
            }
        };
        Ok(Self { kind: kind.to_owned(), value })
    }

    fn to_json(&self) -> Value {
        match &self.value {
            Content::Text(text) => json!({ "StringValue": text, "DataType": self.kind }),
            Content::Binary(bytes) => json!({ "BinaryValue": STANDARD.encode(bytes), "DataType": self.kind }),
        }
    }
}

fn invalid(message: String) -> ServiceError {
    ServiceError::new("InvalidParameterValue", message)
}

pub(super) fn parse_attributes(map: Option<&Map<String, Value>>) -> Result<Attributes, ServiceError> {
    let Some(map) = map else { return Ok(Attributes::new()) };
    if map.len() > MOST_ATTRIBUTES {
        let message =
            format!("Number of message attributes [{}] exceeds the allowed maximum [{MOST_ATTRIBUTES}].", map.len());
        return Err(invalid(message));
    }
    map.iter()
        .map(|(name, value)| {
            check_name(name)?;
            Ok((name.clone(), Attribute::parse(name, value)?))
        })
        .collect()
}

/// [Message attribute components](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html)
fn check_name(name: &str) -> Result<(), ServiceError> {
    let lower = name.to_ascii_lowercase();
    let good = (1..=256).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !(lower.starts_with("aws.") || lower.starts_with("amazon."))
        && !(name.starts_with('.') || name.ends_with('.') || name.contains(".."));
    good.then_some(()).ok_or_else(|| errors::invalid("MessageAttributeName", name, "It breaks the rules for names."))
}

/// In bytes: names, types and values count.
pub(super) fn attributes_size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value.size()).sum()
}

pub(super) fn attributes_json(attributes: &Attributes) -> Value {
    attributes.iter().map(|(name, value)| (name.clone(), value.to_json())).collect::<Map<_, _>>().into()
}

/// The digest that SDKs check: name, type, one byte for text or binary, value, each after its length, in the order of
/// the names
/// ([Calculating the MD5 message digest](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation)).
pub(super) fn attributes_md5(attributes: &Attributes) -> String {
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, attribute.kind.as_bytes());
        bytes.push(match attribute.value {
            Content::Text(_) => 1,
            Content::Binary(_) => 2,
        });
        put(&mut bytes, attribute.bytes());
    }
    md5_hex(&bytes)
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(part);
}

/// The digest of the one message system attribute that a sender can set.
pub(super) fn trace_header_md5(header: &str) -> String {
    let attribute = Attribute { kind: "String".into(), value: Content::Text(header.to_owned()) };
    attributes_md5(&Attributes::from([("AWSTraceHeader".to_owned(), attribute)]))
}
