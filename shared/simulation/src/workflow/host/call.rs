//! A request of a function, as a hook sees it.

use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::workflow::id::WorkflowId;

/// A request that a function is about to send.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The function's name in the code.
    pub function: &'a str,
    /// The operation as AWS names it (`TransactWriteItems`); of an outside party, method and resource: `POST /charges`.
    pub operation: &'a str,
    /// The outside party's host; `None` for AWS.
    pub outside: Option<&'a str>,
    /// The simulated workflow that it belongs to, where anything in it or in the invocation says so.
    pub workflow: Option<WorkflowId>,
    body: &'a [u8],
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Turn {
    /// It is sent as it is.
    Pass,
    /// It is sent with another body.
    Send(Value),
    /// It is not sent; this is its answer, with status 200.
    Answer(Value),
    /// The process dies with it, and it is not sent.
    Crash,
    /// The process hangs with it, until Lambda ends it, and it is not sent.
    Hang,
}

/// Decides on every request of a function before it is sent: how a test breaks a guarantee on purpose.
pub type Hook = Arc<dyn Fn(&Call<'_>) -> Turn + Send + Sync>;

impl Call<'_> {
    /// Its body as JSON; null when it has none.
    #[must_use]
    pub fn input(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// What a request says about itself, read once.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) operation: String,
    pub(super) outside: Option<String>,
    pub(super) workflow: Option<WorkflowId>,
}

impl Parsed {
    /// `current` is the workflow of the invocation, for requests that name none.
    pub(super) fn of(request: &HttpRequest, current: Option<WorkflowId>) -> Self {
        let workflow = std::str::from_utf8(body(request)).ok().and_then(WorkflowId::find).or(current);
        let (operation, outside) = match request.headers().get("x-amz-target") {
            Some(target) => (target.rsplit('.').next().unwrap_or(target).to_owned(), None),
            None => outside(request),
        };
        Self { operation, outside, workflow }
    }

    /// What a hook is shown of it.
    pub(super) fn call<'a>(&'a self, function: &'a str, request: &'a HttpRequest) -> Call<'a> {
        Call {
            function,
            operation: &self.operation,
            outside: self.outside.as_deref(),
            workflow: self.workflow,
            body: body(request),
        }
    }
}

/// The tables, queue, bus or state machine that a request is about, by their physical names.
pub(super) fn resources(request: &HttpRequest) -> Vec<String> {
    let input: Value = serde_json::from_slice(body(request)).unwrap_or_default();
    let list = |name: &str| input.get(name).and_then(Value::as_array).into_iter().flatten();
    let one = ["TableName", "QueueUrl", "stateMachineArn"].into_iter().filter_map(|name| input.get(name)?.as_str());
    let batch = input.get("RequestItems").and_then(Value::as_object).into_iter().flat_map(|items| items.keys());
    let transaction =
        list("TransactItems").filter_map(|item| item.as_object()?.values().next()?.get("TableName")?.as_str());
    let events = list("Entries").filter_map(|entry| entry.get("EventBusName")?.as_str());
    let all = one.chain(batch.map(String::as_str)).chain(transaction).chain(events);
    all.filter_map(|name| name.rsplit(['/', ':']).next()).map(str::to_owned).collect()
}

fn body(request: &HttpRequest) -> &[u8] {
    request.body().bytes().unwrap_or_default()
}

/// Method and first part of the path, and the host.
fn outside(request: &HttpRequest) -> (String, Option<String>) {
    let uri: Option<http::Uri> = request.uri().parse().ok();
    let path = uri.as_ref().map_or("", |uri| uri.path());
    let resource = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or("unknown");
    (format!("{} /{resource}", request.method()), Some(host.to_owned()))
}
