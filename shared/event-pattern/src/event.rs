//! An event as the matcher sees it: its leaves by dotted path, each with its place in every array around it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Anything nested deeper is not looked at. EventBridge handles
/// [1,100 levels](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html).
const DEEPEST: usize = 1_100;

/// Which element of which array; arrays are numbered in the order they are met.
pub(crate) type Membership = BTreeMap<usize, usize>;

#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    pub(crate) value: &'a Value,
    pub(crate) membership: Membership,
}

#[derive(Debug, Default)]
pub(crate) struct Leaves<'a> {
    by_path: BTreeMap<String, Vec<Leaf<'a>>>,
}

impl<'a> Leaves<'a> {
    /// The leaves of `event`; only those at `paths` or above are kept.
    pub(crate) fn of(event: &'a Value, paths: &BTreeSet<&str>) -> Self {
        let mut walk = Walk { leaves: Self::default(), paths, arrays: 0, membership: Membership::new() };
        walk.visit(event, "", 0);
        walk.leaves
    }

    pub(crate) fn at(&self, path: &str) -> &[Leaf<'a>] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }
}

struct Walk<'a, 'p> {
    leaves: Leaves<'a>,
    paths: &'p BTreeSet<&'p str>,
    arrays: usize,
    membership: Membership,
}

impl<'a> Walk<'a, '_> {
    fn visit(&mut self, value: &'a Value, path: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if depth == 0 { name.clone() } else { format!("{path}.{name}") };
                    if self.leads_somewhere(&path) {
                        self.visit(value, &path, depth + 1);
                    }
                }
            }
            Value::Array(elements) if depth > 0 => self.visit_array(elements, path, depth),
            _ if depth == 0 => {}
            leaf => self.record(leaf, path),
        }
    }

    /// Values of one array may be matched by different fields of the pattern; objects in it may not.
    fn visit_array(&mut self, elements: &'a [Value], path: &str, depth: usize) {
        let array = self.arrays;
        self.arrays += 1;
        for (index, element) in elements.iter().enumerate() {
            if element.is_object() || element.is_array() {
                self.membership.insert(array, index);
                self.visit(element, path, depth + 1);
                self.membership.remove(&array);
            } else {
                self.record(element, path);
            }
        }
    }

    fn record(&mut self, value: &'a Value, path: &str) {
        if self.paths.contains(path) {
            let leaf = Leaf { value, membership: self.membership.clone() };
            self.leaves.by_path.entry(path.to_owned()).or_default().push(leaf);
        }
    }

    fn leads_somewhere(&self, path: &str) -> bool {
        let below = format!("{path}.");
        self.paths.contains(path)
            || self.paths.range(below.as_str()..).next().is_some_and(|next| next.starts_with(&below))
    }
}
