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

impl ChangeSet {
    /// Whether its name is still taken.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.execution, "EXECUTE_COMPLETE" | "OBSOLETE")
    }
}

impl Change {
    pub(super) fn show(&self, with_values: bool) -> Value {
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
            "Details": self.details.iter().map(|detail| detail.show(self, with_values)).collect::<Vec<_>>(),
            "BeforeContext": self.before.as_ref().filter(|_| with_values).map(context),
            "AfterContext": self.after.as_ref().filter(|_| with_values).map(context),
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

/// Properties as the context of a change.
fn context(properties: &Value) -> String {
    json!({ "Properties": properties }).to_string()
}

impl Detail {
    fn show(&self, change: &Change, with_values: bool) -> Value {
        let properties = self.attribute == "Properties";
        let mut target = json!({
            "Attribute": self.attribute,
            "Name": self.property,
            "RequiresRecreation": if properties { self.recreation.as_str() } else { "Never" },
        });
        if let Some(name) = self.property.as_ref().filter(|_| with_values) {
            let value = |properties: &Option<Value>| {
                let value = properties.as_ref()?.get(name)?;
                Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            };
            let (before, after) = (value(&change.before), value(&change.after));
            let kind = match (&before, &after) {
                (None, _) => "Add",
                (_, None) => "Remove",
                _ => "Modify",
            };
            crate::wire::set_member(&mut target, "Path", format!("/Properties/{name}"));
            crate::wire::set_member(&mut target, "BeforeValue", before);
            crate::wire::set_member(&mut target, "AfterValue", after);
            crate::wire::set_member(&mut target, "AttributeChangeType", kind);
        }
        json!({
            "Target": target,
            "Evaluation": if self.is_static { "Static" } else { "Dynamic" },
            "ChangeSource": self.source,
            "CausingEntity": self.cause,
        })
    }
}
