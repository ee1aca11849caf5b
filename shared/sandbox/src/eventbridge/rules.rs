//! Rules: what they match and when they run. What they do is up to their targets.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value, json};
use throughline_event_pattern::Pattern;
use tokio::task::AbortHandle;

use super::input::{Input, object, with};
use super::schedule::Schedule;
use super::tags::{self, Tags};
use super::target::Target;
use super::{buses, errors, patterns, ticking};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

pub(super) const ENABLED: &str = "ENABLED";
pub(super) const DISABLED: &str = "DISABLED";
const STATES: [&str; 3] = [ENABLED, DISABLED, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

/// The most rules of one bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST_RULES: usize = 300;

pub(super) struct Rule {
    pub(super) name: String,
    pub(super) arn: String,
    bus: String,
    pub(super) pattern: Option<Pattern>,
    schedule: Option<Schedule>,
    state: &'static str,
    description: Option<String>,
    role: Option<String>,
    /// In the order in which they were put.
    pub(super) targets: IndexMap<String, Arc<Target>>,
    pub(super) tags: Tags,
    clockwork: Option<AbortHandle>,
}

impl Rule {
    pub(super) fn is_enabled(&self) -> bool {
        self.state != DISABLED
    }

    /// Starts or stops the schedule's task, as the rule's state wants it.
    fn wind(&mut self, cloud: &Cloud) {
        if let Some(clockwork) = self.clockwork.take() {
            clockwork.abort();
        }
        if let Some(schedule) = self.schedule.as_ref().filter(|_| self.is_enabled()) {
            self.clockwork = Some(ticking::start(cloud, &self.name, schedule.clone()));
        }
    }

    fn shown(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        object([
            ("Name", Some(self.name.clone().into())),
            ("Arn", Some(self.arn.clone().into())),
            ("EventPattern", self.pattern.as_ref().map(|pattern| pattern.as_str().into())),
            ("ScheduleExpression", self.schedule.as_ref().map(|schedule| schedule.to_string().into())),
            ("State", Some(self.state.into())),
            ("Description", text(&self.description)),
            ("RoleArn", text(&self.role)),
            ("EventBusName", Some(self.bus.clone().into())),
        ])
    }
}

impl Drop for Rule {
    fn drop(&mut self) {
        if let Some(clockwork) = &self.clockwork {
            clockwork.abort();
        }
    }
}

pub(super) fn put(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("Name", 64)?;
    let bus = input.bus();
    let mut state = cloud.eventbridge().state(cloud);
    let rules = &mut state.bus(bus)?.rules;
    let mut rule = read(cloud, input, name, bus)?;
    match rules.remove(name) {
        Some(mut old) => {
            rule.targets = std::mem::take(&mut old.targets);
            rule.tags = std::mem::take(&mut old.tags);
        }
        None if rules.len() >= MOST_RULES => return Err(errors::limit()),
        // Tags of a rule that exists are changed by TagResource only.
        None => tags::add(&mut rule.tags, input)?,
    }
    rule.wind(cloud);
    let answer = json!({ "RuleArn": rule.arn });
    rules.insert(name.to_owned(), rule);
    Ok(answer)
}

fn read(cloud: &Cloud, input: Input<'_>, name: &str, bus: &str) -> Result<Rule, ServiceError> {
    let pattern = patterns::read(input)?;
    let schedule = input.at_most("ScheduleExpression", 256)?.filter(|text| !text.is_empty());
    if pattern.is_none() && schedule.is_none() {
        return Err(errors::validation("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if schedule.is_some() && bus != buses::DEFAULT {
        return Err(errors::validation("ScheduleExpression is supported only on the default event bus."));
    }
    let schedule = schedule
        .map(|text| text.parse().map_err(|()| errors::validation("Parameter ScheduleExpression is not valid.")));
    let path = if bus == buses::DEFAULT { format!("rule/{name}") } else { format!("rule/{bus}/{name}") };
    Ok(Rule {
        name: name.to_owned(),
        arn: cloud.arn("events", &path),
        bus: bus.to_owned(),
        pattern,
        schedule: schedule.transpose()?,
        state: read_state(input)?,
        description: input.at_most("Description", 512)?.map(str::to_owned),
        role: input.optional("RoleArn").map(str::to_owned),
        targets: IndexMap::new(),
        tags: Tags::new(),
        clockwork: None,
    })
}

fn read_state(input: Input<'_>) -> Result<&'static str, ServiceError> {
    let Some(wanted) = input.optional("State") else { return Ok(ENABLED) };
    STATES.into_iter().find(|state| *state == wanted).ok_or_else(|| {
        let set = format!("Member must satisfy enum value set: [{}]", STATES.join(", "));
        errors::constraint(format!("'{wanted}'"), "state", &set)
    })
}

/// A rule that does not exist is deleted, as far as AWS is concerned.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.name("Name", 64)?;
    let mut state = cloud.eventbridge().state(cloud);
    let rules = &mut state.bus(input.bus())?.rules;
    if rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
        return Err(errors::validation("Rule can't be deleted since it has targets."));
    }
    rules.remove(name);
    Ok(json!({}))
}

pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let shown = state.rule(input, "Name")?.shown();
    Ok(with(shown, [("CreatedBy", Some(cloud.account().into()))]))
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional("NamePrefix").unwrap_or_default();
    let mut state = cloud.eventbridge().state(cloud);
    let rules = state.bus(input.bus())?.rules.iter().filter(|(name, _)| name.starts_with(prefix));
    input.page("Rules", rules.map(|(name, rule)| (name.clone(), rule.shown())).collect())
}

pub(super) fn set_state(cloud: &Cloud, input: Input<'_>, wanted: &'static str) -> Answer {
    let mut state = cloud.eventbridge().state(cloud);
    let rule = state.rule(input, "Name")?;
    if rule.is_enabled() != (wanted == ENABLED) {
        rule.state = wanted;
        rule.wind(cloud);
    }
    Ok(json!({}))
}
