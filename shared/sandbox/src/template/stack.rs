//! What stacks need of a template: values worked out against resources as they are, one at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::Errors;
use super::node::{Entries, Entry, Kind, Node, Place};
use super::scope::Scope;
use super::{ResolveOptions, parameters, yaml};

/// What the names in a template stand for while a stack is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    /// The stack's ARN.
    pub(crate) stack_id: String,
    /// Resources that are there.
    pub(crate) resources: BTreeMap<String, Known>,
    /// What other stacks export.
    pub(crate) exports: BTreeMap<String, String>,
}

/// What a resource gives to others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// What `Ref` gives.
    pub(crate) reference: String,
    /// What `Fn::GetAtt` gives; `None`: whatever is asked, with the name in it.
    pub(crate) attributes: Option<BTreeMap<String, String>>,
}

/// Stands for a value that is known only when the resource is there, as in change sets of AWS.
pub(crate) const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

impl Known {
    /// A resource that is not there yet.
    pub(crate) fn later() -> Self {
        Self { reference: UNKNOWN.to_owned(), attributes: None }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        match &self.attributes {
            Some(attributes) => attributes.get(name).cloned(),
            None => Some(UNKNOWN.to_owned()),
        }
    }
}

/// Reads a document, YAML with CloudFormation's short tags or JSON.
///
/// # Errors
/// The place of the mistake and what is wrong, for a person.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let path: Arc<Path> = Path::new("template").into();
    let node = yaml::parse(&path, text);
    node.map(|node| node.to_json())
        .map_err(|error| format!("line {}, column {}: {}", error.line(), error.column(), error.message()))
}

/// Works out values of one template, for one set of parameters.
#[derive(Debug, Clone)]
pub(crate) struct Evaluator {
    options: ResolveOptions,
    parameters: BTreeMap<String, Node>,
    mappings: Option<Node>,
    conditions: Option<Node>,
}

impl Evaluator {
    /// An evaluator for a document without transforms.
    ///
    /// # Errors
    /// Parameters that the document does not take.
    pub(crate) fn new(document: &Value, options: ResolveOptions) -> Result<Self, String> {
        let section = |name: &str| document.get(name).map(Node::from_json);
        let errors = Errors::new("template".into());
        let parameters = parameters::values(section("Parameters").as_ref(), &options.parameters, &errors);
        first(errors)?;
        Ok(Self { options, parameters, mappings: section("Mappings"), conditions: section("Conditions") })
    }

    fn with<T>(&self, world: &World, work: impl FnOnce(&Scope<'_>) -> T) -> Result<T, String> {
        let errors = Errors::new("template".into());
        let (mappings, conditions) = (self.mappings.as_ref(), self.conditions.as_ref());
        let mut scope = Scope::new(&self.options, &errors, self.parameters.clone(), mappings, conditions);
        scope.world = Some(world);
        let result = work(&scope);
        first(errors)?;
        Ok(result)
    }

    /// A value with every intrinsic function in it worked out; `None` when it is `AWS::NoValue`.
    ///
    /// # Errors
    /// The first mistake in it.
    pub(crate) fn resolve(&self, value: &Value, world: &World) -> Result<Option<Value>, String> {
        let node = self.with(world, |scope| scope.resolve(&Node::from_json(value)))?;
        Ok((node.kind != Kind::Absent).then(|| node.to_json()))
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// There is no such condition, or it cannot be told.
    pub(crate) fn holds(&self, condition: &str) -> Result<bool, String> {
        let world = World::default();
        let held = self.with(&world, |scope| scope.condition(condition, Place::default()))?;
        held.ok_or_else(|| format!("the condition {condition} cannot be told"))
    }
}

fn first(errors: Errors) -> Result<(), String> {
    let found = errors.into_result();
    found.map_err(|errors| errors.errors().first().map(|error| error.message().to_owned()).unwrap_or_default())
}

impl Node {
    /// The node of a value that has no place in a file.
    pub(super) fn from_json(value: &Value) -> Self {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => Kind::Number(number.clone()),
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(items) => Kind::List(items.iter().map(Self::from_json).collect()),
            Value::Object(members) => Kind::Map(entries(members)),
        };
        Self::new(Place::default(), kind)
    }
}

fn entries(members: &Map<String, Value>) -> Entries {
    let entry =
        |(key, value): (&String, &Value)| (key.clone(), Entry { key: Place::default(), node: Node::from_json(value) });
    members.iter().map(entry).collect()
}
