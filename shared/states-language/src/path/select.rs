//! Path and value to the values selected.

use serde_json::Value;

use super::Segment;

pub(super) fn select<'a>(root: &'a Value, segments: &[Segment]) -> Vec<&'a Value> {
    let mut nodes = vec![root];
    for segment in segments {
        let mut selected = Vec::new();
        for node in nodes {
            step(node, segment, &mut selected);
        }
        nodes = selected;
    }
    nodes
}

fn step<'a>(node: &'a Value, segment: &Segment, selected: &mut Vec<&'a Value>) {
    match segment {
        Segment::Name(name) => selected.extend(node.get(name)),
        Segment::Names(names) => selected.extend(names.iter().filter_map(|name| node.get(name))),
        Segment::Index(index) => selected.extend(at(node, *index)),
        Segment::Indexes(indexes) => selected.extend(indexes.iter().filter_map(|index| at(node, *index))),
        Segment::Wildcard => match node {
            Value::Array(items) => selected.extend(items),
            Value::Object(members) => selected.extend(members.values()),
            _ => {}
        },
        Segment::Slice { start, end, step } => slice(node, (*start, *end, *step), selected),
        Segment::Filter(query) => selected.extend(query.query(node).all()),
        Segment::Descendants => descend(node, selected),
    }
}

fn at(node: &Value, index: i64) -> Option<&Value> {
    let items = node.as_array()?;
    items.get(from_start(index, items.len())?)
}

/// A negative index counts from the end.
fn from_start(index: i64, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

fn slice<'a>(node: &'a Value, (start, end, step): (Option<i64>, Option<i64>, i64), selected: &mut Vec<&'a Value>) {
    let Some(items) = node.as_array() else { return };
    let bound = |index: Option<i64>, default| index.map_or(default, |i| from_start(i, items.len()).unwrap_or(0));
    let (start, end) = (bound(start, 0), bound(end, items.len()).min(items.len()));
    let range = items.get(start..end).unwrap_or_default();
    selected.extend(range.iter().step_by(usize::try_from(step).unwrap_or(1)));
}

/// Payloads nest no deeper than [`crate::limits::PAYLOAD_DEPTH`], so this recursion is shallow.
fn descend<'a>(node: &'a Value, selected: &mut Vec<&'a Value>) {
    selected.push(node);
    match node {
        Value::Array(items) => items.iter().for_each(|v| descend(v, selected)),
        Value::Object(members) => members.values().for_each(|v| descend(v, selected)),
        _ => {}
    }
}
