//! The `Globals` section, merged into functions and state machines as SAM does
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html)).

use super::error::{ErrorKind, Errors};
use super::node::{Entries, Kind, Node};

/// Reports sections of `Globals` that the local cloud has no resources for.
pub(super) fn check(globals: Option<&Node>, errors: &Errors) {
    let Some(entries) = globals.and_then(Node::as_map) else { return };
    for (name, entry) in entries.iter().filter(|(name, _)| !["Function", "StateMachine"].contains(&name.as_str())) {
        let message = format!("Globals.{name} is not supported by the local cloud");
        errors.report(ErrorKind::UnsupportedProperty, entry.key, message);
    }
}

/// A resource's properties with the globals of its type merged in.
pub(super) fn merge(globals: Option<&Node>, resource_type: &str, own: Node) -> Node {
    let section = match resource_type {
        "AWS::Serverless::Function" => "Function",
        "AWS::Serverless::StateMachine" => "StateMachine",
        _ => return own,
    };
    match globals.and_then(|globals| globals.get(section)) {
        Some(global) => merged(global, own),
        None => own,
    }
}

/// Maps are merged, lists put one after the other, everything else is the resource's own.
fn merged(global: &Node, own: Node) -> Node {
    let place = own.place;
    if global.as_intrinsic().is_some() || own.as_intrinsic().is_some() {
        return own;
    }
    match (&global.kind, own.kind) {
        (Kind::Map(global), Kind::Map(own)) => Node::new(place, Kind::Map(merged_entries(global, own))),
        (Kind::List(global), Kind::List(own)) => {
            Node::new(place, Kind::List(global.iter().cloned().chain(own).collect()))
        }
        (_, own) => Node::new(place, own),
    }
}

fn merged_entries(global: &Entries, own: Entries) -> Entries {
    let mut entries = global.clone();
    for (key, mut entry) in own {
        if let Some(global) = entries.get(&key) {
            entry.node = merged(&global.node, entry.node);
        }
        entries.insert(key, entry);
    }
    entries
}
