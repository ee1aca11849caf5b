//! `StartAt` and `States`, and the rules about how states lead to each other.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::fields::Fields;
use super::report::Report;
use super::state;
use crate::diagnostic::Rule;
use crate::limits::STATE_NAME_CHARS;
use crate::machine::{Flow, Kind, Next, QueryLanguage, State};

pub(super) fn parse(fields: &mut Fields<'_>, language: QueryLanguage) -> Flow {
    fields.require_all(&["States", "StartAt"]);
    let start_at = fields.string("StartAt");
    let place = fields.place("States");
    let mut states = IndexMap::new();
    let mut complete = true;
    if let Some(value) = fields.value("States")
        && let Some(object) = Fields::of(value, &place, fields.report).and(value.as_object())
    {
        if object.is_empty() {
            fields.error(Rule::WrongValue, "States", "'States' must not be empty");
        }
        for (name, value) in object {
            complete &= add(&mut states, name, value, (&place, fields.report), language);
        }
    } else {
        complete = false;
    }
    let flow = Flow { start_at: start_at.unwrap_or_default(), states };
    if complete && !flow.states.is_empty() {
        check(&flow, fields);
    }
    flow
}

/// Parses one state; answers whether its transitions are known.
fn add(
    states: &mut IndexMap<String, State>,
    name: &str,
    value: &Value,
    (place, report): (&str, &Report),
    language: QueryLanguage,
) -> bool {
    let at = format!("{place}/{name}");
    if name.is_empty() || name.chars().count() > STATE_NAME_CHARS {
        let message = format!("a state's name must have between 1 and {STATE_NAME_CHARS} characters");
        report.error(Rule::WrongValue, &at, message);
    }
    let state = Fields::of(value, &at, report).and_then(|fields| state::parse(fields, language));
    let known = state.is_some();
    states.extend(state.map(|state| (name.to_owned(), state)));
    known
}

fn check(flow: &Flow, fields: &Fields<'_>) {
    if fields.has("StartAt") && !flow.states.contains_key(&flow.start_at) {
        fields.error(Rule::BadStartAt, "StartAt", format!("Missing 'StartAt' target: {}", flow.start_at));
        return;
    }
    let place = fields.place("States");
    for (name, state) in &flow.states {
        for (field, target) in targets(state) {
            if !flow.states.contains_key(target) {
                let message = format!("Missing 'Next' target: {target}");
                fields.report.error(Rule::DanglingTransition, &format!("{place}/{name}/{field}"), message);
            }
        }
    }
    if !fields.has("StartAt") || flow.states.values().any(lacks_transition) {
        return; // what follows from a mistake is not reported beside it
    }
    let reached = reachable(flow);
    for name in flow.states.keys().filter(|name| !reached.contains(name.as_str())) {
        let message = format!("State \"{name}\" is not reachable.");
        fields.report.error(Rule::UnreachableState, &format!("{place}/{name}"), message);
    }
    let ends = |state: &State| state.next == Some(Next::End) || matches!(state.kind, Kind::Succeed | Kind::Fail(_));
    if !flow.states.values().any(ends) {
        fields.report.error(Rule::NoTerminalState, &place, "No terminal state: some state must end the machine");
    }
}

fn lacks_transition(state: &State) -> bool {
    state.next.is_none() && !matches!(state.kind, Kind::Choice(_) | Kind::Succeed | Kind::Fail(_))
}

/// Where a state can lead, with the field that says so.
fn targets(state: &State) -> Vec<(String, &str)> {
    let mut targets = Vec::new();
    if let Kind::Choice(choices) = &state.kind {
        let choices = choices.iter().enumerate();
        targets.extend(choices.map(|(index, choice)| (format!("Choices[{index}]/Next"), choice.next.as_str())));
    }
    if let Some(Next::State(name)) = &state.next {
        let field = if matches!(state.kind, Kind::Choice(_)) { "Default" } else { "Next" };
        targets.push((field.to_owned(), name));
    }
    if let Some(service) = state.kind.service() {
        let catchers = service.catchers.iter().enumerate();
        targets.extend(catchers.map(|(index, catcher)| (format!("Catch[{index}]/Next"), catcher.next.as_str())));
    }
    targets
}

fn reachable(flow: &Flow) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![flow.start_at.as_str()];
    while let Some(name) = open.pop() {
        if let Some(state) = flow.states.get(name)
            && reached.insert(name)
        {
            open.extend(targets(state).into_iter().map(|(_, target)| target));
        }
    }
    reached
}

/// A state's name is used once, branches and item processors included.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html>
pub(super) fn unique_names(flow: &Flow, report: &Report) {
    let mut names = BTreeSet::new();
    let mut open = vec![(flow, String::new())];
    while let Some((flow, at)) = open.pop() {
        for (name, state) in &flow.states {
            let place = format!("{at}/States/{name}");
            if !names.insert(name.as_str()) {
                report.error(Rule::DuplicateStateName, &place, format!("Duplicate state name: {name}"));
            }
            match &state.kind {
                Kind::Parallel(parallel) => {
                    let branches = parallel.branches.iter().enumerate();
                    open.extend(branches.map(|(index, branch)| (branch, format!("{place}/Branches[{index}]"))));
                }
                Kind::Map(map) => open.push((&map.processor, format!("{place}/ItemProcessor"))),
                _ => {}
            }
        }
    }
}
