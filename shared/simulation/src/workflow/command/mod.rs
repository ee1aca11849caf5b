//! The whole command of a simulation: arguments, progress, report.

mod args;
mod progress;
mod seeds;

use std::process::ExitCode;

use clap::Parser as _;

use super::corpus;
use super::run::RunError;
use super::simulation::Simulation;
use args::Args;
use progress::Progress;

/// An invariant broke.
const BROKEN: u8 = 1;
/// There was no run.
const NO_RUN: u8 = 3;

impl Simulation {
    /// Does what the process's arguments ask for (`--help` says what they are): the `main` of a simulation. Reports go to standard
    /// output, everything else to standard error.
    #[must_use]
    pub fn main(self) -> ExitCode {
        let args = Args::parse();
        match execute(&self, &args) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(BROKEN),
            Err(error) => {
                progress::tell(&format!("simulate: {error}"));
                ExitCode::from(NO_RUN)
            }
        }
    }
}

/// Whether every invariant held.
fn execute(simulation: &Simulation, args: &Args) -> Result<bool, RunError> {
    if let Some(path) = &args.corpus {
        return past_findings(simulation, path);
    }
    let progress = Progress::new(args.seeds());
    let tally = seeds::run(simulation, args, &progress)?;
    progress.end();
    progress::print(&tally.to_string());
    if let (Some(path), Some(journal)) = (&args.journal, &tally.journal) {
        std::fs::write(path, journal.join("\n") + "\n").map_err(|error| RunError::file(path, &error))?;
    }
    for finding in &tally.findings {
        progress::print(&format!("\n{finding}"));
    }
    Ok(tally.findings.is_empty())
}

fn past_findings(simulation: &Simulation, path: &std::path::Path) -> Result<bool, RunError> {
    let mut holds = true;
    for case in corpus::read(path)? {
        let finding = case.find(simulation)?;
        let says = if finding.is_none() { "holds" } else { "broken again" };
        progress::print(&format!("seed {}: {says}: {}", case.seed, case.why));
        if let Some(finding) = finding {
            holds = false;
            progress::print(&format!("\n{finding}"));
        }
    }
    Ok(holds)
}
