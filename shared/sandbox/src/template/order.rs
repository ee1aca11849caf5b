//! Resources in an order in which each comes after those that it refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::error::ErrorKind;
use super::scope::Scope;
use super::topology::ResourceSummary;

/// The resources in dependency order; among equals, as the template has them. Reports a circle.
pub(super) fn ordered(scope: &Scope<'_>, needs: Vec<(&str, BTreeSet<String>)>) -> Vec<ResourceSummary> {
    let mut needs: BTreeMap<&str, BTreeSet<String>> = needs.into_iter().collect();
    for (logical_id, declared) in &scope.resources {
        for (name, place) in &declared.depends_on {
            if scope.resources.contains_key(name) {
                needs.entry(logical_id).or_default().insert(name.clone());
            } else if !scope.left_out.contains(name) {
                let message = format!("{logical_id} depends on {name}, which is not a resource");
                scope.errors.report(ErrorKind::UnknownReference, *place, message);
            }
        }
    }
    let mut walk = Walk { scope, needs: &needs, under_way: Vec::new(), done: BTreeSet::new(), order: Vec::new() };
    for logical_id in scope.resources.keys() {
        walk.visit(logical_id);
    }
    walk.order
}

struct Walk<'a> {
    scope: &'a Scope<'a>,
    needs: &'a BTreeMap<&'a str, BTreeSet<String>>,
    under_way: Vec<&'a str>,
    done: BTreeSet<&'a str>,
    order: Vec<ResourceSummary>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, logical_id: &'a str) {
        if self.done.contains(logical_id) {
            return;
        }
        let Some(declared) = self.scope.resources.get(logical_id) else { return };
        if let Some(start) = self.under_way.iter().position(|other| *other == logical_id) {
            let circle = self.under_way.iter().skip(start).chain([&logical_id]).copied().collect::<Vec<_>>();
            let message = format!("resources depend on each other in a circle: {}", circle.join(" → "));
            self.scope.errors.report(ErrorKind::Circular, declared.place, message);
            return;
        }
        self.under_way.push(logical_id);
        for need in self.needs.get(logical_id).into_iter().flatten() {
            self.visit(need);
        }
        self.under_way.pop();
        if self.done.insert(logical_id) {
            let identity = self.scope.identity(logical_id, declared.place);
            self.order.push(ResourceSummary {
                logical_id: logical_id.to_owned(),
                resource_type: declared.resource_type.clone(),
                name: identity.map(|identity| identity.name).unwrap_or_default(),
                line: declared.place.line,
            });
        }
    }
}
