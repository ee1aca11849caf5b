//! What a mapping is set to
//! ([CreateEventSourceMapping](https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html)).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::filter::Filters;
use crate::lambda::errors;
use crate::wire::{ServiceError, set_member};

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Queue { fifo: bool },
    Stream,
}

impl Source {
    /// From its ARN.
    pub(super) fn of(arn: &str) -> Result<Self, ServiceError> {
        match arn.split(':').nth(2) {
            Some("sqs") => Ok(Self::Queue { fifo: arn.ends_with(".fifo") }),
            Some("dynamodb") if arn.contains("/stream/") => Ok(Self::Stream),
            Some("kinesis" | "kafka" | "mq" | "rds" | "docdb") => {
                Err(errors::unsupported("EventSourceArn", &Value::from(arn)))
            }
            _ => Err(errors::invalid("Unrecognized event source.")),
        }
    }

    fn largest_batch(self) -> u64 {
        match self {
            Self::Queue { fifo: true } => 10,
            Self::Queue { fifo: false } | Self::Stream => 10_000,
        }
    }
}

/// Where the reading of a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    TrimHorizon,
    Latest,
}

impl Start {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::TrimHorizon => "TRIM_HORIZON",
            Self::Latest => "LATEST",
        }
    }
}

/// Settings of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) enabled: bool,
    pub(super) batch_size: usize,
    pub(super) window: Duration,
    pub(super) filters: Filters,
    /// `ReportBatchItemFailures`.
    pub(super) item_failures: bool,
    /// Queues only.
    pub(super) maximum_concurrency: Option<usize>,
    /// Streams only, as are all below.
    pub(super) start: Option<Start>,
    pub(super) bisect: bool,
    /// `None`: until the records expire.
    pub(super) retries: Option<u64>,
    pub(super) record_age: Option<Duration>,
    pub(super) on_failure: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

const UNSUPPORTED: &[&str] = &[
    "ProvisionedPollerConfig",
    "TumblingWindowInSeconds",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "Topics",
    "Queues",
    "KMSKeyArn",
    "MetricsConfig",
];

impl Settings {
    pub(super) fn new(source: Source) -> Self {
        Self {
            enabled: true,
            batch_size: if source == Source::Stream { 100 } else { 10 },
            window: Duration::ZERO,
            filters: Filters::default(),
            item_failures: false,
            maximum_concurrency: None,
            start: None,
            bisect: false,
            retries: None,
            record_age: None,
            on_failure: None,
            tags: BTreeMap::new(),
        }
    }

    /// Takes over what a request sets.
    pub(super) fn change(&mut self, source: Source, input: &Value) -> Result<(), ServiceError> {
        for member in UNSUPPORTED {
            let value = input.get(member).filter(|v| !(v.is_null() || v.as_u64() == Some(0) || **v == json!([])));
            if let Some(value) = value {
                return Err(errors::unsupported(member, value));
            }
        }
        if let Some(enabled) = input.get("Enabled").and_then(Value::as_bool) {
            self.enabled = enabled;
        }
        self.change_batches(source, input)?;
        if let Some(filters) = input.get("FilterCriteria").filter(|value| !value.is_null()) {
            self.filters = Filters::parse(filters)?;
        }
        if let Some(types) = input.get("FunctionResponseTypes").and_then(Value::as_array) {
            self.item_failures = types.iter().any(|kind| kind.as_str() == Some("ReportBatchItemFailures"));
        }
        match source {
            Source::Queue { .. } => self.change_queue(input),
            Source::Stream => self.change_stream(input),
        }
    }

    /// Takes over the tags of a request.
    pub(super) fn tag(&mut self, input: &Value) {
        let tags = input.get("Tags").and_then(Value::as_object);
        let tags =
            tags.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        self.tags.extend(tags);
    }

