//! The saga of a story, of which there is one.

use aws_sdk_sfn::types::HistoryEventType;

use crate::stack::Stack;

impl Stack {
    /// The function cannot be invoked: every invocation is throttled.
    ///
    /// # Panics
    /// Lambda refuses.
    pub async fn given_function_away(&self, function: &str) {
        let put = self.lambda().put_function_concurrency().function_name(self.name(function));
        put.reserved_concurrent_executions(0).send().await.unwrap();
    }

    /// The function can be invoked again.
    ///
    /// # Panics
    /// Lambda refuses.
    pub async fn given_function_back(&self, function: &str) {
        self.lambda().delete_function_concurrency().function_name(self.name(function)).send().await.unwrap();
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
