//! `RedriveExecution`.

use std::sync::Arc;

use serde_json::json;

use super::input::Input;
use super::machines::seconds;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// [RedriveExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html): goes on
/// at the state that did not succeed, with the definition that the execution started with. `clientToken` is accepted;
/// a second redrive finds the execution running.
pub(super) fn redrive(cloud: &Cloud, input: Input<'_>) -> Answer {
    let execution = Arc::clone(cloud.step_functions().state().execution(input.text("executionArn")?)?);
    let now = seconds(cloud.clock().now());
    if let Some(reason) = execution.not_redrivable(now) {
        return Err(ServiceError::new("ExecutionNotRedrivable", reason));
    }
    execution.redrive(cloud, now);
    Ok(json!({ "redriveDate": now }))
}
