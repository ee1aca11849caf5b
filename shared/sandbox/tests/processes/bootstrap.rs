//! The function: does what its events say.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};

use crate::raw;

pub(crate) fn run(api: &str) -> ExitCode {
    println!("starting");
    match std::env::var("MODE").unwrap_or_default().as_str() {
        "exit" => return ExitCode::from(7),
        "init_error" => {
            let body = r#"{"errorType":"Config","errorMessage":"no table"}"#;
            raw::post(api, "/2018-06-01/runtime/init/error", body);
            return ExitCode::from(1);
        }
        "raw" => return raw::serve(api),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let served = runtime.block_on(lambda_runtime::run(service_fn(handle)));
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Debug)]
struct Refused(String);

impl From<Refused> for Diagnostic {
    fn from(refused: Refused) -> Self {
        Self { error_type: "Refused".into(), error_message: refused.0 }
    }
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Refused> {
    let id = &event.context.request_id;
    println!("working on {id}");
    match event.payload["do"].as_str().unwrap_or_default() {
        "refuse" => Err(Refused("not today".into())),
        "exit" => std::process::exit(3),
        "abort" => std::process::abort(),
        "hang" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Value::Null)
        }
        "environment" => Ok(std::env::vars().map(|(name, value)| (name, Value::from(value))).collect()),
        "fork" => {
            #[expect(clippy::zombie_processes, reason = "who ends it is what is tested")]
            let child = std::process::Command::new("sleep").arg("600").spawn().expect("sleep");
            Ok(json!({ "child": child.id(), "own": std::process::id() }))
        }
        _ => Ok(json!({
            "echo": event.payload,
            "id": id,
            "arn": event.context.invoked_function_arn,
            "deadline": event.context.deadline,
            "process": std::process::id(),
            "version": std::env::var("VERSION").unwrap_or_default(),
        })),
    }
}
