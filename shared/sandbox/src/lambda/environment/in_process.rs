//! Code in this process.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use serde_json::{Value, json};

use super::{End, Exit, Work};
use crate::faults::{self, Run};
use crate::lambda::logging::LogWriter;
use crate::lambda::spec::{self, FunctionSpec, InProcess, Invocation};
use crate::wire::json_text;

/// The code, and the variables that a process would have.
pub(super) struct Code {
    code: Option<Arc<dyn InProcess>>,
    variables: BTreeMap<String, String>,
}

impl Code {
    pub(super) fn new(spec: &FunctionSpec, variables: BTreeMap<String, String>) -> Self {
        let code = match &spec.code {
            spec::Code::InProcess(code) => Some(code.clone()),
            spec::Code::Binary(_) | spec::Code::Unpacked(_) => None,
        };
        Self { code, variables }
    }

    pub(super) async fn invoke(&self, log: &LogWriter, spec: &FunctionSpec, work: &Work) -> End {
        let Some(code) = &self.code else {
            return error("Runtime.InvalidEntrypoint", "there is no code in this process");
        };
        let payload = match serde_json::from_str(&work.payload) {
            Ok(payload) => payload,
            Err(e) => return error("Runtime.UnmarshalError", &e.to_string()),
        };
        let invocation = Invocation {
            payload,
            request_id: work.request_id.clone(),
            deadline: work.deadline,
            function_arn: work.function_arn.clone(),
            trace_id: work.trace_id.clone(),
            environment: self.variables.clone(),
            log: log.clone(),
        };
        let run = Run::new(&spec.name, &work.request_id);
        let running = AssertUnwindSafe(async { code.invoke(invocation).await }).catch_unwind();
        let running = tokio::time::timeout(spec.timeout, faults::within(run.clone(), running));
        let ended = tokio::select! {
            biased;
            () = run.crashed() => return End::Exit(Exit::killed()),
            ended = running => ended,
        };
        match ended {
            Err(_) => End::Timeout(spec.timeout),
            Ok(Ok(Ok(value))) => End::Response(json_text(&value)),
            Ok(Ok(Err(failed))) => error(&failed.error_type, &failed.message),
            Ok(Err(panic)) => error("Panic", &format!("Lambda panicked: {}", text(panic.as_ref()))),
        }
    }
}

fn error(kind: &str, message: &str) -> End {
    End::Error(json!({ "errorType": kind, "errorMessage": message }).to_string())
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| Value::Null.to_string())
}
