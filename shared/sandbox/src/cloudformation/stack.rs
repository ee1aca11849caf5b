//! A stack: what it was made from, its resources, and everything that happened to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::changes::ChangeSet;
use super::model::Model;
use super::resources::Made;
use crate::cloud::Cloud;
use crate::wire::json_text;

/// A stack.
#[derive(Debug)]
pub(super) struct Stack {
    /// Its ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    /// What it is made from; `None` while it waits for its first change set.
    pub(super) model: Option<Arc<Model>>,
    pub(super) settings: Settings,
    pub(super) protected: bool,
    pub(super) outputs: Vec<Output>,
    /// Names of exports that it imports.
    pub(super) imports: BTreeSet<String>,
    pub(super) resources: IndexMap<String, Resource>,
    /// The oldest first.
    pub(super) events: Vec<Event>,
    pub(super) change_sets: IndexMap<String, ChangeSet>,
    /// The change set that it was last made or updated by.
    pub(super) change_set: Option<String>,
}

/// What a request says about a stack beside its template.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) capabilities: Vec<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) role: Option<String>,
    pub(super) notifications: Vec<String>,
    pub(super) keep_failed: bool,
    pub(super) timeout: Option<u64>,
}

/// A resource of a stack.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) made: Option<Made>,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) changed: Timestamp,
    /// As they were when it was last created or updated, resolved.
    pub(super) properties: Value,
    pub(super) metadata: Option<Value>,
    /// Whether it stays when it leaves the stack.
    pub(super) retained: bool,
    /// Whether it stays when another takes its place.
    pub(super) retained_on_replace: bool,
}

/// A value that a stack shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) description: Option<String>,
    pub(super) export: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) kind: String,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) properties: Option<String>,
}

impl Stack {
    /// A stack of which nothing is there yet.
    pub(super) fn new(cloud: &Cloud, name: &str, settings: Settings) -> Self {
        Self {
            id: cloud.arn("cloudformation", &format!("stack/{name}/{}", cloud.uuid())),
            name: name.to_owned(),
            status: "REVIEW_IN_PROGRESS",
            reason: None,
            created: cloud.clock().now(),
            updated: None,
            deleted: None,
            model: None,
            settings,
            protected: false,
            outputs: Vec::new(),
            imports: BTreeSet::new(),
            resources: IndexMap::new(),
            events: Vec::new(),
            change_sets: IndexMap::new(),
            change_set: None,
        }
    }

    /// Change sets that were not executed yet describe a stack that is no longer the same.
    pub(super) fn outdate_change_sets(&mut self) {
        for set in self.change_sets.values_mut().filter(|set| set.execution == "AVAILABLE") {
            set.execution = "OBSOLETE";
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.status == "DELETE_COMPLETE"
    }

    /// Work on it is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// Now, or a little later: no two events of a stack happen at the same time, so that they can be sorted by it.
    fn next_moment(&self, cloud: &Cloud) -> Timestamp {
        let after = self.events.last().and_then(|last| last.at.checked_add(SignedDuration::from_millis(1)).ok());
        after.map_or(cloud.clock().now(), |after| after.max(cloud.clock().now()))
    }

    /// Gives the stack itself a status, with an event.
    pub(super) fn set_status(&mut self, cloud: &Cloud, status: &'static str, reason: Option<String>) {
        self.status = status;
        self.reason.clone_from(&reason);
        let event = Event {
            id: cloud.uuid().to_string(),
            at: self.next_moment(cloud),
            logical_id: self.name.clone(),
            physical_id: self.id.clone(),
            kind: "AWS::CloudFormation::Stack".into(),
            status,
            reason,
            properties: None,
        };
        self.events.push(event);
    }

    /// Gives a resource a status, with an event.
    pub(super) fn set_resource(
        &mut self,
        cloud: &Cloud,
        logical_id: &str,
        status: &'static str,
        reason: Option<String>,
    ) {
        let now = self.next_moment(cloud);
        let Some(resource) = self.resources.get_mut(logical_id) else { return };
        resource.status = status;
        resource.reason.clone_from(&reason);
        resource.changed = now;
        let event = Event {
            id: format!("{logical_id}-{status}-{}", now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")),
            at: now,
            logical_id: logical_id.to_owned(),
            physical_id: resource.made.as_ref().map(|made| made.id.clone()).unwrap_or_default(),
            kind: resource.kind.clone(),
            status,
            reason,
            properties: Some(json_text(&resource.properties)),
        };
        self.events.push(event);
    }
}
