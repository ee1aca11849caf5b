//! The way to the local cloud, with faults on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use throughline_sandbox::connector::InProcess;

/// What goes wrong on the way.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// This is the answer; the cloud is not asked.
    Answer(u16, Value),
    /// It takes effect, and the answer is lost.
    LoseAnswer,
    /// It does not get there.
    Unreachable,
    /// No answer ever comes.
    Hang,
    /// The cloud does not remember the request's token.
    ForgetToken,
}

#[derive(Debug)]
struct Fault {
    operation: &'static str,
    /// Calls that are let through before.
    after: usize,
    times: usize,
    act: Act,
}

/// A request that was made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) body: Value,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    calls: Vec<Call>,
    slow: Option<(&'static str, Duration)>,
    mutation: Option<Mutation>,
}

/// A guarantee that is taken away: requests, by operation, or answers, by request, are not what they were.
#[derive(Clone, Copy)]
pub(super) enum Mutation {
    Request(fn(&str, &mut Value)),
    Answer(fn(&Value, &mut Value)),
}

impl std::fmt::Debug for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mutation")
    }
}

/// A connector to the local cloud that notes every call, and fails those it was told to.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    cloud: InProcess,
    state: Arc<Mutex<State>>,
}

impl Wire {
    pub(super) fn to(cloud: InProcess) -> Self {
        Self { cloud, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `times` calls of an operation meet a fault. Faults of one operation come in the order in which they were told.
    pub(super) fn next(&self, times: usize, operation: &'static str, act: Act) {
        self.state().faults.push(Fault { operation, after: 0, times, act });
    }

    /// One call of an operation meets a fault, when so many more went through.
    pub(super) fn after(&self, calls: usize, operation: &'static str, act: Act) {
        self.state().faults.push(Fault { operation, after: calls, times: 1, act });
    }

    /// From now on everything is mutated.
    pub(super) fn mutate(&self, mutation: Option<Mutation>) {
        self.state().mutation = mutation;
    }

    /// The calls of an operation so far.
    pub(super) fn calls(&self, operation: &str) -> Vec<Value> {
        self.state().calls.iter().filter(|call| call.operation == operation).map(|call| call.body.clone()).collect()
    }

    /// How many requests a service got so far.
    pub(super) fn requests(&self, service: &str) -> usize {
        self.state().calls.iter().filter(|call| call.service == service).count()
    }

    /// From now on, every request of a service takes this long.
    pub(super) fn slow(&self, service: &'static str, time: Duration) {
        self.state().slow = Some((service, time));
    }

    fn fault(&self, operation: &str) -> Option<Act> {
        let mut state = self.state();
        let fault = state.faults.iter_mut().find(|fault| fault.times > 0 && fault.operation == operation)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.act.clone())
    }
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}

impl HttpConnector for Wire {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let mutation = self.state().mutation;
        if let Some(Mutation::Request(mutate)) = mutation {
            mutate(&operation, &mut body);
            *request.body_mut() = SdkBody::from(body.to_string());
        }
        let service = target.split(['.', '_']).next().unwrap_or_default().to_lowercase();
        let slow = self.state().slow.filter(|(slow, _)| *slow == service).map(|(_, time)| time);
        self.state().calls.push(Call { service, operation: operation.clone(), body: body.clone() });
        let cloud = self.cloud.clone();
        match self.fault(&operation) {
            None => HttpConnectorFuture::new(async move {
                if let Some(time) = slow {
                    tokio::time::sleep(time).await;
                }
                let mut response = cloud.call(request).await?;
                if let Some(Mutation::Answer(mutate)) = mutation {
                    let mut answer: Value = serde_json::from_slice(response.body().bytes().unwrap()).unwrap();
                    mutate(&body, &mut answer);
                    *response.body_mut() = SdkBody::from(answer.to_string());
                }
                Ok(response)
            }),
            Some(Act::Answer(status, body)) => HttpConnectorFuture::ready(Ok(answer(status, &body))),
            Some(Act::LoseAnswer) => HttpConnectorFuture::new(async move {
                cloud.call(request).await?;
                Err(ConnectorError::io("connection reset".into()))
            }),
            Some(Act::Unreachable) => HttpConnectorFuture::ready(Err(ConnectorError::io("no route".into()))),
            Some(Act::Hang) => HttpConnectorFuture::new(std::future::pending()),
            Some(Act::ForgetToken) => {
                let mut body = body;
                body.as_object_mut().unwrap().remove("ClientRequestToken");
                *request.body_mut() = SdkBody::from(body.to_string());
                cloud.call(request)
            }
        }
    }
}

/// An error of a service as it comes over the wire.
pub(super) fn error(code: &str) -> Act {
    Act::Answer(400, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "told to" }))
}

/// A cancelled transaction with these reasons, in the order of its items.
pub(super) fn cancelled(reasons: &[&str]) -> Act {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({ "Code": code, "Message": "told to" })).collect();
    let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Act::Answer(400, json!({ "__type": code, "Message": "Transaction cancelled", "CancellationReasons": reasons }))
}
