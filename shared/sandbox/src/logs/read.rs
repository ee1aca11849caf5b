//! Reading events.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::input::{Input, invalid};
use super::pattern::Pattern;
use super::streams::Event;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError, set_member};

const MOST: usize = 10_000;

/// A place between events: time and number, and which way a page goes from there.
type Place = (i64, u64);

pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let limit = input.limit(MOST)?;
    let token = input.optional_text("nextToken").map(read_token).transpose()?;
    let (start, end) = (input.number("startTime").unwrap_or(0), input.number("endTime").unwrap_or(i64::MAX));
    let mut state = cloud.logs().state();
    let group = state.group(input.group()?)?;
    group.expire(cloud.clock().now_millis());
    let events = group.stream(input.text("logStreamName")?)?.between(start, end);

    let head = input.flag("startFromHead");
    let page = match token {
        Some((true, place)) => first(after(events, place), limit),
        Some((false, place)) => last(before(events, place), limit),
        None if head => first(events, limit),
        None => last(events, limit),
    };
    let around = token.map_or((start, 0), |(_, place)| place);
    let forward = page.last().map_or(around, Event::place);
    let backward = page.first().map_or(around, Event::place);
    Ok(json!({
        "events": page.iter().map(show).collect::<Vec<_>>(),
        "nextForwardToken": format!("f/{}/{}", forward.0, forward.1),
        "nextBackwardToken": format!("b/{}/{}", backward.0, backward.1),
    }))
}

fn first(events: &[Event], limit: usize) -> &[Event] {
    events.get(..limit).unwrap_or(events)
}

fn last(events: &[Event], limit: usize) -> &[Event] {
    events.len().checked_sub(limit).and_then(|from| events.get(from..)).unwrap_or(events)
}

fn after(events: &[Event], place: Place) -> &[Event] {
    events.get(events.partition_point(|event| event.place() <= place)..).unwrap_or_default()
}

fn before(events: &[Event], place: Place) -> &[Event] {
    events.get(..events.partition_point(|event| event.place() < place)).unwrap_or_default()
}

/// Whether the token goes forward, and from where.
fn read_token(token: &str) -> Result<(bool, Place), ServiceError> {
    let read = || {
        let mut parts = token.split('/');
        let forward = match parts.next()? {
            "f" => true,
            "b" => false,
            _ => return None,
        };
        Some((forward, (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))
    };
    read().ok_or_else(|| invalid("The specified nextToken is invalid."))
}

fn show(event: &Event) -> Value {
    json!({ "timestamp": event.time, "message": event.message, "ingestionTime": event.ingested_at })
}

pub(super) fn filter(cloud: &Cloud, input: Input<'_>) -> Answer {
    let limit = input.limit(MOST)?;
    let pattern = Pattern::parse(input.optional_text("filterPattern").unwrap_or_default())
        .map_err(|reason| invalid(format!("Invalid filter pattern: {reason}")))?;
    let from = input.optional_text("nextToken").map(read_token).transpose()?.map(|(_, place)| place);
    let start = input.number("startTime").unwrap_or(0);
    let end = input.number("endTime").unwrap_or(i64::MAX).saturating_add(1);
    let names: BTreeSet<&str> = input.list("logStreamNames").filter_map(Value::as_str).collect();
    let prefix = input.optional_text("logStreamNamePrefix").unwrap_or_default();

    let mut state = cloud.logs().state();
    let group = state.group(input.group()?)?;
    group.expire(cloud.clock().now_millis());
    let mut found: Vec<(&str, &Event)> = Vec::new();
    for (name, stream) in &group.streams {
        if name.starts_with(prefix) && (names.is_empty() || names.contains(name.as_str())) {
            let events = stream.between(start, end);
            let events = from.map_or(events, |place| after(events, place));
            found.extend(
                events.iter().filter(|event| pattern.matches(&event.message)).map(|event| (name.as_str(), event)),
            );
        }
    }
    found.sort_by_key(|(_, event)| event.place());
    let more = found.len() > limit;
    found.truncate(limit);
    let mut answer = json!({ "events": found.iter().map(|(name, event)| show_found(name, event)).collect::<Vec<_>>(),
        "searchedLogStreams": [] });
    if let Some((_, event)) = found.last().filter(|_| more) {
        set_member(&mut answer, "nextToken", format!("f/{}/{}", event.time, event.number));
    }
    Ok(answer)
}

fn show_found(stream: &str, event: &Event) -> Value {
    let mut shown = show(event);
    set_member(&mut shown, "logStreamName", stream);
    set_member(&mut shown, "eventId", event.id());
    shown
}
