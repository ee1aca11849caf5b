//! One run: a seed's workflows through the whole topology, on one thread and virtual time.

mod boot;
mod calm;
mod rounds;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use throughline_sandbox::ServiceError;
use throughline_sandbox::dynamodb::KnownExpressions;
use throughline_sandbox::template::{BootError, Template, TemplateError, TemplateErrors};
use throughline_telemetry::JournalLine;

use super::definition::{Broken, Workflow};
use super::host::UnknownFunction;
use super::id::WorkflowId;
use super::plan::Struck;
use super::settings::Settings;
use super::start::Began;

pub(crate) use boot::ORIGIN;

/// Why there was no run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The template is not YAML or JSON, or cannot be read.
    #[error("the template cannot be read: {0}")]
    Template(#[from] TemplateError),
    /// The template has mistakes, or things in it that the local cloud does not have.
    #[error("the template cannot be used: {0}")]
    Resolve(#[from] TemplateErrors),
    /// A resource was refused.
    #[error("the template cannot be booted: {0}")]
    Boot(#[from] Box<BootError>),
    /// A function has no code.
    #[error(transparent)]
    Function(#[from] UnknownFunction),
    /// The local cloud refused something that the simulation itself asked for.
    #[error("failed to {what}: {source}")]
    Cloud {
        /// What was asked for.
        what: String,
        /// What it said.
        source: ServiceError,
    },
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A case of the corpus is none.
    #[error("the case with seed {seed}: {reason}")]
    Case {
        /// Its seed.
        seed: u64,
        /// Why not.
        reason: String,
    },
    /// There is no runtime to run in.
    #[error("failed to make a runtime: {0}")]
    Runtime(#[from] std::io::Error),
}

impl RunError {
    pub(crate) fn file(path: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::File { path: path.display().to_string(), reason: reason.to_string() }
    }
}

/// What is left of a run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Run {
    /// The faults that struck.
    pub struck: Vec<Struck>,
    /// What functions wrote to their journals, in the order in which they did.
    pub journal: Vec<String>,
    /// How each workflow began.
    pub began: BTreeMap<WorkflowId, Began>,
    /// The invariant that broke first, if one did.
    pub broken: Option<BrokenInvariant>,
    /// The virtual time that it took.
    pub took: std::time::Duration,
    /// Messages that were given up with a reason, and sagas that wait for a person: rare, but an ending.
    pub given_up: GivenUp,
    pub(crate) evidence: Evidence,
}

/// What was given up in a run: endings that have a reason, and that nobody wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GivenUp {
    /// Rows of `failures`.
    pub parked: usize,
    /// Sagas that failed.
    pub sagas: usize,
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokenInvariant {
    /// Its name.
    pub name: String,
    /// What was found.
    pub found: Broken,
}

/// What a life cycle is drawn from, kept when something broke.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) lines: Vec<JournalLine>,
    pub(crate) events: Vec<serde_json::Value>,
    pub(crate) failures: Vec<serde_json::Value>,
}

/// A template, read once for many runs.
pub(crate) fn template(path: &Path) -> Result<Template, RunError> {
    Ok(Template::load(path)?)
}

/// Runs a workflow on a runtime of its own, whose time is virtual.
pub(crate) fn run(
    template: &Template,
    expressions: KnownExpressions,
    workflow: &Workflow,
    settings: &Settings,
) -> Result<Run, RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let world = boot::boot(template, expressions, workflow, settings).await?;
        let run = rounds::run(&world, workflow, settings).await;
        // Whatever is still there would keep the cloud alive for ever.
        world.cloud.lambda().shutdown().await;
        run
    })
}
