//! Requests from outside, and what can become of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::caller::{Caller, Run};
use super::{Faults, partly};
use crate::cloud::{Cloud, Service};
use crate::wire::{Answer, ServiceError};

/// A request from outside, before anything is done.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The service.
    pub service: Service,
    /// The operation, as the service's API reference names it.
    pub operation: &'a str,
    /// Its input in JSON; of requests to S3 only `Bucket` and `Key`.
    pub input: &'a Value,
    /// Now, on the cloud's clock.
    pub at: Timestamp,
    /// The run that asks, if it is one in this process.
    pub caller: Option<&'a Caller>,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RequestFault {
    /// It is refused in the service's words, and nothing is done. [`RequestFault::throttled`] and its neighbours know the
    /// words.
    Refuse(Box<ServiceError>),
    /// The connection breaks before the service has the request: nothing is done, and the client does not know.
    LoseRequest,
    /// It takes effect, and the connection breaks before the answer: the client does not know.
    LoseAnswer,
    /// It takes time. What has been sent takes effect even when the client has gone away meanwhile.
    Late {
        /// Until it takes effect.
        before: Duration,
        /// From then to the answer.
        after: Duration,
    },
    /// The entries at these positions (from 0) are not done, and the service says so in its answer: of `PutEvents`, of SQS's
    /// batches, of `BatchWriteItem` and `BatchGetItem`, where positions count through all tables in the order of the request.
    /// Other operations are done whole.
    Partly(Vec<usize>),
    /// The run that asks is killed. A caller that is no run in this process loses the request, or the answer.
    Crash(Moment),
}

/// A side of the moment in which a request takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing is done yet.
    Before,
    /// It has taken effect.
    After,
}

/// Why a response does not reach the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// The connection broke.
    #[error("the connection was closed before the answer")]
    Lost,
    /// The client is to be killed.
    #[error("the client was killed")]
    Crashed,
}

/// A request from outside on its way in.
pub(crate) struct Outside<'a> {
    pub(crate) cloud: &'a Cloud,
    run: Option<Arc<Run>>,
    broken: Mutex<Option<Broken>>,
}

impl<'a> Outside<'a> {
    pub(crate) fn new(cloud: &'a Cloud, run: Option<Arc<Run>>) -> Self {
        Self { cloud, run, broken: Mutex::default() }
    }

    /// Why the response must not reach the client, if so.
    pub(crate) fn broken(self) -> Option<Broken> {
        self.broken.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls an operation, with the fault that this request meets.
    pub(crate) async fn call(&self, service: Service, operation: &str, mut input: Value) -> Answer {
        let Some(faults) = self.cloud.faults() else {
            return self.cloud.call(service, operation, input).await;
        };
        let fault = self.ask(&*faults, service, operation, &input);
        let (cloud, operation) = (self.cloud.clone(), operation.to_owned());
        if let Some(RequestFault::Partly(positions)) = &fault
            && let Some((part, left)) = partly::take(service, &operation, &mut input, positions)
        {
            let answer = if left { cloud.call(service, &operation, input).await? } else { part.nothing() };
            return Ok(part.give_back(answer));
        }
        self.meet(fault, async move { cloud.call(service, &operation, input).await }).await
    }

    /// The same for an effect that is no operation of [`Cloud::call`].
    pub(crate) async fn perform<T: Send + 'static>(
        &self,
        service: Service,
        operation: &str,
        input: Value,
        effect: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let Some(faults) = self.cloud.faults() else { return effect.await };
        let fault = self.ask(&*faults, service, operation, &input);
        self.meet(fault, effect).await
    }

    fn ask(&self, faults: &dyn Faults, service: Service, operation: &str, input: &Value) -> Option<RequestFault> {
        let caller = self.run.as_ref().map(|run| run.next_request());
        let at = self.cloud.clock().now();
        faults.request(&Call { service, operation, input, at, caller: caller.as_ref() })
    }

    async fn meet<T: Send + 'static>(
        &self,
        fault: Option<RequestFault>,
        effect: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        match fault {
            None | Some(RequestFault::Partly(_)) => effect.await,
            Some(RequestFault::Refuse(error)) => Err(*error),
            Some(RequestFault::LoseRequest) => Err(self.lose(Broken::Lost)),
            Some(RequestFault::LoseAnswer) => {
                let _ = effect.await;
                Err(self.lose(Broken::Lost))
            }
            Some(RequestFault::Late { before, after }) => {
                let answer = later(self.cloud, before, effect).await;
                tokio::time::sleep(after).await;
                answer
            }
            Some(RequestFault::Crash(Moment::Before)) => Err(self.lose(Broken::Crashed)),
            Some(RequestFault::Crash(Moment::After)) => {
                let _ = effect.await;
                Err(self.lose(Broken::Crashed))
            }
        }
    }

    /// Breaks the connection. The error is what nobody sees.
    fn lose(&self, how: Broken) -> ServiceError {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(how);
        ServiceError::new("ConnectionClosed", how.to_string()).status(500)
    }
}

/// Does something after `wait`, also when nobody waits for it any more.
async fn later<T: Send + 'static>(
    cloud: &Cloud,
    wait: Duration,
    effect: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    let late = cloud.plan().late();
    let task = tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        let answer = effect.await;
        drop(late);
        answer
    });
    task.await.unwrap_or_else(|error| Err(ServiceError::new("InternalFailure", error.to_string()).status(500)))
}
