//! What is told about a broken invariant.

use std::fmt;

use jiff::Timestamp;

use super::life;
use crate::workflow::id::WorkflowId;
use crate::workflow::plan::Struck;
use crate::workflow::run::{BrokenInvariant, ORIGIN, Run};
use crate::workflow::settings::Settings;
use crate::workflow::simulation::Simulation;

/// A broken invariant, and the smallest run that breaks it. Its text is the report.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The run's settings.
    pub settings: Settings,
    /// The invariant, and what was found.
    pub broken: Option<BrokenInvariant>,
    /// The faults that struck.
    pub faults: Vec<Struck>,
    /// The command that repeats the run.
    pub command: String,
    /// The life cycle of the workflow that broke it, drawn; empty when what was found names none.
    pub life_cycle: String,
}

impl Finding {
    pub(crate) fn new(simulation: &Simulation, settings: Settings, run: Run) -> Self {
        let command = format!("{} {}", simulation.command(), settings.arguments().join(" "));
        let found = run.broken.as_ref().map(|broken| broken.found.to_string()).unwrap_or_default();
        let life_cycle = WorkflowId::find(&found).map(|workflow| life::draw(&run.evidence, workflow));
        let (broken, faults) = (run.broken, run.struck);
        Self { settings, broken, faults, command, life_cycle: life_cycle.unwrap_or_default() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(BrokenInvariant { name, found }) = &self.broken {
            writeln!(f, "broken under seed {}: {name}\n  {found}\n", self.settings.seed)?;
        }
        match self.faults.len() {
            0 => writeln!(f, "without any fault")?,
            count => writeln!(f, "with {count} fault{}", if count == 1 { "" } else { "s" })?,
        }
        for fault in &self.faults {
            writeln!(f, "  {:>9}  {:<16} {}", after(fault.at), fault.place, what(fault))?;
        }
        if !self.life_cycle.is_empty() {
            writeln!(f, "\n{}", self.life_cycle.trim_end())?;
        }
        writeln!(f, "\nrepeat it with\n  {}", self.command)
    }
}

/// `lost-answer of TransactWriteItems for wf000012`
fn what(fault: &Struck) -> String {
    let of = match fault.operation.as_str() {
        "window" | "clock" => String::new(),
        operation => format!(" of {operation}"),
    };
    let workflow = fault.workflow.map(|workflow| format!(" for {workflow}")).unwrap_or_default();
    format!("{}{of}{workflow}", fault.fault)
}

fn after(at: Timestamp) -> String {
    format!("{:.3} s", at.duration_since(Timestamp::from_second(ORIGIN).unwrap_or_default()).as_secs_f64())
}
