//! Going from state to state.

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::abort::Group;
use super::failure::Failure;
use super::{Environment, Start};
use crate::data::{Data, Variables};
use crate::history::{Entered, History};
use crate::machine::{Flow, Next};

/// One execution.
pub(super) struct Run<'a> {
    pub(super) environment: &'a Environment,
    pub(super) start: &'a Start,
    pub(super) history: &'a History,
    pub(super) started: Timestamp,
}

/// One line of states: the machine's own, a branch's, an iteration's.
#[derive(Debug, Clone, Default)]
pub(super) struct Thread {
    /// The last event on this line.
    pub(super) event: u64,
    pub(super) variables: Variables,
    /// `$$.Map.Item`.
    pub(super) map_item: Option<Value>,
    /// What it stops with, from the outermost in.
    pub(super) groups: Vec<Group>,
}

impl Thread {
    /// A branch or an iteration of this line.
    pub(super) fn nested(&self, group: &Group) -> Self {
        let mut nested = self.clone();
        nested.groups.push(group.clone());
        nested
    }

    pub(super) fn is_nested(&self) -> bool {
        !self.groups.is_empty()
    }
}

/// A line that reached its end.
pub(super) struct Done {
    pub(super) output: Value,
    pub(super) event: u64,
}

impl Run<'_> {
    /// Runs `flow` from its start to its end. Boxed, since branches and iterations are flows within flows.
    pub(super) fn flow<'b>(
        &'b self,
        flow: &'b Flow,
        thread: Thread,
        data: Value,
    ) -> BoxFuture<'b, Result<Done, Failure>> {
        self.flow_from(flow, thread, (flow.start_at.clone(), data), None)
    }

    /// Runs `flow` from the state `name` on, which a redrive had entered before.
    pub(super) fn flow_from<'b>(
        &'b self,
        flow: &'b Flow,
        mut thread: Thread,
        (mut name, mut data): (String, Value),
        mut entered: Option<Entered>,
    ) -> BoxFuture<'b, Result<Done, Failure>> {
        Box::pin(async move {
            loop {
                let state = flow
                    .states
                    .get(&name)
                    .ok_or_else(|| Failure::new("States.Runtime", Some(format!("there is no state '{name}'"))))?;
                let (output, next) = self.state(&mut thread, &name, state, data, entered.take()).await?;
                data = output;
                match next {
                    Next::State(next) => name = next,
                    Next::End => return Ok(Done { output: data, event: thread.event }),
                }
            }
        })
    }

    /// Records an event after the event `previous` and answers its id.
    pub(super) fn record(
        &self,
        previous: u64,
        kind: &'static str,
        details: Option<(&'static str, Map<String, Value>)>,
    ) -> u64 {
        self.history.push(self.environment.clock.now(), previous, kind, details)
    }

    /// Records the next event of `thread`.
    pub(super) fn next(
        &self,
        thread: &mut Thread,
        kind: &'static str,
        details: Option<(&'static str, Map<String, Value>)>,
    ) {
        thread.event = self.record(thread.event, kind, details);
    }

    pub(super) fn data<'b>(&'b self, thread: &'b Thread, input: &'b Value, context: &'b Value) -> Data<'b> {
        Data {
            input,
            context,
            variables: &thread.variables,
            result: None,
            error_output: None,
            random: &*self.environment.random,
        }
    }
}
