//! Step Functions: state machines and their executions, which `throughline-states-language` runs on the cloud's clock.
//!
//! An execution is a task of its own from `StartExecution` on. Its tasks call the other services of the cloud, as AWS
//! does. What a machine asks for that the local cloud does not have is refused when the machine is created.

mod activities;
mod aliases;
mod arn;
mod callbacks;
mod definition;
mod errors;
mod execution;
mod executions;
mod executor;
mod history;
mod input;
mod integrations;
mod logging;
mod machines;
mod names;
mod paging;
mod redrive;
mod tags;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

use activities::Activity;
use callbacks::Callbacks;
use execution::Execution;
use input::Input;
use machines::Machine;

/// State of the service.
#[derive(Default)]
pub struct StepFunctions {
    state: Mutex<State>,
    callbacks: Callbacks,
}

#[derive(Default)]
struct State {
    /// By ARN.
    machines: BTreeMap<String, Machine>,
    /// By ARN, in the order in which they started.
    executions: IndexMap<String, Arc<Execution>>,
    /// Express executions; those that have ended are dropped when the next one starts.
    express: Vec<Arc<Execution>>,
    /// By ARN.
    activities: BTreeMap<String, Activity>,
}

impl StepFunctions {
    /// Stops every execution, and forgets everything.
    pub(crate) fn reset(&self, cloud: &Cloud) {
        let ended = std::mem::take(&mut *self.state());
        for execution in ended.executions.values().chain(&ended.express) {
            execution.abort(cloud, None, None);
        }
        self.callbacks.reset();
    }

    /// What is under way: a running execution.
    pub(crate) fn pending(&self) -> Option<String> {
        let state = self.state();
        let running = state.executions.values().chain(&state.express).find(|execution| execution.is_running())?;
        Some(format!("execution {} of {}", running.start.name, running.start.state_machine_name))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let request = Input(&input);
    match operation {
        "CreateStateMachine" => machines::create(cloud, request),
        "UpdateStateMachine" => machines::update(cloud, request),
        "DeleteStateMachine" => machines::delete(cloud, request),
        "DescribeStateMachine" => machines::describe(cloud, request),
        "DescribeStateMachineForExecution" => machines::describe_for_execution(cloud, request),
        "ListStateMachines" => machines::list(cloud, request),
        "ValidateStateMachineDefinition" => definition::validate(request),
        "PublishStateMachineVersion" => versions::publish(cloud, request),
        "ListStateMachineVersions" => versions::list(cloud, request),
        "DeleteStateMachineVersion" => versions::delete(cloud, request),
        "CreateStateMachineAlias" => aliases::create(cloud, request),
        "UpdateStateMachineAlias" => aliases::update(cloud, request),
        "DescribeStateMachineAlias" => aliases::describe(cloud, request),
        "ListStateMachineAliases" => aliases::list(cloud, request),
        "DeleteStateMachineAlias" => aliases::delete(cloud, request),
        "CreateActivity" => activities::create(cloud, request),
        "DescribeActivity" => activities::describe(cloud, request),
        "ListActivities" => activities::list(cloud, request),
        "DeleteActivity" => activities::delete(cloud, request),
        "GetActivityTask" => activities::get_task(cloud, request).await,
        "StartSyncExecution" => executions::start_sync(cloud, request).await,
        "StartExecution" => executions::start(cloud, request),
        "StopExecution" => executions::stop(cloud, request),
        "RedriveExecution" => redrive::redrive(cloud, request),
        "DescribeExecution" => executions::describe(cloud, request),
        "ListExecutions" => executions::list(cloud, request),
        "GetExecutionHistory" => history::get(cloud, request),
        "SendTaskSuccess" => callbacks::success(cloud, request),
        "SendTaskFailure" => callbacks::failure(cloud, request),
        "SendTaskHeartbeat" => callbacks::heartbeat(cloud, request),
        "TagResource" => tags::tag(cloud, request),
        "UntagResource" => tags::untag(cloud, request),
        "ListTagsForResource" => tags::list(cloud, request),
        _ => Err(ServiceError::unsupported(Service::StepFunctions, operation)),
    }
}

impl fmt::Debug for StepFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepFunctions").field("machines", &self.state().machines.keys()).finish_non_exhaustive()
    }
}
