//! Making stacks: creating, updating and deleting their resources, and going back when one of them fails.

mod boot;
mod create;
mod delete;
mod outputs;
mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Declared, Model};
use super::plan;
use super::resources::{self, At, Kind, Made, Names, Refused};
use super::stack::{Resource, Settings, Stack};
use crate::cloud::Cloud;
use crate::lambda::FunctionSpec;
use crate::template::stack::World;
use crate::wire::ServiceError;

pub(crate) use boot::{Source, Unmade, boot};
pub(super) use create::OnFailure;
pub(super) use outputs::{exports, outputs};
pub(super) use update::Update;

/// Work on one stack.
#[derive(Clone)]
pub(super) struct Run {
    cloud: Cloud,
    id: String,
    name: String,
    names: Names,
    /// Functions whose code is not in the template, by logical id.
    prepared: Arc<BTreeMap<String, Result<FunctionSpec, ServiceError>>>,
}

/// Why a resource is not as it should be.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    logical_id: String,
    reason: String,
    /// What the service said; `None` when it was not asked.
    refused: Option<Box<Refused>>,
}

impl Failure {
    fn unresolved(logical_id: &str, reason: String) -> Self {
        Self { logical_id: logical_id.to_owned(), reason, refused: None }
    }
}

impl Run {
    pub(super) fn new(cloud: &Cloud, stack: &Stack) -> Self {
        let (id, name) = (stack.id.clone(), stack.name.clone());
        Self { cloud: cloud.clone(), id, name, names: Names::Random, prepared: Arc::default() }
    }

    /// Changes the stack, if it is still there.
    fn change<T>(&self, change: impl FnOnce(&mut Stack) -> T) -> Option<T> {
        self.cloud.cloudformation().state().stacks.get_mut(&self.id).map(change)
    }

    fn set_status(&self, status: &'static str, reason: Option<String>) {
        self.change(|stack| stack.set_status(&self.cloud, status, reason));
    }

    fn set_resource(&self, logical_id: &str, status: &'static str, reason: Option<String>) {
        self.change(|stack| stack.set_resource(&self.cloud, logical_id, status, reason));
    }

    fn at<'a>(&'a self, logical_id: &'a str) -> At<'a> {
        let prepared = self.prepared.get(logical_id);
        At { cloud: &self.cloud, stack: &self.name, logical_id, names: self.names, prepared }
    }

    /// The resource as it is now.
    fn resource(&self, logical_id: &str) -> Option<Resource> {
        self.change(|stack| stack.resources.get(logical_id).cloned()).flatten()
    }

    fn world(&self) -> World {
        let exports = outputs::exports(&self.cloud);
        self.change(|stack| plan::world(stack, exports)).unwrap_or_default()
    }

    fn properties(&self, model: &Model, id: &str, settings: &Settings) -> Result<serde_json::Value, Failure> {
        let Some(declared) = model.resources.get(id) else { return Ok(serde_json::Value::Null) };
        let properties = plan::properties(model, declared, settings, &self.world());
        properties.map_err(|reason| Failure::unresolved(id, reason))
    }

    /// Works out a resource's metadata and keeps it.
    fn keep_metadata(&self, model: &Model, id: &str) {
        let Some(declared) = model.resources.get(id) else { return };
        let metadata = plan::metadata(model, declared, &self.world());
        self.change(|stack| stack.resources.get_mut(id).map(|resource| resource.metadata = metadata));
    }

    /// What CloudFormation says when a service refused
    /// ([handler errors](https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html)).
    fn failure(&self, logical_id: &str, refused: Refused) -> Failure {
        let code = match refused.source.code.as_str() {
            code if code.contains("Exist") || code.contains("InUse") || code.contains("Conflict") => "AlreadyExists",
            code if refused.is_missing() && !code.is_empty() => "NotFound",
            _ => "InvalidRequest",
        };
        let token = self.cloud.uuid();
        let message = &refused.source.message;
        let reason = format!(
            "Resource handler returned message: \"{message}\" (RequestToken: {token}, HandlerErrorCode: {code})"
        );
        Failure { logical_id: logical_id.to_owned(), reason, refused: Some(Box::new(refused)) }
    }
}

fn kind_of(declared: &str) -> Result<&'static Kind, String> {
    resources::kind(declared).ok_or_else(|| format!("{declared} is not supported by the local cloud"))
}

/// `[A, B]`
fn listed(ids: &[String]) -> String {
    format!("[{}]", ids.join(", "))
}

impl Declared {
    fn resource(&self, run: &Run, properties: serde_json::Value, made: Option<Made>) -> Resource {
        Resource {
            kind: self.kind.clone(),
            made,
            status: "CREATE_IN_PROGRESS",
            reason: None,
            changed: run.cloud.clock().now(),
            properties,
            metadata: None,
            retained: self.retained,
            retained_on_replace: self.retained_on_replace,
        }
    }
}
