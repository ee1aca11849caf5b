//! What a new template changes in a stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Declared, Model};
use super::references;
use super::resources::{self, Recreation};
use super::stack::{Settings, Stack};
use crate::template::stack::{Known, World};

/// What happens to one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) logical_id: String,
    pub(super) kind: String,
    pub(super) action: Action,
    pub(super) physical_id: Option<String>,
    pub(super) details: Vec<Detail>,
    /// Properties as they are and as they will be.
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
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
            let after = properties(model, declared, settings, &world)?;
            world.resources.insert(logical_id.clone(), Known::later());
            changes.push(Change {
                logical_id: logical_id.clone(),
                kind: declared.kind.clone(),
                action: Action::Add,
                physical_id: None,
                details: Vec::new(),
                before: None,
                after: Some(after),
            });
            continue;
        };
        let properties = properties(model, declared, settings, &world)?;
        let before = stack.model.as_ref();
        let own_tags = stack.settings.tags == settings.tags;
        let metadata = metadata(model, declared, &world);
        let details = details(logical_id, resource, &properties, metadata, before.map(AsRef::as_ref), model, own_tags);
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
            before: Some(resource.properties.clone()),
            after: Some(properties),
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
                before: Some(resource.properties.clone()),
                after: None,
            });
        }
    }
    Ok(changes)
}

/// A resource's metadata, worked out.
pub(super) fn metadata(model: &Model, declared: &Declared, world: &World) -> Option<Value> {
    model.evaluator.resolve(declared.metadata.as_ref()?, world).ok().flatten()
}

/// Why a resource changes, what is certain first.
fn details(
    logical_id: &str,
    resource: &super::stack::Resource,
    properties: &Value,
    metadata: Option<Value>,
    before: Option<&Model>,
    model: &Model,
    same_tags: bool,
) -> Vec<Detail> {
    let Some(declared) = model.resources.get(logical_id) else { return Vec::new() };
    let old = before.and_then(|before| before.resources.get(logical_id));
    let mut details = Vec::new();
    if resource.metadata != metadata {
        let why = Why { before: old.and_then(|old| old.metadata.clone()), after: declared.metadata.clone(), model };
        details.extend(why.details("Metadata", None, Recreation::Never));
    }
    for name in changed(&resource.properties, properties) {
        let (was, is) = (resource.properties.get(&name), properties.get(&name));
        let kind = resources::kind(&declared.kind);
        let recreation = kind.map_or(Recreation::Never, |kind| kind.recreation(&name, was, is));
        let raw = |declared: &Declared| declared.properties.get(&name).cloned();
        let why = Why { before: old.and_then(raw), after: raw(declared), model };
        // The stack's own tags went on to the resource.
        let inherited = name == "Tags" && !same_tags && why.before == why.after;
        let attribute = if inherited { "Tags" } else { "Properties" };
        details.extend(why.details(attribute, (!inherited).then_some(name), recreation));
    }
    let written = old.map(|old| &old.policies).into_iter().flatten().zip(&declared.policies);
    for (attribute, (was, is)) in ["DeletionPolicy", "UpdateReplacePolicy"].into_iter().zip(written) {
        if was != is {
            details.push(Detail::direct(attribute, None, Recreation::Never, true));
        }
    }
    details.sort_by_key(|detail| !detail.is_static);
    details
}

/// What is written, before and after.
struct Why<'a> {
    before: Option<Value>,
    after: Option<Value>,
    model: &'a Model,
}

impl Why<'_> {
    /// What is written differs; or what it refers to does. A parameter's new value could be written as well.
    fn details(&self, attribute: &'static str, property: Option<String>, recreation: Recreation) -> Vec<Detail> {
        let direct = |certain| Detail::direct(attribute, property.clone(), recreation, certain);
        let causes = match &self.after {
            Some(after) if self.before == self.after => references::of(after, Some(&self.model.evaluator)),
            _ => return vec![direct(true)],
        };
        let mut details = Vec::new();
        for cause in causes.into_iter().filter(|cause| !cause.name.starts_with("AWS::")) {
            let is_parameter = self.model.parameters.contains_key(&cause.name);
            let (source, cause) = match cause.attribute {
                Some(attribute) => ("ResourceAttribute", format!("{}.{attribute}", cause.name)),
                None if is_parameter => ("ParameterReference", cause.name),
                None => ("ResourceReference", cause.name),
            };
            details.push(Detail { source, cause: Some(cause), ..direct(true) });
            if is_parameter {
                details.push(direct(false));
            }
        }
        if details.is_empty() { vec![direct(true)] } else { details }
    }
}

impl Detail {
    fn direct(attribute: &'static str, property: Option<String>, recreation: Recreation, is_static: bool) -> Self {
        Self { attribute, property, recreation, is_static, source: "DirectModification", cause: None }
    }
}

/// The names of the properties that differ, in the new order, those that are gone last.
pub(super) fn changed(old: &Value, new: &Value) -> Vec<String> {
    let names =
        |value: &Value| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let gone = names(old).into_iter().filter(|name| new.get(name).is_none());
    names(new).into_iter().filter(|name| old.get(name) != new.get(name)).chain(gone).collect()
}
