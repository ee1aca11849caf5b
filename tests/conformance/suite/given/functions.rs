//! Functions.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode as SdkCode, Runtime, State};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use throughline_conformance::account::FunctionCode;
use throughline_conformance::{Account, function};
use throughline_sandbox::Cloud;
use throughline_sandbox::lambda::{Code, FunctionError, FunctionSpec, Invocation};

use super::eventually;

/// A function of a case.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) lambda: Client,
    pub(crate) name: String,
    pub(crate) arn: String,
}

/// A function in a mode of [`function::decide`], with a timeout of 10 seconds.
pub(crate) async fn function(t: &Account, label: &str, mode: &str) -> Function {
    function_with(t, label, mode, Duration::from_secs(10)).await
}

/// The same with another timeout.
pub(crate) async fn function_with(t: &Account, label: &str, mode: &str, timeout: Duration) -> Function {
    let name = t.name(label);
    match &t.code {
        FunctionCode::InProcess(cloud) => add(cloud, &name, mode, timeout),
        FunctionCode::Zip(zip) => create(t, &name, mode, timeout, zip).await,
    }
    t.at_end(t.lambda.delete_function().function_name(&name).send());
    t.at_end(t.logs.delete_log_group().log_group_name(format!("/aws/lambda/{name}")).send());
    let arn = eventually(t, "an active function", async || {
        let answer = t.lambda.get_function_configuration().function_name(&name).send().await.unwrap();
        (*answer.state()? == State::Active).then_some(answer.function_arn?)
    })
    .await;
    Function { lambda: t.lambda.clone(), name, arn }
}

async fn create(t: &Account, name: &str, mode: &str, timeout: Duration, zip: &[u8]) {
    let code = SdkCode::builder().zip_file(Blob::new(zip)).build();
    let request = t.lambda.create_function().function_name(name).runtime(Runtime::Providedal2023);
    let request = request.handler("bootstrap").role(&t.role).code(code).timeout(timeout.as_secs().try_into().unwrap());
    let request = request.environment(Environment::builder().variables(function::MODE, mode).build());
    request.send().await.unwrap();
}

fn add(cloud: &Cloud, name: &str, mode: &str, timeout: Duration) {
    let code = Code::in_process(|invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        async move {
            invocation.log.line(function::line(&invocation.payload));
            let mode = invocation.environment.get(function::MODE).cloned().unwrap_or_default();
            let plan = function::decide(&mode, &invocation.payload);
            tokio::time::sleep(plan.wait).await;
            plan.answer.map_err(|(error_type, message)| FunctionError { error_type, message })
        }
        .boxed()
    });
    let mut spec = FunctionSpec::new(name, code);
    spec.timeout = timeout;
    spec.environment.insert(function::MODE.into(), mode.into());
    cloud.lambda().add_function(cloud, spec).unwrap();
}

impl Function {
    /// Invokes and waits for the answer.
    pub(crate) async fn invoke(&self, payload: Value) -> InvokeOutput {
        let payload = Blob::new(payload.to_string());
        self.lambda.invoke().function_name(&self.name).payload(payload).send().await.unwrap()
    }

    /// The events that the function has been given so far, from its log.
    pub(crate) async fn events(&self, t: &Account) -> Vec<Value> {
        let group = format!("/aws/lambda/{}", self.name);
        // The group appears with the first environment.
        let Ok(answer) = t.logs.filter_log_events().log_group_name(group).send().await else { return Vec::new() };
        let lines = answer.events().iter().filter_map(|event| event.message()?.strip_prefix("event "));
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first `count` events. Waits for them.
    pub(crate) async fn given(&self, t: &Account, count: usize) -> Vec<Value> {
        eventually(t, "events of the function", async || {
            let events = self.events(t).await;
            (events.len() >= count).then_some(events)
        })
        .await
    }
}

/// An answer's payload.
pub(crate) fn payload(answer: &InvokeOutput) -> Value {
    let payload = answer.payload().map(AsRef::as_ref).unwrap_or_default();
    serde_json::from_slice(payload).unwrap_or_else(|_| json!(String::from_utf8_lossy(payload)))
}
