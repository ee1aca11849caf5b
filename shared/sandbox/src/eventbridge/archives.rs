//! Archives: what went over a bus, kept for replays.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

use super::event::Event;
use super::input::{Input, object, seconds, with};
use super::{buses, errors, patterns};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

pub(super) struct Archive {
    name: String,
    arn: String,
    /// The bus's ARN.
    pub(super) source: String,
    pattern: Option<Pattern>,
    description: Option<String>,
    /// Zero: for ever.
    retention_days: i64,
    created: Timestamp,
    events: Vec<Archived>,
}

#[derive(Clone)]
pub(super) struct Archived {
    pub(super) event: Arc<Value>,
    pub(super) time: Timestamp,
    kept: Timestamp,
}

impl Archive {
    fn shown(&self) -> Value {
        let size: usize = self.events.iter().map(|archived| archived.event.to_string().len()).sum();
        object([
            ("ArchiveName", Some(self.name.clone().into())),
            ("EventSourceArn", Some(self.source.clone().into())),
            ("State", Some("ENABLED".into())),
            ("RetentionDays", Some(self.retention_days.into())),
            ("SizeBytes", Some(size.into())),
            ("EventCount", Some(self.events.len().into())),
            ("CreationTime", Some(seconds(self.created))),
        ])
    }

    fn answer(&self) -> Value {
        json!({ "ArchiveArn": self.arn, "State": "ENABLED", "CreationTime": seconds(self.created) })
    }

    /// The events that happened between two times, in that order.
    pub(super) fn between(&mut self, now: Timestamp, from: Timestamp, to: Timestamp) -> Vec<Archived> {
        self.expire(now);
        let inside = |archived: &&Archived| (from..=to).contains(&archived.time);
        let mut events: Vec<Archived> = self.events.iter().filter(inside).cloned().collect();
        events.sort_by_key(|archived| archived.time);
        events
    }

    fn expire(&mut self, now: Timestamp) {
        if self.retention_days == 0 {
            return;
        }
        let retention = SignedDuration::from_hours(self.retention_days * 24);
        if let Ok(oldest) = now.checked_sub(retention) {
            self.events.retain(|archived| archived.kept >= oldest);
        }
    }
}

/// Keeps the event in the archives of the bus. What a replay sends is not kept again.
pub(super) fn keep(archives: &mut BTreeMap<String, Archive>, bus: &str, event: &Event) {
    if event.is_replayed() {
        return;
    }
    let time = event.value.get("time").and_then(Value::as_str).and_then(|time| time.parse().ok());
    for archive in archives.values_mut().filter(|archive| archive.source == bus) {
        if archive.pattern.as_ref().is_none_or(|pattern| pattern.matches(&event.value)) {
            let time = time.unwrap_or(event.ingested);
            archive.events.push(Archived { event: Arc::clone(&event.value), time, kept: event.ingested });
            archive.expire(event.ingested);
        }
    }
}

pub(super) fn no_archive(name: &str) -> ServiceError {
    errors::not_found(format!("Archive {name} does not exist."))
}

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("ArchiveName", 48)?;
    let source = input.text("EventSourceArn")?;
    let mut state = cloud.eventbridge().state(cloud);
    let bus = state.bus(buses::name_of(source))?.arn.clone();
    if bus != source {
        return Err(errors::bad_arn(source));
    }
    if state.archives.contains_key(name) {
        return Err(errors::exists(format!("Archive {name} already exists.")));
    }
    let archive = Archive {
        name: name.to_owned(),
        arn: cloud.arn("events", &format!("archive/{name}")),
        source: bus,
        pattern: patterns::read(input)?,
        description: input.at_most("Description", 512)?.map(str::to_owned),
        retention_days: retention(input).unwrap_or(0),
        created: cloud.clock().now(),
        events: Vec::new(),
    };
    let answer = archive.answer();
    state.archives.insert(name.to_owned(), archive);
    Ok(answer)
}

pub(super) fn update(cloud: &Cloud, input: Input<'_>) -> Answer {
    if ["EventPattern", "RetentionDays", "Description"].into_iter().all(|member| input.0.get(member).is_none()) {
        let message = "At least one of EventPattern, RetentionDays or Description must be provided.";
        return Err(errors::validation(message));
    }
    let mut state = cloud.eventbridge().state(cloud);
    let archive = find(&mut state.archives, input)?;
    if let Some(pattern) = patterns::read(input)? {
        archive.pattern = Some(pattern);
    }
    if let Some(description) = input.at_most("Description", 512)? {
        archive.description = Some(description.to_owned());
    }
    if let Some(days) = retention(input) {
        archive.retention_days = days;
    }
    Ok(archive.answer())
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let name = find(&mut state.archives, input)?.name.clone();
    state.archives.remove(&name);
    Ok(json!({}))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let archive = find(&mut state.archives, input)?;
    archive.expire(cloud.clock().now());
    let more = [
        ("ArchiveArn", Some(archive.arn.clone().into())),
        ("Description", archive.description.clone().map(Value::from)),
        ("EventPattern", archive.pattern.as_ref().map(|pattern| pattern.as_str().into())),
    ];
    Ok(with(archive.shown(), more))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let source = input.optional("EventSourceArn");
    let mut state = cloud.eventbridge().state(cloud);
    if let Some(source) = source {
        state.bus(buses::name_of(source))?;
    }
    let wanted = input.optional("State").is_none_or(|state| state == "ENABLED");
    let archives = state.archives.values_mut().filter(|archive| {
        wanted && archive.name.starts_with(prefix) && source.is_none_or(|source| archive.source == source)
    });
    let shown = archives.map(|archive| {
        archive.expire(cloud.clock().now());
        (archive.name.clone(), archive.shown())
    });
    input.page("Archives", shown.collect())
}

fn retention(input: Input<'_>) -> Option<i64> {
    input.integer("RetentionDays").map(|days| days.clamp(0, i64::from(i32::MAX)))
}

fn find<'a>(archives: &'a mut BTreeMap<String, Archive>, input: Input<'_>) -> Result<&'a mut Archive, ServiceError> {
    let name = input.name("ArchiveName", 48)?;
    archives.get_mut(name).ok_or_else(|| no_archive(name))
}
