//! Between a function's SDK clients and the cloud: where most faults strike.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::Host;
use super::call::{Parsed, Turn, resources};
use super::process::{Ending, Process};
use crate::workflow::in_cloud::{Refusal, refused};
use crate::workflow::plan::{Fault, Plan, Site};

/// Operations of which a part may not be done.
const BATCHES: [&str; 4] = ["PutEvents", "SendMessageBatch", "BatchWriteItem", "BatchGetItem"];

type Answer = Result<HttpResponse, ConnectorError>;

/// A request that is given up takes effect this much later.
const LATE: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(20));
/// How long an outside party takes that is slow.
const SLOW: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(8));

/// The HTTP connector of one environment.
#[derive(Clone)]
pub(super) struct Wire {
    host: Arc<Host>,
    function: Arc<str>,
    process: Arc<Process>,
}

impl Wire {
    pub(super) fn new(host: Arc<Host>, function: &str, process: Arc<Process>) -> Self {
        Self { host, function: function.into(), process }
    }

    async fn send(self, mut request: HttpRequest) -> Answer {
        let call = Parsed::of(&request, self.process.workflow());
        match self.host.hook.as_ref().map_or(Turn::Pass, |hook| hook(&call.call(&self.function, &request))) {
            Turn::Pass => {}
            Turn::Send(body) => *request.body_mut() = SdkBody::from(body.to_string()),
            Turn::Answer(body) => return response(200, &body),
            Turn::Crash => return self.process.stop(Ending::Died).await,
            Turn::Hang => return self.process.stop(Ending::Hangs).await,
        }
        match &self.host.plan {
            Some(plan) => self.under(plan, &call, request).await,
            None => self.host.http.call(request).await,
        }
    }

    /// Sends it, unless a fault strikes.
    async fn under(&self, plan: &Plan, call: &Parsed, request: HttpRequest) -> Answer {
        let site = plan.site(&self.function, &call.operation, call.workflow);
        if plan.strikes(Fault::CrashBefore, &site) {
            return self.process.stop(Ending::Died).await;
        }
        if plan.strikes(Fault::TimeOut, &site) {
            return self.process.stop(Ending::Hangs).await;
        }
        if call.outside.is_some() && plan.strikes(Fault::OutsideFails, &site) {
            tokio::time::sleep(plan.latency(&site, false)).await;
            return not_well(plan.way(Fault::OutsideFails, &site, 4));
        }
        let refusal = self.refusal(plan, call, &site, &request);
        let late = plan.strikes(Fault::Late, &site).then(|| plan.time(Fault::Late, &site, LATE.0, LATE.1));
        let way = late.unwrap_or_else(|| plan.latency(&site, false));
        let answer = self.deliver(way, refusal, request).await;
        if plan.strikes(Fault::CrashAfter, &site) {
            return self.process.stop(Ending::Died).await;
        }
        tokio::time::sleep(plan.latency(&site, true)).await;
        self.heard(plan, call, &site, answer).await
    }

    /// Brings the request there after `way`. It is on its way whatever becomes of the sender from here on.
    async fn deliver(&self, way: Duration, refusal: Option<Refusal>, request: HttpRequest) -> Answer {
        let (host, on_its_way) = (self.host.clone(), self.host.on_its_way.clone());
        let sent = tokio::spawn(refused(refusal, async move {
            tokio::time::sleep(way).await;
            let answer = host.lags.call(&host.cloud, &host.http, request).await;
            drop(on_its_way);
            answer
        }));
        sent.await.map_err(|error| ConnectorError::other(error.into(), None))?
    }

    /// How a service refuses it, without any effect.
    fn refusal(&self, plan: &Plan, call: &Parsed, site: &Site<'_>, request: &HttpRequest) -> Option<Refusal> {
        if call.outside.is_some() {
            return None;
        }
        if let Some(refusal) = self.host.not_well(|| resources(request)) {
            return Some(refusal);
        }
        if plan.strikes(Fault::ServerError, site) {
            return Some(Refusal::Unavailable);
        }
        if plan.strikes(Fault::Throttle, site) {
            return Some(Refusal::Throttled);
        }
        if BATCHES.contains(&call.operation.as_str()) && plan.strikes(Fault::Partly, site) {
            return Some(Refusal::Partly);
        }
        let conflict = call.operation == "TransactWriteItems" && plan.strikes(Fault::Conflict, site);
        conflict.then(|| Refusal::Conflict(plan.way(Fault::Conflict, site, 100)))
    }

    /// What the function hears of an answer.
    async fn heard(&self, plan: &Plan, call: &Parsed, site: &Site<'_>, answer: Answer) -> Answer {
        let lost = if call.outside.is_some() { Fault::OutsideLost } else { Fault::LostAnswer };
        if plan.strikes(lost, site) {
            return match plan.way(lost, site, 2) {
                0 => Err(ConnectorError::io("connection reset by peer".into())),
                // The SDK's, or the function's own, time-out ends it.
                _ => std::future::pending().await,
            };
        }
        if call.outside.is_some() && plan.strikes(Fault::OutsideSlow, site) {
            tokio::time::sleep(plan.time(Fault::OutsideSlow, site, SLOW.0, SLOW.1)).await;
        }
        answer
    }
}

/// An outside party that is not well.
fn not_well(way: u64) -> Answer {
    let status = match way {
        0 => 500,
        1 => 502,
        2 => 503,
        _ => 429,
    };
    response(status, &json!({ "code": "unavailable", "message": "try again" }))
}

fn response(status: u16, body: &Value) -> Answer {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(SdkBody::from(body.to_string()))
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("function", &self.function).finish_non_exhaustive()
    }
}
