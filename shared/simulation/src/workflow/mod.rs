//! A whole workflow, simulated: many of it at once through the whole topology of its template, functions in process, on one
//! thread and virtual time, with everything going wrong that can, and what must be true checked whenever nothing is under way.
//!
//! `docs/simulation.md` says what is simulated and how to simulate a workflow of one's own.

mod command;
mod corpus;
mod definition;
mod dice;
mod finding;
mod host;
mod id;
mod in_cloud;
mod item;
mod journal;
mod plan;
mod run;
mod settings;
mod simulation;
mod start;
mod table;
mod view;

pub use corpus::{Case, read as read_corpus};
pub use definition::{Broken, Workflow};
pub use dice::Rng;
pub use finding::Finding;
pub use host::{Call, Code, Hook, Host, Turn, UnknownFunction};
pub use id::{NoWorkflow, WorkflowId};
pub use plan::{Fault, Faults, Struck, UnknownFault};
pub use run::{BrokenInvariant, GivenUp, Run, RunError};
pub use settings::Settings;
pub use simulation::Simulation;
pub use start::{Began, Start};
pub use view::{Execution, View};
