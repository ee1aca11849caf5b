//! A workflow and its template, ready to be run.

use std::path::PathBuf;
use std::sync::Arc;

use throughline_sandbox::dynamodb::KnownExpressions;
use throughline_sandbox::template::Template;

use super::definition::Workflow;
use super::finding::{Finding, shrink};
use super::run::{self, Run, RunError};
use super::settings::Settings;

/// Simulates a workflow.
#[derive(Clone)]
pub struct Simulation {
    template: Template,
    expressions: KnownExpressions,
    workflow: Arc<dyn Fn() -> Workflow + Send + Sync>,
    command: String,
}

impl Simulation {
    /// `template` is the path of the SAM template; `workflow` describes the workflow, anew for every run.
    ///
    /// # Errors
    /// The template cannot be read.
    pub fn new(
        template: impl Into<PathBuf>,
        workflow: impl Fn() -> Workflow + Send + Sync + 'static,
    ) -> Result<Self, RunError> {
        Ok(Self {
            template: run::template(&template.into())?,
            expressions: KnownExpressions::default(),
            workflow: Arc::new(workflow),
            command: "simulate".into(),
        })
    }

    /// How the command is called whose `main` is [`main`](Self::main), for reports: `cargo run -p tests --bin simulate --`.
    #[must_use]
    pub fn called(mut self, command: impl Into<String>) -> Self {
        self.command = command.into();
        self
    }

    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// Runs it once. Must not be called within a runtime: it makes its own, whose time is virtual.
    ///
    /// # Errors
    /// There was no run at all: a broken invariant is no error, but what was found.
    pub fn run(&self, settings: &Settings) -> Result<Run, RunError> {
        run::run(&self.template, self.expressions.clone(), &(self.workflow)(), settings)
    }

    /// Runs it once; if an invariant breaks, looks for the smallest run that still breaks it: fewer workflows, fewer faults, smaller
    /// delays.
    ///
    /// # Errors
    /// There was no run at all.
    pub fn find(&self, settings: &Settings) -> Result<Option<Finding>, RunError> {
        let run = self.run(settings)?;
        Ok(run.broken.is_some().then(|| shrink(self, settings, run)))
    }
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").field("template", &self.template.path()).finish_non_exhaustive()
    }
}
