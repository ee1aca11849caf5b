//! State machines and executions.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};
use serde_json::{Value, json};
use throughline_conformance::Account;

use super::eventually;

/// A state machine of a case.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) sfn: Client,
    pub(crate) arn: String,
}

/// A definition with one state.
pub(crate) fn only(state: Value) -> Value {
    one("Only", state)
}

/// The same with a name: names are unique in the whole machine, in branches too.
pub(crate) fn one(name: &str, mut state: Value) -> Value {
    state["End"] = true.into();
    json!({ "StartAt": name, "States": { name: state } })
}

/// A standard state machine.
pub(crate) async fn machine(t: &Account, definition: Value) -> Machine {
    labelled(t, "machine", definition).await
}

/// The same, where a case has several.
pub(crate) async fn labelled(t: &Account, label: &str, definition: Value) -> Machine {
    let request = t.sfn.create_state_machine().name(t.name(label)).role_arn(&t.role);
    let arn = request.definition(definition.to_string()).send().await.unwrap().state_machine_arn;
    t.at_end(t.sfn.delete_state_machine().state_machine_arn(&arn).send());
    Machine { sfn: t.sfn.clone(), arn }
}

/// Runs a definition once, and describes the execution when it is closed.
pub(crate) async fn run(t: &Account, definition: Value, input: Value) -> DescribeExecutionOutput {
    let machine = machine(t, definition).await;
    let execution = machine.start("run", input).await;
    machine.closed(t, &execution).await
}

impl Machine {
    /// Starts an execution; answers its ARN.
    pub(crate) async fn start(&self, name: &str, input: Value) -> String {
        let request = self.sfn.start_execution().state_machine_arn(&self.arn).name(name).input(input.to_string());
        request.send().await.unwrap().execution_arn
    }

    pub(crate) async fn describe(&self, execution: &str) -> DescribeExecutionOutput {
        self.sfn.describe_execution().execution_arn(execution).send().await.unwrap()
    }

    /// The execution when it is no longer running. Waits for it.
    pub(crate) async fn closed(&self, t: &Account, execution: &str) -> DescribeExecutionOutput {
        eventually(t, "the end of the execution", async || {
            let described = self.describe(execution).await;
            let open = [ExecutionStatus::Running, ExecutionStatus::PendingRedrive].contains(described.status());
            (!open).then_some(described)
        })
        .await
    }

    pub(crate) async fn history(&self, execution: &str) -> Vec<HistoryEvent> {
        let request = self.sfn.get_execution_history().execution_arn(execution).max_results(1000);
        request.send().await.unwrap().events
    }

    /// The types of the history's events.
    pub(crate) async fn kinds(&self, execution: &str) -> Vec<String> {
        self.history(execution).await.iter().map(|event| event.r#type().as_str().to_owned()).collect()
    }
}

/// An execution's output.
pub(crate) fn output(execution: &DescribeExecutionOutput) -> Value {
    let output = execution.output();
    serde_json::from_str(output.unwrap_or_else(|| panic!("no output: {execution:?}"))).unwrap()
}
