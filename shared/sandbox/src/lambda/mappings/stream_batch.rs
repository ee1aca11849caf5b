//! Running a batch of a stream's records: retries, bisecting, discarding
//! ([error handling](https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html)).

use std::time::Duration;

use serde_json::{Value, json};

use super::response::{Verdict, read};
use super::settings::Settings;
use super::{Mapping, Processing};
use crate::cloud::Cloud;
use crate::faults::Trigger;
use crate::lambda::invoke::{Event, Outcome, RecordSource, run, send_to_destination};
use crate::lambda::report::time;
use crate::wire::set_member;

/// Records expire after a day
/// ([DynamoDB Streams](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html)).
const EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);
/// The waits between attempts, doubled from the first to the longest. AWS does not say what its own are.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where a batch comes from and goes to.
pub(super) struct Batch<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) mapping: &'a Mapping,
    pub(super) shard: &'a str,
    pub(super) settings: &'a Settings,
}

/// Records that are tried together.
struct Part<'r> {
    records: Vec<&'r Value>,
    /// Failed attempts; splitting does not count.
    failures: u64,
    wait: Duration,
    invocations: u32,
}

impl<'r> Part<'r> {
    fn new(records: Vec<&'r Value>, failures: u64) -> Self {
        Self { records, failures, wait: FIRST_WAIT, invocations: 0 }
    }
}

/// What one attempt left.
enum Left {
    Nothing,
    /// All, or those from this one on.
    From {
        index: usize,
        outcome: Option<Outcome>,
    },
}

