//! The `Events` of a SAM function, as the resources that SAM makes of them.

use crate::template::error::ErrorKind;
use crate::template::reader::Reader;
use crate::template::topology::{FunctionResource, RuleResource, SubscriptionResource, Topology};

use super::rule::{bus_name, delivery, with_target};
use super::{Resource, event_sources};

/// A function's event: SAM's name for what it makes of it, and the line.
struct Event<'a> {
    logical_id: String,
    function: &'a FunctionResource,
    stack: &'a str,
    line: usize,
}

pub(super) fn read(topology: &mut Topology, resource: &Resource<'_>, function: &FunctionResource, reader: &Reader<'_>) {
    for (name, event) in reader.nested_entries("Events") {
        let made = Event {
            logical_id: format!("{}{name}", resource.logical_id),
            function,
            stack: &resource.scope.options.stack_name,
            line: event.place().line,
        };
        let kind = event.required_text("Type").unwrap_or_default();
        event.require("Properties");
        let properties = event.nested("Properties");
        if let Some(properties) = properties {
            add(topology, made, &kind, &event, properties);
        }
        event.finish();
    }
}

fn add(topology: &mut Topology, made: Event<'_>, kind: &str, event: &Reader<'_>, properties: Reader<'_>) {
    let function = made.function.name.clone();
    match kind {
        "SQS" => event_sources::add(topology, made.logical_id, function, "Queue", properties, made.line),
        "DynamoDB" => event_sources::add(topology, made.logical_id, function, "Stream", properties, made.line),
        "Schedule" => topology.rules.push(schedule(made, properties)),
        "EventBridgeRule" | "CloudWatchEvent" => topology.rules.push(rule(made, properties)),
        "CloudWatchLogs" => topology.subscriptions.push(subscription(made, properties)),
        _ => {
            let message = format!(
                "an event of the type {kind} is not supported by the local cloud; it has SQS, DynamoDB, Schedule, \
                 EventBridgeRule, CloudWatchEvent and CloudWatchLogs"
            );
            event.report(ErrorKind::UnsupportedResource, event.place_of("Type"), &message);
        }
    }
}

fn schedule(made: Event<'_>, reader: Reader<'_>) -> RuleResource {
    let expression = reader.required_text("Schedule");
    let name = reader.text("Name");
    let enabled = reader.boolean("Enabled").unwrap_or(true);
    let state = reader.one_of("State", &["ENABLED", "DISABLED"]);
    let state = state.unwrap_or(if enabled { "ENABLED" } else { "DISABLED" });
    let rule = RuleResource { schedule: expression, ..base(&made, name, state, &reader) };
    reader.finish();
    rule
}

fn rule(made: Event<'_>, reader: Reader<'_>) -> RuleResource {
    reader.require("Pattern");
    let pattern = reader.json("Pattern");
    let name = reader.text("RuleName");
    let state = reader.one_of("State", &["ENABLED", "DISABLED"]).unwrap_or("ENABLED");
    let bus = reader.text("EventBusName").map_or_else(|| "default".to_owned(), |bus| bus_name(&bus));
    let mut rule = RuleResource { pattern, bus, ..base(&made, name, state, &reader) };
    if let Some(target) = reader.nested("Target") {
        if let (Some(id), Some(first)) = (target.required_text("Id"), rule.targets.first_mut()) {
            *first = with_target(&id, &made.function.arn, delivery(&reader));
        }
        target.finish();
    }
    reader.finish();
    rule
}

/// What a schedule and a rule of a function have in common.
fn base(made: &Event<'_>, name: Option<String>, state: &str, reader: &Reader<'_>) -> RuleResource {
    let target = with_target(&format!("{}LambdaTarget", made.logical_id), &made.function.arn, delivery(reader));
    RuleResource {
        logical_id: made.logical_id.clone(),
        name: name.unwrap_or_else(|| format!("{}-{}", made.stack, made.logical_id)),
        bus: "default".to_owned(),
        pattern: None,
        schedule: None,
        state: state.to_owned(),
        description: reader.text("Description"),
        targets: vec![target],
        line: made.line,
    }
}

fn subscription(made: Event<'_>, reader: Reader<'_>) -> SubscriptionResource {
    reader.require("FilterPattern");
    let subscription = SubscriptionResource {
        name: format!("{}-{}", made.stack, made.logical_id),
        logical_id: made.logical_id,
        log_group: reader.required_text("LogGroupName").unwrap_or_default(),
        pattern: reader.text("FilterPattern").unwrap_or_default(),
        destination_arn: made.function.arn.clone(),
        line: made.line,
    };
    reader.finish();
    subscription
}
