//! Starting, stopping and looking at executions.

use std::sync::Arc;

use jiff::Timestamp;
use rand::RngExt as _;
use serde_json::{Value, json};
use throughline_states_language::{Start, json_mistake, limits::PAYLOAD_BYTES};

use super::execution::Execution;
use super::input::Input;
use super::machines::{Target, seconds};
use super::{State, arn, errors, names, paging};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// How long the name of a closed execution stays taken, in seconds: 90 days.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
const NAME_TAKEN_SECONDS: f64 = 90.0 * 86_400.0;

impl State {
    pub(super) fn execution(&self, arn: &str) -> Result<&Arc<Execution>, ServiceError> {
        self.executions.get(arn::execution(arn)?).ok_or_else(|| errors::no_execution(arn))
    }
}

/// What a request to start an execution asks for.
struct Asked {
    target: Target,
    name: String,
    text: String,
    input: Value,
    trace_header: Option<String>,
}

fn asked(cloud: &Cloud, input: Input<'_>) -> Result<Asked, ServiceError> {
    let machine_arn = input.text("stateMachineArn")?;
    let generated = cloud.uuid().to_string();
    let name = input.optional_text("name").unwrap_or(&generated);
    names::check(name)?;
    let text = input.optional_text("input").unwrap_or("{}");
    if text.len() > PAYLOAD_BYTES {
        return Err(errors::validation("input", "Member must have length less than or equal to 262144"));
    }
    let parsed: Value =
        serde_json::from_str(text).map_err(|error| errors::invalid_input(&json_mistake(text, &error)))?;
    let draw = cloud.random(|random| random.random_range(0..100));
    let target = cloud.step_functions().state().target(machine_arn, draw)?;
    Ok(Asked {
        target,
        name: name.to_owned(),
        text: text.to_owned(),
        input: parsed,
        trace_header: input.optional_text("traceHeader").map(str::to_owned),
    })
}

impl Asked {
    fn execution(self, arn: String, at: Timestamp) -> Arc<Execution> {
        let start = Start {
            execution_arn: arn,
            name: self.name,
            role_arn: self.target.settings.role.clone(),
            state_machine_arn: self.target.arn.clone(),
            state_machine_name: self.target.name.clone(),
            redrive_count: 0,
            input: self.input,
            input_text: self.text,
        };
        Execution::new(start, self.target, at, self.trace_header)
    }
}

/// [StartExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html): a second
/// start by the name and with the input of a running execution answers with that execution.
pub(super) fn start(cloud: &Cloud, input: Input<'_>) -> Answer {
    let asked = asked(cloud, input)?;
    let at = cloud.clock().now();
    let now = seconds(at);
    if asked.target.express {
        let execution = asked.express(cloud, at);
        let arn = execution.start.execution_arn.clone();
        let mut state = cloud.step_functions().state();
        state.express.retain(|execution| execution.is_running());
        state.express.push(Arc::clone(&execution));
        execution.spawn(cloud);
        return Ok(json!({"executionArn": arn, "startDate": now}));
    }
    let arn = cloud.arn("states", &format!("execution:{}:{}", asked.target.name, asked.name));
    let mut state = cloud.step_functions().state();
    let existing =
        state.executions.get(&arn).filter(|e| e.end().is_none_or(|end| now - end.stopped < NAME_TAKEN_SECONDS));
    if let Some(existing) = existing {
        return if existing.is_running() && existing.start.input_text == asked.text {
            Ok(json!({"executionArn": arn, "startDate": existing.started}))
        } else {
            Err(errors::execution_exists(&arn))
        };
    }
    let execution = asked.execution(arn.clone(), at);
    state.executions.shift_remove(&arn);
    state.executions.insert(arn.clone(), Arc::clone(&execution));
    execution.spawn(cloud);
    Ok(json!({"executionArn": arn, "startDate": now}))
}

impl Asked {
    /// An Express execution; its ARN has an id of its own, so that names need not be unique.
    fn express(self, cloud: &Cloud, at: Timestamp) -> Arc<Execution> {
        let arn = cloud.arn("states", &format!("express:{}:{}:{}", self.target.name, self.name, cloud.uuid()));
        self.execution(arn, at)
    }
}

/// [StartSyncExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html): runs an
/// Express execution and answers with how it ended.
pub(super) async fn start_sync(cloud: &Cloud, input: Input<'_>) -> Answer {
    let asked = asked(cloud, input)?;
    if !asked.target.express {
        return Err(errors::wrong_type());
    }
    let execution = asked.express(cloud, cloud.clock().now());
    execution.spawn(cloud);
    execution.ended().await;
    let mut answer = execution.description(seconds(cloud.clock().now()));
    if let Some(answer) = answer.as_object_mut() {
        answer.retain(|name, _| {
            !name.starts_with("redrive") && !name.ends_with("VersionArn") && !name.ends_with("AliasArn")
        });
        answer.entry("outputDetails").or_insert_with(|| json!({"included": true}));
        answer.insert("billingDetails".into(), billing(&execution));
    }
    Ok(answer)
}

/// Duration in steps of 100 ms; memory in the least step of 64 MB.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_BillingDetails.html>
fn billing(execution: &Execution) -> Value {
    let stopped = execution.end().map_or(execution.started, |end| end.stopped);
    #[expect(clippy::cast_possible_truncation, reason = "durations are short")]
    let hundreds = ((stopped - execution.started) * 10.0).ceil().max(1.0) as i64;
    json!({"billedDurationInMilliseconds": hundreds * 100, "billedMemoryUsedInMB": 64})
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
    let status = input.optional_text("statusFilter");
    if let Some(other) = status.filter(|status| !STATUSES.contains(status)) {
        let set = format!("Member must satisfy enum value set: [{}]", STATUSES.join(", "));
        return Err(errors::constraint("statusFilter", other, &set));
    }
    let given = input.text("stateMachineArn")?;
    let (base, qualifier) = arn::machine(given)?;
    let state = cloud.step_functions().state();
    let machine = state.machines.get(base).ok_or_else(|| errors::no_machine(given))?;
    if machine.express {
        return Err(errors::wrong_type());
    }
    let executions = state.executions.values().rev();
    let executions = executions.filter(|e| e.start.state_machine_arn == machine.arn);
    let executions = executions.filter(|e| qualifier.is_none() || e.is_of(given));
    let executions = executions.filter(|e| status.is_none_or(|status| status == e.status()));
    paging::page(input, "executions", executions.map(|e| Value::Object(e.summary())).collect())
}

const STATUSES: [&str; 6] = ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"];
