//! The project's own template.

use std::path::Path;

use super::options;
use crate::template::{Template, Topology};

pub(super) fn template() -> Template {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
    Template::load(path).unwrap_or_else(|error| panic!("{error}"))
}

fn own() -> Topology {
    let options = options().parameter("PaymentGatewayUrl", "http://127.0.0.1:4567");
    template().resolve(&options).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn its_resources_in_dependency_order() {
    let topology = own();
    let lines = topology.resources.iter().map(|r| format!("{} {} {}", r.resource_type, r.logical_id, r.name));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn its_functions_and_their_settings() {
    let topology = own();
    let lines = topology.functions.iter().map(|f| {
        let names = f.environment.keys().map(|name| format!("\n  {name}")).collect::<String>();
        format!("{} ({}, {} s){names}", f.short_name, f.log_group.as_deref().unwrap_or("-"), f.timeout)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn its_wiring() {
    let topology = own();
    let last = |arn: &str| arn.rsplit(':').next().unwrap_or(arn).to_owned();
    let mut lines = Vec::new();
    for rule in &topology.rules {
        let when = rule.pattern.as_ref().map(ToString::to_string).or(rule.schedule.clone()).unwrap();
        for target in &rule.targets {
            let dead = target.dead_letter_arn.as_deref().map(last);
            lines.push(format!("rule {} on {}: {when} → {} (else {dead:?})", rule.name, rule.bus, last(&target.arn)));
        }
    }
    for queue in &topology.queues {
        let dead = queue.dead_letter_arn.as_deref().map(last);
        lines.push(format!("queue {} → {dead:?} after {:?}", queue.name, queue.max_receive_count));
    }
    for source in &topology.event_sources {
        let dead = source.on_failure_arn.as_deref().map(last);
        lines.push(format!("{} reads {} (else {dead:?})", source.function, last(&source.source_arn)));
    }
    for config in &topology.invoke_configs {
        lines.push(format!(
            "{} invoked asynchronously, else {:?}",
            config.function,
            config.on_failure_arn.as_deref().map(last)
        ));
    }
    for subscription in &topology.subscriptions {
        lines.push(format!(
            "{} takes {} of {}",
            last(&subscription.destination_arn),
            subscription.pattern,
            subscription.log_group
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

/// A visibility of six times the function's timeout plus the batching window; partial batch responses everywhere; a queue
/// that is read has somewhere to go for what cannot be, far beyond the runner's own five attempts.
#[test]
fn every_queue_that_is_read_keeps_the_rules() {
    let topology = own();
    let mut checked = 0;
    for source in &topology.event_sources {
        assert!(source.reports_failures, "{} answers for whole batches only", source.logical_id);
        let Some(queue) = topology.queues.iter().find(|queue| queue.arn == source.source_arn) else {
            assert!(source.on_failure_arn.is_some(), "{} loses what it gives up", source.logical_id);
            continue;
        };
        let function = topology.functions.iter().find(|function| function.name == source.function).unwrap();
        let visibility: u32 = queue.attributes["VisibilityTimeout"].parse().unwrap();
        assert!(visibility >= 6 * function.timeout + source.batching_window.unwrap_or(0), "{}", queue.name);
        assert!(queue.max_receive_count.unwrap() >= 50, "{}", queue.name);
        let dead = topology.queues.iter().find(|dead| Some(&dead.arn) == queue.dead_letter_arn.as_ref()).unwrap();
        assert_eq!(dead.name.ends_with(".fifo"), queue.name.ends_with(".fifo"), "{}", queue.name);
        checked += 1;
    }
    assert_eq!(checked, 9);
}

/// Whatever ends in a queue that nobody works through must be read by record-failure, except its own last resort.
#[test]
fn every_dead_letter_is_recorded_or_waits_in_the_last_resort() {
    let topology = own();
    let read: Vec<&str> = topology
        .event_sources
        .iter()
        .filter(|source| source.function == "orders-record-failure")
        .map(|source| source.source_arn.as_str())
        .collect();
    let mut ends: Vec<&str> = topology.queues.iter().filter_map(|queue| queue.dead_letter_arn.as_deref()).collect();
    ends.extend(topology.invoke_configs.iter().filter_map(|config| config.on_failure_arn.as_deref()));
    ends.extend(topology.event_sources.iter().filter_map(|source| source.on_failure_arn.as_deref()));
    let targets = topology.rules.iter().flat_map(|rule| &rule.targets);
    ends.extend(targets.filter_map(|target| target.dead_letter_arn.as_deref()));
    for end in ends {
        assert!(read.contains(&end) || end.contains("-last-resort"), "nobody records what ends in {end}");
    }
}

#[test]
fn the_system_functions_do_not_write_to_the_group_they_record() {
    let topology = own();
    let subscribed = &topology.subscriptions[0].log_group;
    for function in &topology.functions {
        let system = function.short_name.starts_with("record-") || function.short_name == "relay-outbox";
        assert_eq!(function.log_group.as_ref() == Some(subscribed), !system, "{}", function.name);
        assert_eq!(function.log_format, "JSON");
    }
}

#[test]
fn without_the_archive_everything_else_is_the_same() {
    let with = own();
    let options = options().parameter("PaymentGatewayUrl", "http://x").parameter("Archive", "off");
    let without = template().resolve(&options).unwrap();
    assert_eq!((with.archives.len(), without.archives.len()), (1, 0));
    assert_eq!(with.resources.len(), without.resources.len() + 1);
}
