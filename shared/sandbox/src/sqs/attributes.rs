//! The attributes of a queue: names, values allowed, defaults
//! ([SetQueueAttributes](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html)).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::errors::{invalid, invalid_attribute};
use crate::wire::ServiceError;

/// The longest message, and the longest batch, in bytes: 1 MiB since
/// [August 2025](https://aws.amazon.com/about-aws/whats-new/2025/08/amazon-sqs-max-payload-size-1mib/).
pub(super) const LARGEST: usize = 1_048_576;

const NUMBERS: &[(&str, i64, i64, Option<&str>)] = &[
    ("DelaySeconds", 0, 900, Some("0")),
    ("KmsDataKeyReusePeriodSeconds", 60, 86_400, None),
    ("MaximumMessageSize", 1024, 1_048_576, Some("1048576")),
    ("MessageRetentionPeriod", 60, 1_209_600, Some("345600")),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, Some("0")),
    ("VisibilityTimeout", 0, 43_200, Some("30")),
];

const CHOICES: &[(&str, &[&str], bool)] = &[
    ("SqsManagedSseEnabled", &["true", "false"], false),
    ("FifoQueue", &["true"], true),
    ("ContentBasedDeduplication", &["true", "false"], true),
    ("DeduplicationScope", &["queue", "messageGroup"], true),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"], true),
];

/// Taken in any case, shown in lower case.
pub(super) const BOOLEANS: &[&str] = &["SqsManagedSseEnabled", "FifoQueue", "ContentBasedDeduplication"];

const DOCUMENTS: &[&str] = &["Policy", "RedrivePolicy", "RedriveAllowPolicy"];

/// Where a queue's dead messages go.
pub(super) struct Redrive {
    pub(super) target: String,
    pub(super) receives: u32,
}

