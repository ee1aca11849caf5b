//! Past findings, kept so that they stay mended.

use std::path::Path;

use serde::Deserialize;

use super::finding::Finding;
use super::plan::Faults;
use super::run::RunError;
use super::settings::{Settings, WORKFLOWS};
use super::simulation::Simulation;

/// A run that once broke an invariant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Case {
    /// Its seed.
    pub seed: u64,
    /// What was wrong.
    pub why: String,
    /// How many workflows it had.
    #[serde(default = "workflows")]
    pub workflows: u32,
    /// Only these of them.
    #[serde(default)]
    pub pick: Vec<String>,
    /// What went wrong, as `--faults` takes it.
    #[serde(default = "all")]
    pub faults: String,
    /// Only faults with these ids.
    #[serde(default)]
    pub only: Option<Vec<String>>,
}

fn workflows() -> u32 {
    WORKFLOWS
}

fn all() -> String {
    "all".to_owned()
}

/// Reads the cases of a file: a JSON list of objects with `seed`, `why` and, unless they are as usual, `workflows`, `pick`, `faults`
/// and `only`.
///
/// # Errors
/// It cannot be read, or is no such list.
pub fn read(path: &Path) -> Result<Vec<Case>, RunError> {
    let text = std::fs::read_to_string(path).map_err(|error| RunError::file(path, &error))?;
    serde_json::from_str(&text).map_err(|error| RunError::file(path, &error))
}

impl Case {
    /// Its settings.
    ///
    /// # Errors
    /// It names a fault or a workflow that there is not.
    pub fn settings(&self) -> Result<Settings, RunError> {
        let wrong = |error: &dyn std::fmt::Display| RunError::Case { seed: self.seed, reason: error.to_string() };
        let mut faults: Faults = self.faults.parse().map_err(|error| wrong(&error))?;
        if let Some(only) = &self.only {
            faults = faults.only(only.iter().cloned());
        }
        let settings = Settings::of(self.seed).workflows(self.workflows).faults(faults);
        if self.pick.is_empty() {
            return Ok(settings);
        }
        let pick = self.pick.iter().map(|id| id.parse().map_err(|error| wrong(&error)));
        Ok(settings.pick(pick.collect::<Result<Vec<_>, _>>()?))
    }

    /// Runs it again; what it finds, if it is broken again.
    ///
    /// # Errors
    /// There was no run.
    pub fn find(&self, simulation: &Simulation) -> Result<Option<Finding>, RunError> {
        let settings = self.settings()?;
        let run = simulation.run(&settings)?;
        Ok(run.broken.is_some().then(|| Finding::new(simulation, settings, run)))
    }
}