impl Batch<'_> {
    /// Handles records until they are done with or discarded.
    pub(super) async fn run(&self, records: &[Value]) {
        let shown: Vec<Value> = records.iter().map(|record| self.record(record)).collect();
        let passing: Vec<&Value> = shown.iter().filter(|record| self.settings.filters.passes(record)).collect();
        // The part that comes first is last.
        let mut parts = vec![Part::new(passing, 0)];
        while let Some(part) = parts.pop() {
            if !part.records.is_empty() {
                self.attempt(part, &mut parts).await;
            }
        }
    }

    async fn attempt<'r>(&self, mut part: Part<'r>, parts: &mut Vec<Part<'r>>) {
        if !self.young(&mut part).await {
            return;
        }
        part.invocations += 1;
        let (index, outcome) = match self.invoke(&part.records).await {
            Left::Nothing => return,
            Left::From { index, outcome } => (index, outcome),
        };
        if outcome.is_some() {
            part.failures += 1;
        }
        let rest = part.records.split_off(index);
        if index > 0 {
            // What came before is done: the rest is a batch of its own, whose attempts are counted anew.
            parts.push(Part::new(rest, 0));
            return;
        }
        part.records = rest;
        if self.settings.retries.is_some_and(|retries| part.failures > retries) {
            self.discard(&part, "RetryAttemptsExhausted", outcome.as_ref()).await;
            return;
        }
        tokio::time::sleep(part.wait).await;
        if self.settings.bisect && outcome.is_some() && part.records.len() > 1 {
            // Splitting does not use up attempts.
            let second = part.records.split_off(part.records.len().div_ceil(2));
            parts.push(Part::new(second, part.failures - 1));
            parts.push(Part::new(part.records, part.failures - 1));
            return;
        }
        part.wait = (part.wait * 2).min(LONGEST_WAIT);
        parts.push(part);
    }

    /// Discards the records that are too old; whether any is left.
    async fn young(&self, part: &mut Part<'_>) -> bool {
        let limit = self.settings.record_age.unwrap_or(EXPIRY);
        let now = self.cloud.clock().now_millis();
        let old = |record: &&&Value| {
            let age = now - arrival(record).map_or(now, |seconds| seconds * 1000);
            u128::try_from(age).is_ok_and(|age| age > limit.as_millis())
        };
        let count = part.records.iter().take_while(old).count();
        if count > 0 {
            let rest = part.records.split_off(count);
            let condition = "RecordAgeExceeded";
            self.discard(part, condition, None).await;
            part.records = rest;
        }
        !part.records.is_empty()
    }

    async fn invoke(&self, records: &[&Value]) -> Left {
        let (function, arn) = match self.mapping.function(self.cloud) {
            Ok(function) => function,
            Err(error) => {
                tracing::warn!(stream = self.mapping.source, %error, "a batch has no function to go to");
                return Left::From { index: 0, outcome: None };
            }
        };
        let event = Event {
            payload: json!({ "Records": records }).to_string(),
            request_id: self.cloud.uuid().to_string(),
            trace_id: None,
            client_context: None,
            arn,
            trigger: Trigger::Stream,
        };
        let outcome = match run(self.cloud, &function, event).await {
            Ok(outcome) => outcome,
            // Throttled: tried again without counting.
            Err(_) => return Left::From { index: 0, outcome: None },
        };
        self.mapping.state().result = if outcome.failed { Processing::Failed } else { Processing::Done };
        if outcome.failed {
            return Left::From { index: 0, outcome: Some(outcome) };
        }
        if !self.settings.item_failures {
            return Left::Nothing;
        }
        let ids: Vec<_> = records.iter().filter_map(|record| sequence(record)).collect();
        match read(&outcome.payload, &ids) {
            Verdict::Success => Left::Nothing,
            Verdict::Nonsense => Left::From { index: 0, outcome: Some(outcome) },
            // The first failed one is the checkpoint: all from there are tried again.
            Verdict::Failed(failed) => {
                let first = ids.iter().position(|id| failed.iter().any(|failed| failed == id));
                Left::From { index: first.unwrap_or(0), outcome: Some(outcome) }
            }
        }
    }

    /// Gives records up, with a record of it at the destination.
    async fn discard(&self, part: &Part<'_>, condition: &str, outcome: Option<&Outcome>) {
        let (Some(target), Some(first), Some(last)) =
            (&self.settings.on_failure, part.records.first(), part.records.last())
        else {
            return;
        };
        let arrived = |record: &Value| {
            let at = arrival(record).and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
            at.unwrap_or_default().to_string()
        };
        let function = self.mapping.target().arn(self.cloud);
        let mut record = json!({
            "requestContext": {
                "requestId": outcome.map_or_else(|| self.cloud.uuid().to_string(), |o| o.request_id.clone()),
                "functionArn": function,
                "condition": condition,
                "approximateInvokeCount": part.invocations.max(1),
            },
            "version": "1.0",
            "timestamp": time(self.cloud.clock().now()),
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": sequence(first),
                "endSequenceNumber": sequence(last),
                "approximateArrivalOfFirstRecord": arrived(first),
                "approximateArrivalOfLastRecord": arrived(last),
                "batchSize": part.records.len(),
                "streamArn": self.mapping.source,
            },
        });
        // Records that were given up for their age were not given up for what the function said.
        if let Some(outcome) = outcome {
            let error = outcome.failed.then_some("Unhandled");
            let response = json!({ "statusCode": 200, "executedVersion": outcome.version, "functionError": error });
            set_member(&mut record, "responseContext", response);
        }
        match target.strip_prefix("arn:aws:s3:::") {
            Some(bucket) => self.store(bucket, record, &part.records),
            None => {
                let source = RecordSource { arn: &function, trace: None };
                send_to_destination(self.cloud, target, &source, "", &record).await;
            }
        }
    }

    /// In a bucket the record holds the event, too
    /// ([S3 as a destination](https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html)).
    fn store(&self, bucket: &str, mut record: Value, records: &[&Value]) {
        set_member(&mut record, "payload", json!({ "Records": records }).to_string());
        let now = self.cloud.clock().now();
        let (day, time) = (now.strftime("%Y/%m/%d"), now.strftime("%Y-%m-%dT%H.%M.%S"));
        let (mapping, shard, id) = (&self.mapping.uuid, self.shard, self.cloud.uuid());
        let key = format!("aws/lambda/{mapping}/{shard}/{day}/{time}-{id}");
        if let Err(error) = self.cloud.s3().put_object(self.cloud, bucket, &key, record.to_string().into()) {
            tracing::error!(bucket, key, %error, "a record could not be stored at its destination");
        }
    }

    /// A record as the function gets it.
    fn record(&self, record: &Value) -> Value {
        let mut shown = record.clone();
        set_member(&mut shown, "eventSourceARN", self.mapping.source());
        set_member(&mut shown, "awsRegion", self.cloud.region());
        set_member(&mut shown, "eventSource", "aws:dynamodb");
        // The API's members are capitalised; in what a function is given they are not.
        if let Some(identity) = record.get("userIdentity") {
            let member = |name: &str| identity.get(name).cloned().unwrap_or_default();
            set_member(
                &mut shown,
                "userIdentity",
                json!({ "type": member("Type"), "principalId": member("PrincipalId") }),
            );
        }
        shown
    }
}

fn sequence(record: &Value) -> Option<&str> {
    record.pointer("/dynamodb/SequenceNumber")?.as_str()
}

/// When it was written, in seconds since 1970.
fn arrival(record: &Value) -> Option<i64> {
    let at = record.pointer("/dynamodb/ApproximateCreationDateTime")?;
    at.as_i64().or_else(|| at.as_f64().map(|seconds| seconds as i64))
}
