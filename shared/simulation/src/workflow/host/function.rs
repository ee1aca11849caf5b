//! A function of the cloud, and the environments that run it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use throughline_effects::SettingsError;
use throughline_runtime::{Function, Invocation};
use throughline_sandbox::lambda::{self, FunctionError, InProcess};

use super::environment::Environment;
use super::process::Ending;
use super::{Host, evidence};
use crate::workflow::dice::{hash, join};
use crate::workflow::id::WorkflowId;

/// A function, in the code that it has now and the code that it had before.
pub(super) struct Hosted {
    host: Arc<Host>,
    name: String,
    code: Function,
    deploy: Option<(Function, Range<Timestamp>)>,
    environments: Mutex<Environments>,
}

/// By log stream: an environment has one of its own.
#[derive(Default)]
struct Environments {
    running: BTreeMap<String, Arc<Environment>>,
    started: u32,
}

impl Hosted {
    pub(super) fn new(
        host: Arc<Host>,
        name: &str,
        code: Function,
        deploy: Option<(Function, Range<Timestamp>)>,
    ) -> Self {
        Self { host, name: name.to_owned(), code, deploy, environments: Mutex::default() }
    }

    fn environment(&self, invocation: &lambda::Invocation) -> Result<Arc<Environment>, SettingsError> {
        let mut environments = self.environments();
        let stream = invocation.log.stream();
        let (running, number) = (environments.running.get(stream).cloned(), environments.started);
        let now = self.host.cloud.clock().now();
        if let Some(running) =
            running.filter(|running| running.process.ending().is_none() && !self.is_over(running, now))
        {
            return Ok(running);
        }
        let is_old = self.starts_old(number, now);
        let started = Arc::new(Environment::start(&self.host, &self.name, number, is_old, invocation)?);
        environments.started += 1;
        environments.running.insert(stream.to_owned(), started.clone());
        Ok(started)
    }

    /// Whether an environment that starts now has the old code: before the deployment all, while it is under way some.
    fn starts_old(&self, number: u32, now: Timestamp) -> bool {
        self.deploy.as_ref().is_some_and(|(_, hour)| match now {
            now if now < hour.start => true,
            now if now < hour.end => join(join(self.host.seed, hash(&self.name)), u64::from(number)).is_multiple_of(2),
            _ => false,
        })
    }

    /// Whether it runs old code although the deployment is over.
    fn is_over(&self, environment: &Environment, now: Timestamp) -> bool {
        environment.is_old && self.deploy.as_ref().is_none_or(|(_, hour)| now >= hour.end)
    }

    fn environments(&self) -> MutexGuard<'_, Environments> {
        self.environments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the code in an environment, as long as its process works.
    async fn run(&self, invocation: lambda::Invocation) -> Result<Value, FunctionError> {
        if self.host.is_down(&self.name) {
            return Err(error("Runtime.ExitError", "the function is down"));
        }
        let environment = self.environment(&invocation).map_err(|e| error("Runtime.ExitError", &e.to_string()))?;
        environment.process.works_for(WorkflowId::find_in(&invocation.payload));
        let function = match &self.deploy {
            Some((old, _)) if environment.is_old => old,
            _ => &self.code,
        };
        if !self.host.logs {
            evidence::give(&self.host, function, &invocation).await;
        }
        let call = Invocation {
            request_id: invocation.request_id,
            deadline: invocation.deadline.checked_add(environment.skew).unwrap_or(invocation.deadline),
            function_arn: invocation.function_arn,
            function_version: "$LATEST".into(),
        };
        tokio::select! {
            biased;
            ending = environment.process.stopped() => match ending {
                Ending::Died => Err(error("Runtime.ExitError", "Runtime exited with error: signal: killed")),
                Ending::Hangs => std::future::pending().await,
            },
            answer = function.invoke(&environment.world, invocation.payload, call) => {
                answer.map_err(|error| FunctionError { error_type: error.error_type, message: error.message })
            }
        }
    }
}

fn error(kind: &str, message: &str) -> FunctionError {
    FunctionError { error_type: kind.to_owned(), message: message.to_owned() }
}

impl InProcess for Hosted {
    fn invoke<'a>(&'a self, invocation: lambda::Invocation) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(self.run(invocation))
    }
}
