//! Starting, stopping and looking at executions.

use std::sync::Arc;

use serde_json::{Value, json};
use throughline_states_language::{Start, limits::PAYLOAD_BYTES};

use super::execution::Execution;
use super::input::Input;
use super::machines::seconds;
use super::{State, errors, names, paging};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// How long the name of a closed execution stays taken, in seconds: 90 days.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
const NAME_TAKEN_SECONDS: f64 = 90.0 * 86_400.0;

impl State {
    pub(super) fn execution(&self, arn: &str) -> Result<&Arc<Execution>, ServiceError> {
        if !arn.starts_with("arn:") || !arn.contains(":execution:") {
            return Err(errors::invalid_arn(arn));
        }
        self.executions.get(arn).ok_or_else(|| errors::no_execution(arn))
    }
}

/// [StartExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html): a second
/// start by the name and with the input of a running execution answers with that execution.
pub(super) fn start(cloud: &Cloud, input: Input<'_>) -> Answer {
    let machine_arn = input.text("stateMachineArn")?;
    let generated = cloud.uuid().to_string();
    let name = input.optional_text("name").unwrap_or(&generated);
    names::check(name)?;
    let text = input.optional_text("input").unwrap_or("{}");
    if text.len() > PAYLOAD_BYTES {
        return Err(errors::validation("input", "Member must have length less than or equal to 262144"));
    }
    let parsed: Value = serde_json::from_str(text).map_err(|error| errors::invalid_input(&error.to_string()))?;
    let at = cloud.clock().now();
    let now = seconds(at);
    let mut state = cloud.step_functions().state();
    let machine = state.machine(machine_arn)?;
    let arn = cloud.arn("states", &format!("execution:{}:{name}", machine.name));
    let existing =
        state.executions.get(&arn).filter(|e| e.end().is_none_or(|end| now - end.stopped < NAME_TAKEN_SECONDS));
    if let Some(existing) = existing {
        return if existing.is_running() && existing.input == text {
            Ok(json!({"executionArn": arn, "startDate": existing.started}))
        } else {
            Err(errors::execution_exists(&arn))
        };
    }
    let start = Start {
        execution_arn: arn.clone(),
        name: name.to_owned(),
        role_arn: machine.role.clone(),
        state_machine_arn: machine.arn.clone(),
        state_machine_name: machine.name.clone(),
        redrive_count: 0,
        input: parsed,
    };
    let definition = Arc::clone(&machine.definition);
    let trace_header = input.optional_text("traceHeader").map(str::to_owned);
    let execution = Execution::new(start, text.to_owned(), definition, at, trace_header);
    state.executions.shift_remove(&arn);
    state.executions.insert(arn.clone(), Arc::clone(&execution));
    execution.spawn(cloud);
    Ok(json!({"executionArn": arn, "startDate": now}))
}

/// [StopExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html)
pub(super) fn stop(cloud: &Cloud, input: Input<'_>) -> Answer {
    let execution = Arc::clone(cloud.step_functions().state().execution(input.text("executionArn")?)?);
    let text = |name| input.optional_text(name).map(str::to_owned);
    execution.abort(cloud, text("error"), text("cause"));
    let stopped = execution.end().map_or_else(|| seconds(cloud.clock().now()), |end| end.stopped);
    Ok(json!({ "stopDate": stopped }))
}

/// [DescribeExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html)
pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    Ok(state.execution(input.text("executionArn")?)?.description(seconds(cloud.clock().now())))
}

/// [ListExecutions](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html): the
/// latest first.
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let machine = state.machine(input.text("stateMachineArn")?)?;
    let status = input.optional_text("statusFilter");
    let executions = state.executions.values().rev();
    let executions = executions.filter(|e| e.start.state_machine_arn == machine.arn);
    let executions = executions.filter(|e| status.is_none_or(|status| status == e.status()));
    paging::page(input, "executions", executions.map(|e| Value::Object(e.summary())).collect())
}
