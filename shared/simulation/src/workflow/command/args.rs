//! The arguments of the command.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

use crate::workflow::id::{NoWorkflow, WorkflowId};
use crate::workflow::plan::{Fault, Faults, UnknownFault};
use crate::workflow::settings::{Settings, WORKFLOWS};

/// Simulates a workflow under many seeds, with faults, and checks its invariants whenever nothing is under way.
///
/// Exit code 0: every invariant held. 1: one broke, and the report says how to repeat it. 2: the arguments are wrong.
/// 3: there was no run, because the template or a function's code is not in order.
#[derive(Debug, Clone, Parser)]
#[command(name = "simulate")]
pub(super) struct Args {
    /// How many seeds to run.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) seeds: u64,
    /// The first of them.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) from: u64,
    /// Runs this seed only.
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from"])]
    pub(super) seed: Option<u64>,
    /// How many workflows each seed has.
    #[arg(long, visible_alias = "orders", value_name = "N", default_value_t = WORKFLOWS, value_parser = clap::value_parser!(u32).range(1..=999_999))]
    pub(super) workflows: u32,
    /// Only these of them: numbers, or ids as reports show them.
    #[arg(long, value_name = "ID,…", value_delimiter = ',', value_parser = workflow)]
    pub(super) pick: Vec<WorkflowId>,
    /// What goes wrong: `all` (another mixture for each seed), `none`, or names.
    #[arg(long, value_name = "FAULT,…", default_value = "all", value_parser = faults)]
    pub(super) faults: Faults,
    /// How often a fault strikes where it can, from 0 to 1.
    #[arg(long, value_name = "FAULT=RATE", value_parser = rate)]
    pub(super) rate: Vec<(Fault, f64)>,
    /// Only faults with these ids strike, as reports name them. Without an id: none.
    #[arg(long, value_name = "ID,…", value_delimiter = ',', num_args = 0..)]
    pub(super) only: Option<Vec<String>>,
    /// Every delay is this part of what it would be, from 0 to 1.
    #[arg(long, value_name = "PART", default_value_t = 1.0, value_parser = part)]
    pub(super) delays: f64,
    /// Also runs what records the journal; without it, the journal is kept in memory.
    #[arg(long)]
    pub(super) full: bool,
    /// Writes the journal of the one seed to a file.
    #[arg(long, value_name = "FILE", requires = "seed")]
    pub(super) journal: Option<PathBuf>,
    /// Runs the cases of this file, past findings, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seeds", "from", "seed", "pick", "faults", "rate", "only", "delays"])]
    pub(super) corpus: Option<PathBuf>,
    /// Seeds that run at once, each on a thread of its own.
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::MIN)]
    pub(super) jobs: NonZeroUsize,
    /// Reports what broke as it was found, without looking for a smaller run.
    #[arg(long)]
    pub(super) no_shrink: bool,
}

impl Args {
    pub(super) fn seeds(&self) -> std::ops::Range<u64> {
        match self.seed {
            Some(seed) => seed..seed.saturating_add(1),
            None => self.from..self.from.saturating_add(self.seeds),
        }
    }

    pub(super) fn settings(&self, seed: u64) -> Settings {
        let mut faults = self.rate.iter().fold(self.faults.clone(), |faults, (fault, rate)| faults.rate(*fault, *rate));
        if let Some(only) = &self.only {
            faults = faults.only(only.iter().filter(|id| !id.is_empty()).cloned());
        }
        let settings = Settings::of(seed).workflows(self.workflows).faults(faults.delays(self.delays));
        let settings = if self.pick.is_empty() { settings } else { settings.pick(self.pick.iter().copied()) };
        if self.full { settings.full() } else { settings }
    }
}

fn workflow(text: &str) -> Result<WorkflowId, NoWorkflow> {
    text.parse()
}

fn faults(text: &str) -> Result<Faults, UnknownFault> {
    text.parse()
}

fn rate(text: &str) -> Result<(Fault, f64), String> {
    let (fault, rate) = text.split_once('=').ok_or("a fault, =, and its rate: crash-after=0.01")?;
    Ok((fault.parse().map_err(|error: UnknownFault| error.to_string())?, part(rate)?))
}

fn part(text: &str) -> Result<f64, String> {
    let part: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (0.0..=1.0).contains(&part) { Ok(part) } else { Err(format!("{part} is not from 0 to 1")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Result<Args, String> {
        Args::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
    }

    #[test]
    fn the_arguments_that_a_report_shows_give_the_same_settings() {
        let faults =
            Faults::of(&[Fault::CrashAfter]).rate(Fault::Late, 0.5).only(["late/a/b/-/0".to_owned()]).delays(0.25);
        let settings = Settings::of(9).workflows(70).pick([WorkflowId(3), WorkflowId(61)]).faults(faults).full();
        let line = format!("simulate {}", settings.arguments().join(" "));
        assert_eq!(args(&line).unwrap().settings(9), settings, "{line}");
        let settings = Settings::of(9).faults(Faults::all().only([]));
        let line = format!("simulate {}", settings.arguments().join(" "));
        assert_eq!(args(&line).unwrap().settings(9), settings, "{line}");
    }

    #[test]
    fn wrong_arguments_are_named() {
        let wrong = |line: &str, says: &str| {
            let error = args(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        };
        wrong("simulate --faults rain", "there is no fault `rain`; there are duplicate");
        wrong("simulate --rate late=2", "2 is not from 0 to 1");
        wrong("simulate --rate late", "a fault, =, and its rate");
        wrong("simulate --pick ord_1", "`ord_1` is neither a number nor wf with 6 digits");
        wrong("simulate --orders 0", "0 is not in 1..=999999");
        wrong("simulate --seed 1 --seeds 2", "cannot be used with");
        wrong("simulate --journal x", "--seed");
    }
}
