//! From a SAM template to the resources of the local cloud.
//!
//! [`Template::load`] reads YAML or JSON and keeps the place of every value. [`Template::resolve`] works out parameters,
//! conditions, mappings, globals and intrinsic functions for one stack, and gives a typed [`Topology`]: what the local
//! cloud is booted from ([`boot()`]), and what the graph and preflight read. Whatever the local cloud does not
//! understand is an error that names the resource and its place; all of them are reported, not only the first.

mod boot;
mod cidr;
mod conditions;
mod definition;
mod error;
mod globals;
mod identity;
mod intrinsics;
mod node;
mod order;
mod parameters;
mod read;
mod reader;
mod resolve;
mod scope;
pub(crate) mod stack;
#[cfg(test)]
mod tests;
mod topology;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use boot::{BootError, boot};
pub use error::{ErrorKind, TemplateError, TemplateErrors};
pub use node::Place;
pub use topology::{
    ArchiveResource, BusResource, EventSourceResource, FunctionResource, InvokeConfigResource, LogGroupResource,
    Output, QueuePolicyResource, QueueResource, ResourceSummary, RuleResource, StateMachineResource,
    SubscriptionResource, TableResource, TargetResource, Topology,
};

use crate::cloud::Cloud;

/// A template as it is written, parsed but not resolved.
#[derive(Debug, Clone)]
pub struct Template {
    path: Arc<Path>,
    text: Arc<str>,
    document: node::Node,
}

impl Template {
    /// Reads a template from a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not YAML or JSON.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, TemplateError> {
        let path: Arc<Path> = path.into().into();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let message = format!("cannot be read: {error}");
            TemplateError::new(ErrorKind::Unreadable, &path, Place { line: 1, column: 1 }, message)
        })?;
        Self::parse(path, &text)
    }

    /// Reads a template from text. Files that it names are looked for beside `path`.
    ///
    /// # Errors
    /// When it is not YAML or JSON.
    pub fn parse(path: impl Into<Arc<Path>>, text: &str) -> Result<Self, TemplateError> {
        let path = path.into();
        let document = yaml::parse(&path, text)?;
        Ok(Self { path, text: text.into(), document })
    }

    /// The template's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the template declares a parameter of this name.
    pub fn declares_parameter(&self, name: &str) -> bool {
        let parameters = self.document.as_map().and_then(|map| map.get("Parameters")?.node.as_map());
        parameters.is_some_and(|parameters| parameters.contains_key(name))
    }

    /// Works everything out for one stack.
    ///
    /// # Errors
    /// Every mistake in the template, and everything in it that the local cloud does not have.
    pub fn resolve(&self, options: &ResolveOptions) -> Result<Topology, TemplateErrors> {
        resolve::resolve(self, options)
    }
}

/// What a stack is called, where it is, and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOptions {
    /// The stack's name.
    pub stack_name: String,
    /// The account's twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Where the cloud answers: queue URLs start with it.
    pub endpoint: String,
    /// Values of the template's parameters; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl ResolveOptions {
    /// A stack in `cloud`. Call it after a gateway serves the cloud, or queue URLs lead nowhere.
    pub fn new(cloud: &Cloud, stack_name: impl Into<String>) -> Self {
        Self {
            stack_name: stack_name.into(),
            account: cloud.account().into(),
            region: cloud.region().into(),
            endpoint: cloud.endpoint().into(),
            parameters: BTreeMap::new(),
        }
    }

    /// Gives a parameter a value.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.endpoint, self.account)
    }
}
