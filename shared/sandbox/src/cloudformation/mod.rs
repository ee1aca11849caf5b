//! CloudFormation: stacks of the resources that the local cloud has, change sets, and the SAM transform.
//!
//! A stack is made by creating its resources one after another, each after those that it refers to, through the operations
//! of their services. An update works out every property again and touches what differs.

mod changes;
mod engine;
mod errors;
mod input;
mod model;
mod operations;
mod parameters;
mod plan;
mod references;
pub(crate) mod resources;
mod sam;
mod stack;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

pub(crate) use engine::{Source, Unmade, boot};
use input::Input;
use stack::Stack;

/// How long an operation's answer waits for the work that it starts: in a local cloud that is mostly done at once, and a
/// client that sees it done does not wait for its next look.
const PATIENCE: Duration = Duration::from_secs(1);

/// State of the service.
#[derive(Debug, Default)]
pub struct CloudFormation {
    state: Mutex<State>,
    tasks: Mutex<JoinSet<()>>,
}

/// Stacks by ARN, in the order in which they were made. Deleted ones stay.
#[derive(Debug, Default)]
struct State {
    stacks: IndexMap<String, Stack>,
}

impl CloudFormation {
    /// Ends what is under way, and forgets every stack; their resources stay.
    pub(crate) fn reset(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts work on a stack, and waits for it a little.
    async fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            while tasks.try_join_next().is_some() {}
            tasks.spawn(async move {
                work.await;
                let _ = sender.send(());
            });
        }
        let _ = tokio::time::timeout(PATIENCE, receiver).await;
    }
}

impl State {
    /// The stack with this name, unless it is deleted, or with this ARN.
    fn stack(&self, name_or_arn: &str) -> Result<&Stack, ServiceError> {
        let found = match self.stacks.get(name_or_arn) {
            Some(stack) => Some(stack),
            None => self.stacks.values().rev().find(|stack| stack.name == name_or_arn && !stack.is_gone()),
        };
        found.ok_or_else(|| errors::no_stack(name_or_arn))
    }

    fn stack_mut(&mut self, name_or_arn: &str) -> Result<&mut Stack, ServiceError> {
        let id = self.stack(name_or_arn)?.id.clone();
        self.stacks.get_mut(&id).ok_or_else(|| errors::no_stack(name_or_arn))
    }
}

/// A SAM template as CloudFormation takes it: what `GetTemplate` shows as processed.
///
/// # Errors
/// What is wrong with the template, for a person.
pub fn processed(template: &str) -> Result<Value, String> {
    let document = model::read(template).map_err(|error| error.message)?;
    sam::transform(&document, false)
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let input = Input(&input);
    match operation {
        "CreateStack" => operations::stacks::create(cloud, input).await,
        "UpdateStack" => operations::stacks::update(cloud, input).await,
        "DeleteStack" => operations::stacks::delete(cloud, input).await,
        "UpdateTerminationProtection" => operations::stacks::protect(cloud, input),
        "DescribeStacks" => operations::stacks::describe(cloud, input),
        "ListStacks" => operations::stacks::list(cloud, input),
        "DescribeStackEvents" => operations::resources::events(cloud, input),
        "DescribeStackResource" => operations::resources::describe_one(cloud, input),
        "DescribeStackResources" => operations::resources::describe(cloud, input),
        "ListStackResources" => operations::resources::list(cloud, input),
        "ListExports" => operations::stacks::exports(cloud),
        "ListImports" => operations::stacks::imports(cloud, input),
        "GetTemplate" => operations::templates::get(cloud, input),
        "GetTemplateSummary" => operations::templates::summary(cloud, input),
        "ValidateTemplate" => operations::templates::validate(cloud, input),
        "CreateChangeSet" => operations::change_sets::create(cloud, input),
        "DescribeChangeSet" => operations::change_sets::describe(cloud, input),
        "ListChangeSets" => operations::change_sets::list(cloud, input),
        "ExecuteChangeSet" => operations::change_sets::execute(cloud, input).await,
        "DeleteChangeSet" => operations::change_sets::delete(cloud, input),
        _ => Err(ServiceError::unsupported(Service::CloudFormation, operation)),
    }
}
