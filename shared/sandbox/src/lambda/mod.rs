//! Lambda: functions, their environments, and the event source mappings that feed them.
//!
//! A function's code runs as a process that speaks the Runtime API, or in this process. Either way one
//! environment runs one invocation at a time, idle environments are used again, and everything that Lambda writes to a
//! log is written. Nothing enforces IAM.

mod absent;
mod environment;
mod errors;
mod family;
mod function;
mod functions;
mod invoke;
mod limits;
mod logging;
mod mappings;
mod names;
mod report;
pub(crate) mod rest;
mod spec;
mod tasks;
#[cfg(test)]
mod tests;
mod under_way;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use rand::RngExt;
use serde_json::Value;

use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

pub use logging::LogWriter;
pub use spec::{Code, EventInvoke, FunctionError, FunctionSpec, InProcess, Invocation, LogFormat, LogLevel, Unpacked};

use family::{Beside, EventInvokeSettings, Family, LATEST};
use function::Function;
use mappings::Mapping;
use names::Reference;
use tasks::Tasks;
use under_way::{Processes, UnderWay};

/// How long [`Lambda::shutdown`] waits for processes that were killed.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// State of the service.
#[derive(Default)]
pub struct Lambda {
    state: Mutex<State>,
    under_way: UnderWay,
    processes: Processes,
    tasks: Tasks,
}

#[derive(Default)]
struct State {
    functions: BTreeMap<String, Arc<Function>>,
    aliases: BTreeMap<String, String>,
    mappings: BTreeMap<String, Arc<Mapping>>,
}

impl Lambda {
    /// Adds a function.
    ///
    /// # Errors
    /// `ResourceConflictException` when there is one of this name.
    pub fn add_function(&self, cloud: &Cloud, spec: FunctionSpec) -> Result<(), ServiceError> {
        self.insert(cloud, spec).map(drop)
    }