/// The attributes that a queue was given, over the defaults.
#[derive(Clone, Default)]
pub(super) struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The settings of a new queue.
    pub(super) fn new(fifo: bool, given: &BTreeMap<String, String>) -> Self {
        let mut values = BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]);
        for (name, _, _, default) in NUMBERS {
            if let Some(default) = default {
                values.insert((*name).to_owned(), (*default).to_owned());
            }
        }
        if fifo {
            for (name, value) in [
                ("FifoQueue", "true"),
                ("ContentBasedDeduplication", "false"),
                ("DeduplicationScope", "queue"),
                ("FifoThroughputLimit", "perQueue"),
            ] {
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        let mut settings = Self(values);
        settings.set(given);
        settings
    }

    /// Sets each attribute; an empty document removes it.
    pub(super) fn set(&mut self, given: &BTreeMap<String, String>) {
        for (name, value) in given {
            if value.is_empty() {
                self.0.remove(name);
            } else {
                self.0.insert(name.clone(), value.clone());
            }
        }
        self.encrypt(given);
    }

    /// A queue has one kind of encryption, and a period for keys only with a key
    /// ([Encryption at rest](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html)).
    fn encrypt(&mut self, given: &BTreeMap<String, String>) {
        const PERIOD: &str = "KmsDataKeyReusePeriodSeconds";
        if self.get("KmsMasterKeyId").is_none() {
            self.0.remove(PERIOD);
            return;
        }
        self.0.entry(PERIOD.to_owned()).or_insert_with(|| "300".to_owned());
        if !given.contains_key("SqsManagedSseEnabled") {
            self.0.insert("SqsManagedSseEnabled".to_owned(), "false".to_owned());
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    /// A number that every queue has: seconds, or bytes.
    pub(super) fn seconds(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    pub(super) fn redrive(&self) -> Option<Redrive> {
        redrive(self.get("RedrivePolicy")?)
    }

    /// Whether the queue with the ARN `source` may send its dead messages here.
    pub(super) fn allows_source(&self, source: &str) -> bool {
        let Some(policy) = self.get("RedriveAllowPolicy").and_then(|p| serde_json::from_str::<Value>(p).ok()) else {
            return true;
        };
        match policy.get("redrivePermission").and_then(Value::as_str) {
            Some("denyAll") => false,
            Some("byQueue") => {
                let sources = policy.get("sourceQueueArns").and_then(Value::as_array);
                sources.into_iter().flatten().any(|arn| arn.as_str() == Some(source))
            }
            _ => true,
        }
    }
}

pub(super) fn redrive(policy: &str) -> Option<Redrive> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let receives = policy.get("maxReceiveCount")?;
    let receives = receives.as_u64().or_else(|| receives.as_str()?.parse().ok())?;
    Some(Redrive {
        target: policy.get("deadLetterTargetArn")?.as_str()?.to_owned(),
        receives: u32::try_from(receives).ok().filter(|n| (1..=1000).contains(n))?,
    })
}

/// Checks attributes of a request, each by itself, for a queue that is or is not FIFO.
pub(super) fn parse(map: Option<&Map<String, Value>>, fifo: bool) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut given = BTreeMap::new();
    for (name, value) in map.into_iter().flatten() {
        let mut value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if BOOLEANS.contains(&name.as_str()) {
            value.make_ascii_lowercase();
        }
        check(name, &value, fifo)?;
        given.insert(name.clone(), value);
    }
    Ok(given)
}

/// Throughput is limited by group only where deduplication is by group
/// ([High throughput for FIFO queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/enable-high-throughput-fifo.html)):
/// what the request says, and for the rest what the queue has.
pub(super) fn check_throughput(given: &BTreeMap<String, String>, had: &Settings) -> Result<(), ServiceError> {
    let says = |name: &str| given.get(name).map(String::as_str).or_else(|| had.get(name));
    let by_group = says("FifoThroughputLimit") == Some("perMessageGroupId");
    if by_group && says("DeduplicationScope") != Some("messageGroup") {
        return Err(invalid_attribute("FifoThroughputLimit"));
    }
    Ok(())
}

fn check(name: &str, value: &str, fifo: bool) -> Result<(), ServiceError> {
    if let Some((_, from, to, _)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
        let number = value.parse::<i64>().ok().filter(|number| (*from..=*to).contains(number));
        return number.map(|_| ()).ok_or_else(|| invalid_attribute(name));
    }
    if let Some((_, allowed, fifo_only)) = CHOICES.iter().find(|(known, ..)| *known == name) {
        if *fifo_only && !fifo {
            return Err(match name {
                "DeduplicationScope" | "FifoThroughputLimit" => {
                    let message = format!("You can specify the {name} only when FifoQueue is set to true.");
                    ServiceError::new("InvalidAttributeName", message)
                }
                _ => unknown(name),
            });
        }
        if name == "FifoQueue" && value == "false" {
            let message = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.";
            return Err(ServiceError::new("InvalidAttributeValue", message));
        }
        return allowed.contains(&value).then_some(()).ok_or_else(|| invalid_attribute(name));
    }
    if DOCUMENTS.contains(&name) {
        return if value.is_empty() { Ok(()) } else { check_document(name, value) };
    }
    if name == "KmsMasterKeyId" {
        return Ok(());
    }
    Err(unknown(name))
}

fn check_document(name: &str, value: &str) -> Result<(), ServiceError> {
    let document = serde_json::from_str::<Value>(value).ok().filter(Value::is_object);
    let Some(document) = document else {
        let mut error = invalid_attribute(name);
        if name == "RedrivePolicy" {
            error.message.push_str(" Reason: Redrive policy is not a valid JSON map.");
        }
        return Err(error);
    };
    match name {
        "RedrivePolicy" => check_redrive_policy(value, &document),
        "RedriveAllowPolicy" => check_allow_policy(value, &document),
        _ => Ok(()),
    }
}

fn check_redrive_policy(value: &str, document: &Value) -> Result<(), ServiceError> {
    let reject = |reason: String| Err(invalid("RedrivePolicy", value, &reason));
    for name in ["maxReceiveCount", "deadLetterTargetArn"] {
        if document.get(name).is_none() {
            return reject(format!("Redrive policy does not contain mandatory attribute: {name}."));
        }
    }
    if redrive(value).is_none() {
        let count =
            document.get("maxReceiveCount").map(|count| count.as_str().map_or(count.to_string(), str::to_owned));
        let count = count.unwrap_or_default();
        return reject(format!(
            "Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        ));
    }
    Ok(())
}

/// [RedriveAllowPolicy](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html): one of
/// three permissions, and up to ten queues with `byQueue` alone.
fn check_allow_policy(value: &str, document: &Value) -> Result<(), ServiceError> {
    let sources = document.get("sourceQueueArns").and_then(Value::as_array).map_or(0, Vec::len);
    let fine = match document.get("redrivePermission").and_then(Value::as_str) {
        Some("allowAll" | "denyAll") => sources == 0,
        Some("byQueue") => (1..=10).contains(&sources),
        _ => false,
    };
    let reason = "redrivePermission is allowAll, denyAll, or byQueue with one to ten sourceQueueArns.";
    fine.then_some(()).ok_or_else(|| invalid("RedriveAllowPolicy", value, reason))
}

pub(super) fn unknown(name: &str) -> ServiceError {
    ServiceError::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}
