//! Writing to log streams.

use std::sync::MutexGuard;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::groups::Group;
use super::input::{Input, invalid};
use super::streams::{Event, Stream, sequence_token};
use super::{LogLine, Logs, State, delivery};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

/// Limits of [PutLogEvents](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
const OVERHEAD: usize = 26;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

impl Logs {
    /// Writes lines (each with its time in milliseconds since 1970) to a stream, as a function's platform does: group and
    /// stream are made when they are not there.
    pub fn append(&self, cloud: &Cloud, group: &str, stream: &str, lines: Vec<(i64, String)>) {
        let mut state = self.state();
        if state.groups.get(group).is_none_or(|group| !group.streams.contains_key(stream)) {
            let now = cloud.clock().now_millis();
            let group = state.groups.entry(group.to_owned()).or_insert_with(|| Group::new(now));
            group.streams.insert(stream.to_owned(), Stream::new(now));
        }
        self.write(cloud, state, group, stream, lines);
    }

    fn write(
        &self,
        cloud: &Cloud,
        mut state: MutexGuard<'_, State>,
        group: &str,
        stream: &str,
        lines: Vec<(i64, String)>,
    ) {
        let ingested_at = cloud.clock().now_millis();
        let first = state.events + 1;
        state.events += lines.len() as u64;
        let numbered = (first..).zip(lines);
        let events: Vec<Event> =
            numbered.map(|(number, (time, message))| Event { number, time, ingested_at, message }).collect();
        let Some(place) = state.groups.get_mut(group) else { return };
        place.expire(ingested_at);
        let filters = place.filters.clone();
        let Some(place) = place.streams.get_mut(stream) else { return };
        for event in &events {
            place.push(event.clone());
            crate::cloudwatch::extract(cloud, &event.message);
        }
        for filter in &filters {
            let matching = events.iter().filter(|event| filter.pattern.matches(&event.message)).cloned().collect();
            delivery::enqueue(cloud, &mut state, group, stream, filter, matching);
        }
        drop(state);
        self.show(group, stream, events);
    }

    fn show(&self, group: &str, stream: &str, events: Vec<Event>) {
        if self.tail.receiver_count() == 0 {
            return;
        }
        for event in events {
            let time = Timestamp::from_millisecond(event.time).unwrap_or_default();
            let line = LogLine { group: group.to_owned(), stream: stream.to_owned(), time, message: event.message };
            let _ = self.tail.send(line);
        }
    }
}

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let (group, stream) = (input.text("logGroupName")?, input.text("logStreamName")?);
    let lines = read(input)?;
    let retention = {
        let mut state = cloud.logs().state();
        let group = state.group(group)?;
        group.stream(stream)?;
        group.retention_days
    };
    let (accepted, rejected) = sort_out(lines, cloud.clock().now_millis(), retention);
    cloud.logs().write(cloud, cloud.logs().state(), group, stream, accepted);
    let mut answer = json!({ "nextSequenceToken": sequence_token(cloud.logs().state().events) });
    if !rejected.is_empty() {
        set_member(&mut answer, "rejectedLogEventsInfo", rejected);
    }
    Ok(answer)
}

fn read(input: Input<'_>) -> Result<Vec<(i64, String)>, ServiceError> {
    let mut lines: Vec<(i64, String)> = Vec::new();
    let mut bytes = 0;
    for event in input.list("logEvents") {
        let event = Input(event);
        let time = event.number("timestamp").ok_or_else(|| invalid("A log event needs a timestamp."))?;
        let message = event.text("message")?;
        bytes += message.len() + OVERHEAD;
        if lines.last().is_some_and(|(last, _)| *last > time) {
            let text = "Log events in a single PutLogEvents request must be in chronological order.";
            return Err(invalid(text));
        }
        lines.push((time, message.to_owned()));
    }
    if lines.is_empty() || lines.len() > MOST_EVENTS {
        return Err(invalid(format!("logEvents must have 1 to {MOST_EVENTS} members.")));
    }
    if bytes > MOST_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    Ok(lines)
}

/// Leaves out what is too old or too new, and says where.
fn sort_out(lines: Vec<(i64, String)>, now: i64, retention: Option<i64>) -> (Vec<(i64, String)>, Map<String, Value>) {
    let mut rejected = Map::new();
    let index = |at: i64| lines.partition_point(|(time, _)| *time < at);
    let too_old = index(now - 14 * DAY);
    let expired = retention.map_or(0, |days| index(now - days * DAY));
    let too_new = index(now + 2 * HOUR + 1);
    for (name, end) in [("tooOldLogEventEndIndex", too_old), ("expiredLogEventEndIndex", expired)] {
        if end > 0 {
            rejected.insert(name.into(), end.into());
        }
    }
    if too_new < lines.len() {
        rejected.insert("tooNewLogEventStartIndex".into(), too_new.into());
    }
    let accepted = lines.into_iter().take(too_new).skip(too_old.max(expired)).collect();
    (accepted, rejected)
}