    fn change_batches(&mut self, source: Source, input: &Value) -> Result<(), ServiceError> {
        if let Some(size) = signed(input, "BatchSize", 1, source.largest_batch())? {
            self.batch_size = usize::try_from(size).unwrap_or(1);
        }
        if let Some(seconds) = signed(input, "MaximumBatchingWindowInSeconds", 0, 300)? {
            self.window = Duration::from_secs(seconds);
        }
        let fifo = source == Source::Queue { fifo: true };
        if fifo && !self.window.is_zero() {
            return Err(errors::invalid("Batching window is not supported for FIFO queues"));
        }
        if matches!(source, Source::Queue { .. }) && self.batch_size > 10 && self.window.is_zero() {
            return Err(errors::invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
        Ok(())
    }

    fn change_queue(&mut self, input: &Value) -> Result<(), ServiceError> {
        if is_set(input, "StartingPosition") {
            return Err(errors::invalid("StartingPosition is not valid for SQS event sources."));
        }
        if let Some(name) = STREAM_ONLY.iter().find(|name| is_set(input, name)) {
            return Err(not_for_source(name));
        }
        if input.get("DestinationConfig").is_some_and(|config| config.as_object().is_some_and(|c| !c.is_empty())) {
            return Err(not_for_source("DestinationConfig"));
        }
        let scaling = input.get("ScalingConfig").unwrap_or(&Value::Null);
        if let Some(most) = signed(scaling, "MaximumConcurrency", 2, 1000)? {
            self.maximum_concurrency = usize::try_from(most).ok();
        } else if scaling.is_object() {
            self.maximum_concurrency = None;
        }
        Ok(())
    }

    fn change_stream(&mut self, input: &Value) -> Result<(), ServiceError> {
        match input.get("StartingPosition").and_then(Value::as_str) {
            None => {}
            Some("TRIM_HORIZON") => self.start = Some(Start::TrimHorizon),
            Some("LATEST") => self.start = Some(Start::Latest),
            Some("AT_TIMESTAMP") => {
                let source = input.get("EventSourceArn").and_then(Value::as_str).unwrap_or_default();
                return Err(errors::invalid(format!("Unsupported starting position for arn type: {source}")));
            }
            Some(other) => {
                return Err(errors::validation(format!(
                    "1 validation error detected: Value '{other}' at 'startingPosition' failed to satisfy constraint: \
                     Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
                )));
            }
        }
        if self.start.is_none() {
            return Err(errors::invalid(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must \
                 not be null.",
            ));
        }
        if input.pointer("/DestinationConfig/OnSuccess").is_some_and(|config| !config.is_null()) {
            return Err(not_for_source("DestinationConfig"));
        }
        if let Some(factor) = input.get("ParallelizationFactor").filter(|f| !f.is_null() && f.as_u64() != Some(1)) {
            return Err(errors::unsupported("ParallelizationFactor", factor));
        }
        if let Some(bisect) = input.get("BisectBatchOnFunctionError").and_then(Value::as_bool) {
            self.bisect = bisect;
        }
        if is_set(input, "ScalingConfig") {
            return Err(not_for_source("ScalingConfig"));
        }
        if let Some(retries) = or_endless(input, "MaximumRetryAttempts", 0, 10_000)? {
            self.retries = u64::try_from(retries).ok();
        }
        if let Some(age) = or_endless(input, "MaximumRecordAgeInSeconds", 60, 604_800)? {
            self.record_age = u64::try_from(age).ok().map(Duration::from_secs);
        }
        if let Some(destination) = input.pointer("/DestinationConfig/OnFailure/Destination").and_then(Value::as_str) {
            if !matches!(destination.split(':').nth(2), Some("sqs" | "s3")) {
                return Err(errors::unsupported("Destination", &Value::from(destination)));
            }
            self.on_failure = Some(destination.to_owned());
        }
        Ok(())
    }

    /// As answers show it.
    pub(super) fn show(&self, source: Source) -> Value {
        let types: &[&str] = if self.item_failures { &["ReportBatchItemFailures"] } else { &[] };
        let mut shown = json!({
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.window.as_secs(),
            "FunctionResponseTypes": types,
        });
        if !self.filters.is_empty() {
            set_member(&mut shown, "FilterCriteria", self.filters.show());
        }
        if let Some(most) = self.maximum_concurrency {
            set_member(&mut shown, "ScalingConfig", json!({ "MaximumConcurrency": most }));
        }
        if source == Source::Stream {
            let destination = self.on_failure.as_ref().map_or(json!({}), |target| json!({ "Destination": target }));
            let number = |value: Option<u64>| value.map_or(json!(-1), Value::from);
            set_member(&mut shown, "StartingPosition", self.start.map_or(Value::Null, |start| start.as_str().into()));
            set_member(&mut shown, "ParallelizationFactor", 1);
            set_member(&mut shown, "BisectBatchOnFunctionError", self.bisect);
            set_member(&mut shown, "MaximumRetryAttempts", number(self.retries));
            set_member(&mut shown, "MaximumRecordAgeInSeconds", number(self.record_age.map(|age| age.as_secs())));
            set_member(&mut shown, "TumblingWindowInSeconds", 0);
            set_member(&mut shown, "DestinationConfig", json!({ "OnFailure": destination }));
        }
        shown
    }
}

/// What queues do not have.
const STREAM_ONLY: &[&str] = &[
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPositionTimestamp",
];

fn is_set(input: &Value, name: &str) -> bool {
    input.get(name).is_some_and(|value| !value.is_null())
}

fn not_for_source(name: &str) -> ServiceError {
    errors::invalid(format!("Unsupported {name} parameter for given event source mapping type."))
}

/// A number in `from..=to`, or -1 for no end.
fn or_endless(input: &Value, name: &str, from: i64, to: i64) -> Result<Option<i64>, ServiceError> {
    let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_i64().filter(|number| *number == -1 || (from..=to).contains(number));
    number.map(Some).ok_or_else(|| errors::invalid(format!("{name} {value} is not -1 and not between {from} and {to}")))
}

fn signed(input: &Value, name: &str, from: u64, to: u64) -> Result<Option<u64>, ServiceError> {
    let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_u64().filter(|number| (from..=to).contains(number));
    number.map(Some).ok_or_else(|| errors::invalid(format!("{name} {value} is not between {from} and {to}")))
}
