//! The saga of a story, of which there is one.

use std::sync::Arc;

use aws_sdk_sfn::types::HistoryEventType;
use throughline_sandbox::faults::{Execution, ExecutionFault, Faults};

use crate::stack::Stack;

/// The function of this name dies before its code runs.
#[derive(Debug)]
struct Dies(String);

impl Faults for Dies {
    fn execution(&self, execution: &Execution<'_>) -> Option<ExecutionFault> {
        (execution.function == self.0).then_some(ExecutionFault::Fail)
    }
}

impl Stack {
    /// The function does not run: its process dies whenever it starts.
    pub fn given_function_that_dies(&self, function: &str) {
        self.cloud().set_faults(Some(Arc::new(Dies(self.name(function)))));
    }

    /// The function runs again, and nothing else goes wrong either.
    pub fn given_function_mended(&self) {
        self.cloud().set_faults(None);
    }

    /// A person redrives the saga.
    ///
    /// # Panics
    /// Step Functions refuses.
    pub async fn when_saga_is_redriven(&self) {
        self.sfn().redrive_execution().execution_arn(self.execution().await).send().await.unwrap();
    }

    /// The status of the saga's execution.
    ///
    /// # Panics
    /// There is no saga, or there are several.
    pub async fn saga_status(&self) -> String {
        let describe = self.sfn().describe_execution().execution_arn(self.execution().await);
        describe.send().await.unwrap().status().as_str().to_owned()
    }

    /// The states that the saga entered, in order.
    ///
    /// # Panics
    /// There is no saga, or there are several.
    pub async fn saga_states(&self) -> Vec<String> {
        let history = self.sfn().get_execution_history().execution_arn(self.execution().await);
        let events = history.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        assert!(events.iter().any(|event| *event.r#type() == HistoryEventType::ExecutionStarted));
        let entered = events.iter().filter_map(|event| event.state_entered_event_details());
        entered.map(|details| details.name().to_owned()).collect()
    }

    async fn execution(&self) -> String {
        let machines = self.sfn().list_state_machines().send().await.unwrap();
        let mut found = Vec::new();
        for machine in machines.state_machines() {
            let list = self.sfn().list_executions().state_machine_arn(machine.state_machine_arn());
            let executions = list.send().await.unwrap();
            found.extend(executions.executions().iter().map(|execution| execution.execution_arn().to_owned()));
        }
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}
