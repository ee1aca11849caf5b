//! [Amazon States Language](https://states-language.net/spec.html): parse, validate, execute.
//!
//! A definition is parsed once, with every mistake reported where it is ([`Diagnostic`]), and executed on a clock, a
//! source of randomness and a task executor that the caller brings ([`Environment`]). Nothing here does I/O or knows a
//! wall clock, so an execution that waits a year ends at once on virtual time, and the same inputs give the same
//! [`History`], event by event as AWS Step Functions records it.
//!
//! ```
//! use throughline_states_language::StateMachine;
//!
//! let error = StateMachine::parse(r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}"#).unwrap_err();
//! assert_eq!(error.diagnostics[0].location, "/States/A/Next");
//! ```

mod data;
mod diagnostic;
mod execute;
mod history;
mod intrinsic;
mod json;
mod jsonata;
pub mod limits;
mod machine;
mod parse;
mod path;
mod references;
mod template;

pub use diagnostic::{Diagnostic, InvalidDefinition, Rule, Severity};
pub use execute::{
    Clock, Environment, Executor, Heartbeat, Outcome, Random, Request, Resource, ResourceKind, Start, TaskError,
    execute, redrive,
};
pub use history::{History, HistoryEvent};
pub use json::json_mistake;
pub use machine::{JobPattern, QueryLanguage, StateMachine};
