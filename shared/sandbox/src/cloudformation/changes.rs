//! Change sets, and changes as answers show them
//! ([ResourceChange](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html)).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::Model;
use super::plan::{Action, Change, Detail, Replacement};
use super::stack::Settings;

/// A change set.
#[derive(Debug)]
pub(super) struct ChangeSet {
    /// Its ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) created: Timestamp,
    /// Whether it makes the stack.
    pub(super) creates: bool,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) execution: &'static str,
    pub(super) model: Option<Arc<Model>>,
    pub(super) settings: Settings,
    pub(super) changes: Vec<Change>,
    pub(super) on_failure: Option<String>,
}

impl Change {
    pub(super) fn show(&self) -> Value {
        let mut scope: Vec<&str> = self.details.iter().map(|detail| detail.attribute).collect();
        scope.dedup();
        let (action, replacement) = match self.action {
            Action::Add => ("Add", None),
            Action::Remove => ("Remove", None),
            Action::Modify(Replacement::False) => ("Modify", Some("False")),
            Action::Modify(Replacement::True) => ("Modify", Some("True")),
            Action::Modify(Replacement::Conditional) => ("Modify", Some("Conditional")),
        };
        let change = json!({
            "Action": action,
            "PolicyAction": policy_action(self.action),
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.physical_id,
            "ResourceType": self.kind,
            "Replacement": replacement,
            "Scope": scope,
            "Details": self.details.iter().map(Detail::show).collect::<Vec<_>>(),
        });
        json!({ "Type": "Resource", "ResourceChange": change })
    }
}

fn policy_action(action: Action) -> Option<&'static str> {
    match action {
        Action::Remove => Some("Delete"),
        Action::Modify(Replacement::True) => Some("ReplaceAndDelete"),
        _ => None,
    }
}

impl Detail {
    fn show(&self) -> Value {
        let properties = self.attribute == "Properties";
        json!({
            "Target": {
                "Attribute": self.attribute,
                "Name": self.property,
                "RequiresRecreation": if properties { self.recreation.as_str() } else { "Never" },
            },
            "Evaluation": if self.is_static { "Static" } else { "Dynamic" },
            "ChangeSource": self.source,
            "CausingEntity": self.cause,
        })
    }
}