    /// Gives a function other code: the next environment runs it, idle ones end now, busy ones when they are done.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn replace_code(&self, cloud: &Cloud, name: &str, code: Code) -> Result<(), ServiceError> {
        let reference = Reference { name: name.to_owned(), qualifier: None };
        let function = self.function(cloud, &reference)?;
        function.redeploy(cloud.clock().now(), cloud.uuid().to_string(), |spec| spec.code = code);
        Ok(())
    }

    /// Lets `short` stand for the function `full` wherever a request names a function that does not exist.
    pub fn set_alias(&self, short: impl Into<String>, full: impl Into<String>) {
        self.state().aliases.insert(short.into(), full.into());
    }

    /// The names of the functions, in order.
    pub fn function_names(&self) -> Vec<String> {
        self.state().functions.keys().cloned().collect()
    }

    /// How many processes run.
    pub fn process_count(&self) -> usize {
        self.processes.count()
    }

    /// Ends everything: pollers, invocations, processes. Functions and mappings are gone afterwards. Without it a cloud
    /// that ran a function or polls for one is never dropped.
    pub async fn shutdown(&self) {
        let state = std::mem::take(&mut *self.state());
        self.tasks.abort();
        for function in state.functions.values() {
            function.end();
        }
        drop(state);
        if tokio::time::timeout(SHUTDOWN, self.processes.ended()).await.is_err() {
            tracing::warn!(count = self.processes.count(), "processes of functions are still there");
        }
    }

    /// What is under way: invocations, asynchronous events, records of streams.
    pub(crate) fn pending(&self) -> Option<String> {
        let first = self.under_way.first();
        first.or_else(|| self.state().mappings.values().find_map(|mapping| mapping.pending()))
    }

    /// ARNs of the queues that an enabled event source mapping reads.
    pub(crate) fn polled_queues(&self) -> Vec<String> {
        let state = self.state();
        state.mappings.values().filter(|mapping| mapping.reads_queue()).map(|m| m.source().to_owned()).collect()
    }

    fn insert(&self, cloud: &Cloud, spec: FunctionSpec) -> Result<Arc<Function>, ServiceError> {
        let (name, now) = (spec.name.clone(), cloud.clock().now());
        let arn = cloud.arn("lambda", &format!("function:{name}"));
        let mut beside = Beside { reserved: spec.reserved_concurrency, ..Beside::default() };
        if let Some(settings) = spec.event_invoke.clone() {
            beside.event_invoke.insert(LATEST.to_owned(), EventInvokeSettings { settings, modified: now });
        }
        let family = Arc::new(Family::new(name.clone(), arn, beside));
        let revision = cloud.uuid().to_string();
        let function = Arc::new(Function::new(family, LATEST.to_owned(), Arc::new(spec), now, revision));
        let mut state = self.state();
        if state.functions.contains_key(&name) {
            return Err(errors::conflict(format!("Function already exist: {name}")));
        }
        state.functions.insert(name, function.clone());
        drop(state);
        mappings::adopt(cloud, function.name());
        Ok(function)
    }

    /// The version that can be changed, of the function with this name.
    fn latest(&self, cloud: &Cloud, reference: &Reference) -> Result<Arc<Function>, ServiceError> {
        let state = self.state();
        let own = state.functions.get(&reference.name);
        let short = || state.aliases.get(&reference.name).and_then(|full| state.functions.get(full));
        own.or_else(short).cloned().ok_or_else(|| errors::no_function(&reference.arn(cloud)))
    }

    /// The version that is asked for; of an alias its main one.
    fn function(&self, cloud: &Cloud, reference: &Reference) -> Result<Arc<Function>, ServiceError> {
        self.version(cloud, reference, None)
    }

    /// The version that is to run: of an alias one of its two, by their weights.
    fn callee(&self, cloud: &Cloud, reference: &Reference) -> Result<Arc<Function>, ServiceError> {
        let choice = reference.qualifier.as_ref().map(|_| cloud.random(|random| random.random_range(0.0..1.0)));
        self.version(cloud, reference, choice)
    }

    fn version(
        &self,
        cloud: &Cloud,
        reference: &Reference,
        choice: Option<f64>,
    ) -> Result<Arc<Function>, ServiceError> {
        let latest = self.latest(cloud, reference)?;
        let Some(qualifier) = reference.qualifier.as_deref() else { return Ok(latest) };
        let beside = latest.family.beside();
        match beside.version(qualifier, choice).as_deref() {
            Some(LATEST) => Some(latest.clone()),
            Some(version) => beside.published(version).cloned(),
            None => None,
        }
        .ok_or_else(|| errors::no_function(&reference.arn(cloud)))
    }

    fn under_way(&self) -> &UnderWay {
        &self.under_way
    }

    fn processes(&self) -> &Processes {
        &self.processes
    }

    fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls another service, or this one again. Boxed: services call each other in circles.
fn ask<'a>(cloud: &'a Cloud, service: Service, operation: &'a str, input: Value) -> BoxFuture<'a, Answer> {
    Box::pin(cloud.call(service, operation, input))
}

pub(crate) async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    let owner = names::owner(cloud, &input).filter(|_| operation != "CreateFunction");
    let cloud = owner.as_ref().unwrap_or(cloud);
    match operation {
        "Invoke" => invoke::invoke(cloud, &input).await,
        "CreateEventSourceMapping" => mappings::create(cloud, &input).await,
        "GetEventSourceMapping" => mappings::get(cloud, &input),
        "ListEventSourceMappings" => mappings::list(cloud, &input),
        "UpdateEventSourceMapping" => mappings::update(cloud, &input).await,
        "DeleteEventSourceMapping" => mappings::delete(cloud, &input),
        _ => match functions::call(cloud, operation, &input) {
            Some(answer) => answer,
            None => Err(ServiceError::unsupported(Service::Lambda, operation)),
        },
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").field("functions", &self.function_names()).finish_non_exhaustive()
    }
}
