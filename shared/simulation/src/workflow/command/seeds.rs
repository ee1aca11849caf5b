//! Many seeds, one after the other or on several threads.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::args::Args;
use super::progress::{Progress, per_second};
use crate::workflow::finding::{Finding, shrink};
use crate::workflow::plan::Fault;
use crate::workflow::run::{Run, RunError};
use crate::workflow::simulation::Simulation;

/// Findings after which no further seed is run: the same cause is found again and again.
const ENOUGH: usize = 5;

/// What all seeds came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) findings: Vec<Finding>,
    pub(super) journal: Option<Vec<String>>,
    seeds: u64,
    workflows: u64,
    struck: BTreeMap<Fault, u64>,
    parked: usize,
    sagas: usize,
    took: Duration,
}

/// What the threads share.
struct Shared<'a> {
    simulation: &'a Simulation,
    args: &'a Args,
    progress: &'a Progress,
    next: AtomicU64,
    tally: Mutex<Result<Tally, RunError>>,
}

pub(super) fn run(simulation: &Simulation, args: &Args, progress: &Progress) -> Result<Tally, RunError> {
    let next = AtomicU64::new(args.seeds().start);
    let shared = Shared { simulation, args, progress, next, tally: Mutex::new(Ok(Tally::default())) };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.get() {
            scope.spawn(|| shared.work());
        }
    });
    let tally = shared.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.map(|mut tally| {
        tally.took = progress.took();
        tally.findings.sort_by_key(|finding| finding.settings.seed);
        tally
    })
}

impl Shared<'_> {
    /// Takes one seed after the other, until there is none or enough was found.
    fn work(&self) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.args.seeds().end || self.tally(|tally| tally.findings.len() >= ENOUGH) {
                return;
            }
            if let Err(error) = self.seed(seed) {
                let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                *tally = Err(error);
                return;
            }
        }
    }

    fn seed(&self, seed: u64) -> Result<(), RunError> {
        let settings = self.args.settings(seed);
        let run = self.simulation.run(&settings)?;
        let broken = run.broken.is_some();
        self.progress.done(run.began.len(), broken);
        self.tally(|tally| tally.add(&run));
        if !broken {
            return Ok(());
        }
        let finding = match self.args.no_shrink {
            true => Finding::new(self.simulation, settings, run),
            false => shrink(self.simulation, &settings, run),
        };
        self.tally(|tally| tally.findings.push(finding));
        Ok(())
    }

    fn tally<T: Default>(&self, with: impl FnOnce(&mut Tally) -> T) -> T {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.as_mut().map(with).unwrap_or_default()
    }
}

impl Tally {
    fn add(&mut self, run: &Run) {
        self.seeds += 1;
        self.workflows += run.began.len() as u64;
        for struck in &run.struck {
            *self.struck.entry(struck.fault).or_default() += 1;
        }
        self.parked += run.given_up.parked;
        self.sagas += run.given_up.sagas;
        self.journal = Some(run.journal.clone());
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seeds, workflows, parked, sagas, .. } = self;
        writeln!(
            f,
            "{seeds} seeds, {workflows} workflows, {:.0}/s: {} broken",
            per_second(*workflows, self.took),
            self.findings.len()
        )?;
        let struck: Vec<_> = self.struck.iter().map(|(fault, count)| format!("{count} {fault}")).collect();
        writeln!(f, "struck: {}", if struck.is_empty() { "nothing".to_owned() } else { struck.join(", ") })?;
        write!(f, "given up with a reason: {parked} messages, {sagas} sagas that need attention")
    }
}
