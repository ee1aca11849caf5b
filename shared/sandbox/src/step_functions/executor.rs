//! What an execution runs on: the cloud's services, clock and randomness.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{BoxFuture, Either, select};
use jiff::Timestamp;
use rand::Rng as _;
use serde_json::Value;
use throughline_states_language::{Clock, Executor, Random, Request, Resource, ResourceKind, TaskError};
use tokio::sync::oneshot;

use super::callbacks::Returned;
use super::execution::Execution;
use super::{activities, integrations};
use crate::cloud::Cloud;

/// The tasks of one execution.
pub(super) struct Tasks {
    cloud: Cloud,
    execution: Arc<Execution>,
    /// By token: where its return will arrive, between the request and the wait.
    awaited: Mutex<BTreeMap<String, oneshot::Receiver<Returned>>>,
}

impl Tasks {
    pub(super) fn new(cloud: Cloud, execution: Arc<Execution>) -> Self {
        Self { cloud, execution, awaited: Mutex::default() }
    }

    /// The cloud that a task acts in: with a role of another account, that account's.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html>
    fn acting(&self, request: &Request) -> Cloud {
        let account = request.role.as_deref().and_then(|role| role.split(':').nth(4)).filter(|id| !id.is_empty());
        match account {
            Some(account) if self.cloud.is_worldwide() => self.cloud.elsewhere(Some(account), None),
            _ => self.cloud.clone(),
        }
    }

    fn awaited(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, oneshot::Receiver<Returned>>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Executor for Tasks {
    fn check(&self, resource: &Resource, input: &Value) -> Result<(), String> {
        if *resource.kind() == ResourceKind::Activity
            && !self.cloud.step_functions().state().activities.contains_key(resource.arn())
        {
            return Err(format!("The activity {} does not exist.", resource.arn()));
        }
        integrations::check_input(resource, input)
    }

    fn run<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Value, TaskError>> {
        Box::pin(async move {
            let callbacks = &self.cloud.step_functions().callbacks;
            let returned = request.token.as_ref().map(|token| callbacks.expect(token, request.heartbeat.clone()));
            self.execution.log(&self.cloud);
            let response = match (request.resource.kind(), &request.token) {
                (ResourceKind::Activity, Some(token)) => {
                    activities::offer(&self.cloud, request.resource.arn(), token, &request.input).await?
                }
                _ => integrations::run(&self.acting(request), request, &self.execution.start).await?,
            };
            if let (Some(token), Some(returned)) = (&request.token, returned) {
                self.awaited().insert(token.clone(), returned);
            }
            Ok(response)
        })
    }

    fn wait<'a>(&'a self, request: &'a Request, response: Value) -> BoxFuture<'a, Result<Value, TaskError>> {
        Box::pin(async move {
            self.execution.log(&self.cloud);
            let Some(token) = &request.token else {
                return integrations::wait(&self.acting(request), request, &response).await;
            };
            let Some(returned) = self.awaited().remove(token) else { return Err(lost()) };
            let returned = async { returned.await.unwrap_or_else(|_| Err(lost())) };
            if !integrations::waits_for_job(request) {
                return returned.await;
            }
            // Whichever comes first: the end of the job, or the return of the token.
            let cloud = self.acting(request);
            let job = integrations::wait(&cloud, request, &response);
            match select(pin!(returned), pin!(job)).await {
                Either::Left((ended, _)) | Either::Right((ended, _)) => ended,
            }
        })
    }
}

fn lost() -> TaskError {
    TaskError { error: "States.Runtime".into(), cause: Some("the task token is not awaited any more".into()) }
}

impl Clock for Tasks {
    fn now(&self) -> Timestamp {
        self.cloud.clock().now()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.execution.log(&self.cloud);
            self.cloud.clock().sleep_until(at).await;
        })
    }
}

impl Random for Tasks {
    fn next(&self) -> u64 {
        self.cloud.random(|random| random.next_u64())
    }
}
