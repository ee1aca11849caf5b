//! The template as a whole: sections, conditions of resources, and from each resource to the topology.

use serde_json::{Value, json};

use super::error::{ErrorKind, Errors, TemplateErrors};
use super::node::{Entries, Kind, Node, Place};
use super::reader::{Reader, Subject};
use super::scope::{Declared, Scope};
use super::topology::{Output, Topology};
use super::{ResolveOptions, Template, globals, order, parameters, read, stack};
use crate::cloudformation::Source;

const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
];

pub(super) fn resolve(template: &Template, options: &ResolveOptions) -> Result<Topology, TemplateErrors> {
    let errors = Errors::new(template.path().to_owned());
    let mut topology = topology(template, options, &errors);
    errors.into_result()?;
    topology.source = Some(source(template, options));
    Ok(topology)
}

/// The template as a stack takes it: definitions of state machines are in it, not beside it.
fn source(template: &Template, options: &ResolveOptions) -> Source {
    let mut document = template.document.to_json();
    let folder = template.path().parent().unwrap_or_else(|| std::path::Path::new(""));
    for resource in document.get_mut("Resources").and_then(Value::as_object_mut).into_iter().flatten().map(|(_, r)| r) {
        let Some(uri) = resource.pointer_mut("/Properties/DefinitionUri") else { continue };
        let Some(file) = uri.as_str().filter(|uri| !uri.starts_with("s3://")) else { continue };
        // One that cannot be read is reported already.
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        let is_json = serde_json::from_str::<Value>(&text).is_ok();
        let text = if is_json { text } else { stack::parse(&text).map(|value| value.to_string()).unwrap_or_default() };
        *uri = json!({ "Text": text });
    }
    Source { text: template.text.to_string(), document, options: options.clone() }
}

fn topology(template: &Template, options: &ResolveOptions, errors: &Errors) -> Topology {
    let document = &template.document;
    check_sections(document, errors);
    let section = |name: &str| document.get(name);
    globals::check(section("Globals"), errors);
    let values = parameters::values(section("Parameters"), &options.parameters, errors);
    let mut scope = Scope::new(options, errors, values, section("Mappings"), section("Conditions"));
    for (name, entry) in section("Conditions").and_then(Node::as_map).into_iter().flatten() {
        scope.condition(name, entry.key);
    }
    declare(&mut scope, document);
    let mut topology = Topology { stack_name: options.stack_name.clone(), ..Topology::default() };
    let mut needs = Vec::new();
    for (logical_id, declared) in &scope.resources {
        let properties = scope.resolve(&declared.properties);
        let subject = Subject::resource(logical_id, &declared.resource_type);
        let reader = Reader::new(errors, subject, &properties);
        if let Some((reader, identity)) = reader.zip(scope.identity(logical_id, declared.place)) {
            let resource = read::Resource { logical_id, place: declared.place, identity: &identity, scope: &scope };
            let folder = template.path().parent().unwrap_or_else(|| std::path::Path::new(""));
            read::resource(&mut topology, &resource, &declared.resource_type, reader, folder);
        }
        let mut referenced = scope.take_referenced();
        referenced.remove(logical_id);
        needs.push((logical_id.as_str(), referenced));
    }
    outputs(&scope, section("Outputs"), &mut topology);
    topology.resources = order::ordered(&scope, needs);
    topology
}

fn check_sections(document: &Node, errors: &Errors) {
    let Some(entries) = document.as_map() else {
        errors.report(ErrorKind::Shape, document.place, "a template must be a map of sections");
        return;
    };
    for (name, entry) in entries {
        if !SECTIONS.contains(&name.as_str()) && name != "Outputs" {
            let message = format!("the section {name} is not supported by the local cloud");
            errors.report(ErrorKind::UnsupportedProperty, entry.key, message);
        }
    }
    let transforms = match entries.get("Transform").map(|entry| &entry.node) {
        Some(Node { kind: Kind::List(items), .. }) => items.iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    for node in transforms {
        if node.as_text().as_deref() != Some("AWS::Serverless-2016-10-31") {
            let message = "the only transform that the local cloud has is AWS::Serverless-2016-10-31";
            errors.report(ErrorKind::UnsupportedProperty, node.place, message);
        }
    }
    if !entries.contains_key("Resources") {
        errors.report(ErrorKind::Shape, document.place, "the section Resources is required");
    }
}

/// Puts every resource whose condition holds into the scope.
fn declare(scope: &mut Scope<'_>, document: &Node) {
    for (logical_id, entry) in document.get("Resources").and_then(Node::as_map).into_iter().flatten() {
        let Some(reader) = Reader::new(scope.errors, Subject::named("resource", logical_id), &entry.node) else {
            continue;
        };
        let Some(resource_type) = reader.required_text("Type") else { continue };
        let holds =
            reader.text("Condition").map_or(Some(true), |name| scope.condition(&name, reader.place_of("Condition")));
        let own = reader.node("Properties").cloned();
        let depends_on = depends_on(&reader);
        reader.no_effect(&["Metadata", "DeletionPolicy", "UpdateReplacePolicy"]);
        reader.finish();
        if holds != Some(true) {
            scope.left_out.insert(logical_id.clone());
            continue;
        }
        let own = own.unwrap_or_else(|| Node::new(entry.key, Kind::Map(Entries::new())));
        let properties = globals::merge(document.get("Globals"), &resource_type, own);
        let declared = Declared { resource_type, properties, place: entry.key, depends_on };
        scope.resources.insert(logical_id.clone(), declared);
    }
}

fn depends_on(reader: &Reader<'_>) -> Vec<(String, Place)> {
    match reader.node("DependsOn") {
        Some(Node { kind: Kind::List(items), .. }) => {
            items.iter().filter_map(|item| Some((item.as_text()?, item.place))).collect()
        }
        Some(node) => node.as_text().map(|name| (name, node.place)).into_iter().collect(),
        None => Vec::new(),
    }
}

fn outputs(scope: &Scope<'_>, section: Option<&Node>, topology: &mut Topology) {
    for (name, entry) in section.and_then(Node::as_map).into_iter().flatten() {
        let Some(raw) = Reader::new(scope.errors, Subject::named("output", name), &entry.node) else { continue };
        let condition = raw.text("Condition");
        if condition.is_some_and(|name| scope.condition(&name, raw.place_of("Condition")) != Some(true)) {
            continue;
        }
        let node = scope.resolve(&entry.node);
        let Some(reader) = Reader::new(scope.errors, Subject::named("output", name), &node) else { continue };
        reader.no_effect(&["Export", "Condition"]);
        let description = reader.text("Description");
        if let Some(value) = reader.required_text("Value") {
            topology.outputs.insert(name.clone(), Output { description, value });
        }
        reader.finish();
    }
}
