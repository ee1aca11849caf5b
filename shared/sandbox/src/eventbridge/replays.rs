//! Replays: archived events go over their bus again.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::archives::Archived;
use super::event::Event;
use super::input::{Input, object, seconds, with};
use super::{buses, errors, routing};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// What a replay takes to start, and then for each event: long enough to be seen under way and cancelled.
const STEP: Duration = Duration::from_millis(1);

/// The most replays at a time.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST_ACTIVE: usize = 10;

pub(super) struct Replay {
    name: String,
    arn: String,
    description: Option<String>,
    archive: String,
    destination: Value,
    from: Timestamp,
    to: Timestamp,
    state: &'static str,
    started: Timestamp,
    ended: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Replay {
    fn shown(&self) -> Value {
        object([
            ("ReplayName", Some(self.name.clone().into())),
            ("EventSourceArn", Some(self.archive.clone().into())),
            ("State", Some(self.state.into())),
            ("EventStartTime", Some(seconds(self.from))),
            ("EventEndTime", Some(seconds(self.to))),
            ("EventLastReplayedTime", self.last.map(seconds)),
            ("ReplayStartTime", Some(seconds(self.started))),
            ("ReplayEndTime", self.ended.map(seconds)),
        ])
    }

    fn is_cancelled(&self) -> bool {
        self.state == "CANCELLING"
    }
}

fn invalid(parameter: &str, reason: &str) -> ServiceError {
    errors::validation(format!("Parameter {parameter} is not valid. Reason: {reason}"))
}

pub(super) fn start(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("ReplayName", 64)?;
    let source = input.text("EventSourceArn")?;
    let destination = input.part("Destination").ok_or_else(|| errors::missing("destination"))?;
    let bus_arn = destination.optional("Arn").ok_or_else(|| errors::missing("destination.arn"))?;
    let time = |member: &str| input.time(member)?.ok_or_else(|| errors::missing(&super::input::camel(member)));
    let (from, to) = (time("EventStartTime")?, time("EventEndTime")?);
    let bus = buses::name_of_arn(cloud, bus_arn)
        .ok_or_else(|| invalid("Destination.Arn", "Must contain an event bus ARN."))?;
    let now = cloud.clock().now();
    let mut state = cloud.eventbridge().state(cloud);
    state.bus(bus)?;
    let archive_name = source.split_once(":archive/").map_or(source, |(_, name)| name);
    let no_archive = || invalid("EventSourceArn", &format!("Archive {archive_name} does not exist."));
    let archive = state.archives.get_mut(archive_name).ok_or_else(no_archive)?;
    if from >= to {
        return Err(invalid("EventEndTime", "EventStartTime must be before EventEndTime."));
    }
    if archive.source != bus_arn {
        return Err(invalid("Destination.Arn", "Cross event bus replay is not permitted."));
    }
    let events = archive.between(now, from, to);
    if state.replays.contains_key(name) {
        return Err(errors::exists(format!("Replay {name} already exists.")));
    }
    let active = state.replays.values().filter(|replay| matches!(replay.state, "STARTING" | "RUNNING")).count();
    if active >= MOST_ACTIVE {
        return Err(errors::limit());
    }
    let replay = Replay {
        name: name.to_owned(),
        arn: cloud.arn("events", &format!("replay/{name}")),
        description: input.at_most("Description", 512)?.map(str::to_owned),
        archive: source.to_owned(),
        destination: destination.0.clone(),
        from,
        to,
        state: "STARTING",
        started: now,
        ended: None,
        last: None,
    };
    let answer = json!({ "ReplayArn": replay.arn, "State": "STARTING", "ReplayStartTime": seconds(now) });
    state.replays.insert(name.to_owned(), replay);
    spawn(cloud, name, bus, events, destination.texts("FilterArns"));
    Ok(answer)
}

fn spawn(cloud: &Cloud, name: &str, bus: &str, events: Vec<Archived>, only: Vec<String>) {
    let (cloud, name, bus) = (cloud.clone(), name.to_owned(), bus.to_owned());
    let pending = cloud.eventbridge().begin(format!("replay {name} of {} events", events.len()));
    tokio::spawn(async move {
        cloud.clock().sleep(STEP).await;
        for archived in events {
            if !advance(&cloud, &name, "RUNNING", Some(archived.time)) {
                break;
            }
            let event = Event::replayed(&cloud, &archived.event, &name);
            routing::publish(&cloud, &bus, &event, &only);
            cloud.clock().sleep(STEP).await;
        }
        advance(&cloud, &name, "COMPLETED", None);
        drop(pending);
    });
}

/// Puts the replay into a state, unless it was cancelled: then it is over.
fn advance(cloud: &Cloud, name: &str, to: &'static str, at: Option<Timestamp>) -> bool {
    let mut state = cloud.eventbridge().state(cloud);
    let Some(replay) = state.replays.get_mut(name) else { return false };
    let go_on = !replay.is_cancelled() && replay.state != "CANCELLED";
    if replay.is_cancelled() {
        replay.state = "CANCELLED";
    } else if go_on {
        replay.state = to;
    }
    if at.is_some() && go_on {
        replay.last = at;
    }
    if matches!(replay.state, "CANCELLED" | "COMPLETED") {
        replay.ended.get_or_insert(cloud.clock().now());
    }
    go_on
}

pub(super) fn cancel(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("ReplayName", 64)?;
    let mut state = cloud.eventbridge().state(cloud);
    let replay = state.replays.get_mut(name).ok_or_else(|| no_replay(name))?;
    if !matches!(replay.state, "STARTING" | "RUNNING") {
        let message = format!("Replay {name} is not in a valid state for this operation.");
        return Err(ServiceError::new("IllegalStatusException", message));
    }
    replay.state = "CANCELLING";
    Ok(json!({ "ReplayArn": replay.arn, "State": replay.state }))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("ReplayName", 64)?;
    let mut state = cloud.eventbridge().state(cloud);
    let replay = state.replays.get_mut(name).ok_or_else(|| no_replay(name))?;
    let more = [
        ("ReplayArn", Some(replay.arn.clone().into())),
        ("Destination", Some(replay.destination.clone())),
        ("Description", replay.description.clone().map(Value::from)),
    ];
    Ok(with(replay.shown(), more))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let (source, wanted) = (input.optional("EventSourceArn"), input.optional("State"));
    let state = cloud.eventbridge().state(cloud);
    let replays = state.replays.values().filter(|replay| {
        replay.name.starts_with(prefix)
            && source.is_none_or(|source| replay.archive == source)
            && wanted.is_none_or(|wanted| replay.state == wanted)
    });
    input.page("Replays", replays.map(|replay| (replay.name.clone(), replay.shown())).collect())
}

fn no_replay(name: &str) -> ServiceError {
    errors::not_found(format!("Replay {name} does not exist."))
}
