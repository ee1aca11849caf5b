//! Log streams.

use serde_json::{Value, json};

use super::input::{Input, invalid};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

/// What AWS adds to an event's text when it counts bytes.
const OVERHEAD: usize = 26;

/// An event. Times are milliseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Its number among all events, in the order of their coming in.
    pub(super) number: u64,
    pub(super) time: i64,
    pub(super) ingested_at: i64,
    pub(super) message: String,
}

impl Event {
    /// The id that `FilterLogEvents` and subscriptions show.
    pub(super) fn id(&self) -> String {
        format!("{:056}", self.number)
    }

    /// Where it stands among others: by time, then by arrival.
    pub(super) fn place(&self) -> (i64, u64) {
        (self.time, self.number)
    }
}

/// Events, by time.
pub(super) struct Stream {
    created_at: i64,
    events: Vec<Event>,
    bytes: usize,
}

impl Stream {
    pub(super) fn new(now: i64) -> Self {
        Self { created_at: now, events: Vec::new(), bytes: 0 }
    }

    pub(super) fn push(&mut self, event: Event) {
        self.bytes += event.message.len() + OVERHEAD;
        let at = self.events.partition_point(|other| other.place() <= event.place());
        self.events.insert(at, event);
    }

    /// The events from `start` to before `end`.
    pub(super) fn between(&self, start: i64, end: i64) -> &[Event] {
        let from = self.events.partition_point(|event| event.time < start);
        let to = self.events.partition_point(|event| event.time < end);
        self.events.get(from..to).unwrap_or_default()
    }

    pub(super) fn drop_before(&mut self, time: i64) {
        let old = self.events.partition_point(|event| event.time < time);
        self.bytes -= self.events.drain(..old).map(|event| event.message.len() + OVERHEAD).sum::<usize>();
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn last_time(&self) -> i64 {
        self.events.last().map_or(0, |event| event.time)
    }
}

/// A token of AWS's length for what comes after an event. It is not needed any more
/// ([PutLogEvents](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)).
pub(super) fn sequence_token(after: u64) -> String {
    format!("4966{after:052}")
}

pub(super) fn check_name(name: &str) -> Result<(), ServiceError> {
    let good = (1..=512).contains(&name.len()) && !name.contains([':', '*']);
    good.then_some(()).ok_or_else(|| invalid(format!("{name:?} is not a name for a log stream: no : and no *")))
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("logStreamName")?;
    check_name(name)?;
    let mut state = cloud.logs().state();
    let group = state.group(input.text("logGroupName")?)?;
    if group.streams.contains_key(name) {
        return Err(ServiceError::new("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    group.streams.insert(name.to_owned(), Stream::new(cloud.clock().now_millis()));
    Ok(json!({}))
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("logStreamName")?;
    let mut state = cloud.logs().state();
    let group = state.group(input.text("logGroupName")?)?;
    group.stream(name)?;
    group.streams.remove(name);
    Ok(json!({}))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let limit = input.limit(50)?;
    let name = input.group()?;
    let prefix = input.optional_text("logStreamNamePrefix").unwrap_or_default();
    let by_time = input.optional_text("orderBy") == Some("LastEventTime");
    if by_time && !prefix.is_empty() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut state = cloud.logs().state();
    let group = state.group(name)?;
    group.expire(cloud.clock().now_millis());
    let mut streams: Vec<_> = group.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
    if by_time {
        streams.sort_by_key(|(_, stream)| stream.last_time());
    }
    if input.flag("descending") {
        streams.reverse();
    }
    let start = input.optional_text("nextToken").and_then(|token| token.parse::<usize>().ok()).unwrap_or_default();
    let page: Vec<_> = streams.iter().skip(start).take(limit).collect();
    let shown: Vec<_> = page.iter().map(|(stream, state)| show(cloud, name, stream, state)).collect();
    let mut answer = json!({ "logStreams": shown });
    if streams.len() > start + limit {
        set_member(&mut answer, "nextToken", (start + limit).to_string());
    }
    Ok(answer)
}

fn show(cloud: &Cloud, group: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created_at,
        "arn": cloud.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
        "storedBytes": 0, // as AWS answers since 2019
    });
    if let (Some(first), Some(last)) = (stream.events.first(), stream.events.last()) {
        set_member(&mut shown, "firstEventTimestamp", first.time);
        set_member(&mut shown, "lastEventTimestamp", last.time);
        set_member(&mut shown, "uploadSequenceToken", sequence_token(last.number));
        set_member(&mut shown, "lastIngestionTime", stream.events.iter().map(|event| event.ingested_at).max());
    }
    shown
}
