//! What a new template changes in a stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Declared, Model};
use super::references;
use super::resources::{self, Recreation};
use super::stack::{Settings, Stack};
use crate::template::stack::{Known, UNKNOWN, World};

/// What happens to one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) logical_id: String,
    pub(super) kind: String,
    pub(super) action: Action,
    pub(super) physical_id: Option<String>,
    pub(super) details: Vec<Detail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    /// With whether another takes its place.
    Modify(Replacement),
    /// With whether it stays in the account.
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replacement {
    False,
    True,
    /// It depends on a value that is not known yet.
    Conditional,
}

/// Why a resource changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detail {
    /// `Properties`, `Tags`, `Metadata`, `DeletionPolicy`, `UpdateReplacePolicy`.
    pub(super) attribute: &'static str,
    pub(super) property: Option<String>,
    pub(super) recreation: Recreation,
    /// Whether it is certain.
    pub(super) is_static: bool,
    pub(super) source: &'static str,
    pub(super) cause: Option<String>,
}

/// What templates can refer to, of a stack as it is.
pub(super) fn world(stack: &Stack, exports: BTreeMap<String, String>) -> World {
    let known = |(id, resource): (&String, &super::stack::Resource)| {
        let made = resource.made.as_ref()?;
        let attributes = Some(made.attributes.clone());
        Some((id.clone(), Known { reference: made.id.clone(), attributes }))
    };
    World { stack_id: stack.id.clone(), resources: stack.resources.iter().filter_map(known).collect(), exports }
}

/// A resource's properties, worked out, with the stack's tags among its own.
pub(super) fn properties(
    model: &Model,
    declared: &Declared,
    settings: &Settings,
    world: &World,
) -> Result<Value, String> {
    let resolved = model.evaluator.resolve(&declared.properties, world)?;
    let mut properties = resolved.unwrap_or_else(|| Value::Object(Map::new()));
    let takes_tags = resources::kind(&declared.kind).is_some_and(resources::Kind::takes_tags);
    if takes_tags && !settings.tags.is_empty() {
        let own = resources::tags(&properties);
        let inherited = settings.tags.iter().filter(|(key, _)| !own.contains_key(*key));
        let all = own.iter().chain(inherited).map(|(key, value)| json!({ "Key": key, "Value": value }));
        crate::wire::set_member(&mut properties, "Tags", all.collect::<Vec<Value>>());
    }
    Ok(properties)
}

/// Every change that `model` makes in `stack`, in the order in which it is made; what goes away comes last.
pub(super) fn changes(
    stack: &Stack,
    model: &Model,
    settings: &Settings,
    exports: BTreeMap<String, String>,
) -> Result<Vec<Change>, String> {
    let mut world = world(stack, exports);
    let mut changes = Vec::new();
    for (logical_id, declared) in &model.resources {
        let Some(resource) = stack.resources.get(logical_id) else {
            world.resources.insert(logical_id.clone(), Known::later());
            changes.push(Change {
                logical_id: logical_id.clone(),
                kind: declared.kind.clone(),
                action: Action::Add,
                physical_id: None,
                details: Vec::new(),
            });
            continue;
        };
        let properties = properties(model, declared, settings, &world)?;
        let before = stack.model.as_ref();
        let details = details(logical_id, declared, resource, &properties, before.map(AsRef::as_ref), model);
        if details.is_empty() {
            continue;
        }
        let replaced =
            |certain: bool| details.iter().any(|d| d.recreation == Recreation::Always && d.is_static == certain);
        let replacement = match (replaced(true), replaced(false)) {
            (true, _) => Replacement::True,
            (false, true) => Replacement::Conditional,
            _ => Replacement::False,
        };
        if replacement != Replacement::False {
            world.resources.insert(logical_id.clone(), Known::later());
        }
        changes.push(Change {
            logical_id: logical_id.clone(),
            kind: declared.kind.clone(),
            action: Action::Modify(replacement),
            physical_id: resource.made.as_ref().map(|made| made.id.clone()),
            details,
        });
    }
    for (logical_id, resource) in stack.resources.iter().rev() {
        if !model.resources.contains_key(logical_id) {
            changes.push(Change {
                logical_id: logical_id.clone(),
                kind: resource.kind.clone(),
                action: Action::Remove,
                physical_id: resource.made.as_ref().map(|made| made.id.clone()),
                details: Vec::new(),
            });
        }
    }
    Ok(changes)
}

fn details(
    logical_id: &str,
    declared: &Declared,
    resource: &super::stack::Resource,
    properties: &Value,
    before: Option<&Model>,
    model: &Model,
) -> Vec<Detail> {
    let mut details = Vec::new();
    for name in changed(&resource.properties, properties) {
        let (old, new) = (resource.properties.get(&name), properties.get(&name));
        let kind = resources::kind(&declared.kind);
        let recreation = kind.map_or(Recreation::Never, |kind| kind.recreation(&name, old, new));
        let is_static = !new.is_some_and(|new| new.to_string().contains(UNKNOWN));
        let raw = |model: &Model| model.resources.get(logical_id).and_then(|d| d.properties.get(&name).cloned());
        let attribute = if name == "Tags" { "Tags" } else { "Properties" };
        let property = (attribute == "Properties").then(|| name.clone());
        let detail =
            |source, cause| Detail { attribute, property: property.clone(), recreation, is_static, source, cause };
        // What is written differs; or what it refers to does.
        let before = before.and_then(raw);
        let after = raw(model);
        if before != after || after.is_none() {
            details.push(detail("DirectModification", None));
            continue;
        }
        let causes = after.map(|after| references::of(&after, Some(&model.evaluator))).unwrap_or_default();
        let mut found = false;
        for cause in causes {
            let is_parameter = model.parameters.contains_key(&cause.name);
            if cause.name.starts_with("AWS::") {
                continue;
            }
            found = true;
            details.push(match cause.attribute {
                Some(attribute) => detail("ResourceAttribute", Some(format!("{}.{attribute}", cause.name))),
                None if is_parameter => detail("ParameterReference", Some(cause.name)),
                None => detail("ResourceReference", Some(cause.name)),
            });
        }
        if !found {
            details.push(detail("DirectModification", None));
        }
    }
    details.extend(attributes(logical_id, declared, resource, before));
    details
}

/// Changes beside the properties: they touch nothing but the stack.
fn attributes(
    logical_id: &str,
    declared: &Declared,
    resource: &super::stack::Resource,
    before: Option<&Model>,
) -> Vec<Detail> {
    let old = before.and_then(|before| before.resources.get(logical_id));
    let changed = [
        ("DeletionPolicy", declared.retained != resource.retained),
        ("UpdateReplacePolicy", declared.retained_on_replace != resource.retained_on_replace),
        ("Metadata", old.is_some_and(|old| old.metadata != declared.metadata)),
    ];
    let detail = |(attribute, _)| Detail {
        attribute,
        property: None,
        recreation: Recreation::Never,
        is_static: true,
        source: "DirectModification",
        cause: None,
    };
    changed.into_iter().filter(|(_, changed)| *changed).map(detail).collect()
}

/// The names of the properties that differ, in the new order, those that are gone last.
pub(super) fn changed(old: &Value, new: &Value) -> Vec<String> {
    let names =
        |value: &Value| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let gone = names(old).into_iter().filter(|name| new.get(name).is_none());
    names(new).into_iter().filter(|name| old.get(name) != new.get(name)).chain(gone).collect()
}
