//! From a run that breaks an invariant to the smallest one that still does.

use super::minimize::minimize;
use super::report::Finding;
use crate::workflow::id::WorkflowId;
use crate::workflow::plan::Faults;
use crate::workflow::run::Run;
use crate::workflow::settings::Settings;
use crate::workflow::simulation::Simulation;

/// Runs that are tried at most.
const RUNS: u32 = 300;

/// The smallest run, so far.
struct Smallest<'a> {
    simulation: &'a Simulation,
    settings: Settings,
    run: Run,
    /// The invariant that has to break.
    invariant: String,
    runs: u32,
}

/// Makes a run that broke an invariant smaller: fewer workflows, fewer faults, smaller delays.
pub(crate) fn shrink(simulation: &Simulation, settings: &Settings, run: Run) -> Finding {
    let invariant = run.broken.as_ref().map(|broken| broken.name.clone()).unwrap_or_default();
    let mut smallest = Smallest { simulation, settings: settings.clone(), run, invariant, runs: 0 };
    smallest.workflows();
    smallest.faults();
    smallest.delays();
    smallest.workflows();
    smallest.faults();
    Finding::new(simulation, smallest.settings, smallest.run)
}

impl Smallest<'_> {
    /// Whether a run with these settings breaks the same invariant; if so, it is the smallest now.
    fn still_breaks(&mut self, settings: Settings) -> bool {
        if self.runs >= RUNS {
            return false;
        }
        self.runs += 1;
        let Ok(run) = self.simulation.run(&settings) else { return false };
        let breaks = run.broken.as_ref().is_some_and(|broken| broken.name == self.invariant);
        if breaks {
            (self.settings, self.run) = (settings, run);
        }
        breaks
    }

    fn workflows(&mut self) {
        let named = self.run.broken.as_ref().and_then(|broken| WorkflowId::find(&broken.found.to_string()));
        if let Some(named) = named
            && self.still_breaks(self.settings.clone().pick([named]))
        {
            return;
        }
        let all: Vec<WorkflowId> = self.settings.ids().collect();
        minimize(all, |some| self.still_breaks(self.settings.clone().pick(some.iter().copied())));
    }

    fn faults(&mut self) {
        if self.run.struck.is_empty() {
            // The arguments that say so are shorter.
            self.still_breaks(self.settings.clone().faults(Faults::none()));
            return;
        }
        let struck: Vec<String> = self.run.struck.iter().map(|struck| struck.id.clone()).collect();
        minimize(struck, |some| {
            let faults = self.settings.faults.clone().only(some.iter().cloned());
            self.still_breaks(self.settings.clone().faults(faults))
        });
    }

    fn delays(&mut self) {
        if self.run.struck.is_empty() {
            return;
        }
        for part in [0.0, 0.125, 0.25, 0.5] {
            let faults = self.settings.faults.clone().delays(part);
            if self.still_breaks(self.settings.clone().faults(faults)) {
                return;
            }
        }
    }
}
