//! Which faults there are in a run, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::fault::{Fault, UnknownFault};
use crate::workflow::dice::{hash, join, unit};

/// Which faults a run has.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    rates: BTreeMap<Fault, f64>,
    /// Every seed has its own mixture: some kinds not at all, some more often.
    mixed: bool,
    changed: BTreeSet<Fault>,
    only: Option<BTreeSet<String>>,
    delays: f64,
}

impl Faults {
    /// All of them, in a mixture that differs from seed to seed: faults that never happen together, and ones that happen much
    /// more often than others, find what an even mixture does not.
    #[must_use]
    pub fn all() -> Self {
        Self { mixed: true, ..Self::of(Fault::ALL) }
    }

    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::of(&[])
    }

    /// These, at their usual rates.
    #[must_use]
    pub fn of(faults: &[Fault]) -> Self {
        let rates = faults.iter().map(|fault| (*fault, fault.rate())).collect();
        Self { rates, mixed: false, changed: BTreeSet::new(), only: None, delays: 1.0 }
    }

    /// How often a fault strikes where it can, from 0 to 1.
    #[must_use]
    pub fn rate(mut self, fault: Fault, rate: f64) -> Self {
        self.rates.insert(fault, rate);
        self.changed.insert(fault);
        self
    }

    /// Only faults with these ids strike, of those that would.
    #[must_use]
    pub fn only(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.only = Some(ids.into_iter().collect());
        self
    }

    /// Every delay is this much of what it would be, from 0 to 1.
    #[must_use]
    pub fn delays(mut self, part: f64) -> Self {
        self.delays = part;
        self
    }

    /// The arguments of the command that say the same.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let named = self.rates.keys().filter(|fault| !self.changed.contains(fault)).map(|fault| fault.name());
        let named = match (self.mixed, named.collect::<Vec<_>>().join(",")) {
            (true, _) => "all".to_owned(),
            (false, none) if none.is_empty() => "none".to_owned(),
            (false, names) => names,
        };
        let mut arguments = vec!["--faults".to_owned(), named];
        for fault in &self.changed {
            let rate = self.rates.get(fault).copied().unwrap_or_default();
            arguments.extend(["--rate".to_owned(), format!("{fault}={rate}")]);
        }
        if let Some(only) = &self.only {
            arguments.push("--only".to_owned());
            arguments.extend((!only.is_empty()).then(|| only.iter().cloned().collect::<Vec<_>>().join(",")));
        }
        if self.delays < 1.0 {
            arguments.extend(["--delays".to_owned(), self.delays.to_string()]);
        }
        arguments
    }

    pub(crate) fn delay_part(&self) -> f64 {
        self.delays
    }

    pub(crate) fn permits(&self, id: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(id))
    }

    /// How often it strikes under this seed.
    pub(crate) fn rate_under(&self, seed: u64, fault: Fault) -> f64 {
        let rate = self.rates.get(&fault).copied().unwrap_or_default();
        if !self.mixed || self.changed.contains(&fault) {
            return rate;
        }
        // A quarter of the kinds not at all, a quarter as usual, the others more or less often.
        let part = match unit(join(seed, hash(fault.name()))) {
            x if x < 0.25 => 0.0,
            x if x < 0.45 => 0.3,
            x if x < 0.70 => 1.0,
            x if x < 0.90 => 2.0,
            _ => 4.0,
        };
        (rate * part).min(1.0)
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    /// `all`, `none`, or names with commas between them.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "all" => Ok(Self::all()),
            "none" => Ok(Self::none()),
            names => {
                let faults = names.split(',').map(|name| name.trim().parse());
                Ok(Self::of(&faults.collect::<Result<Vec<Fault>, _>>()?))
            }
        }
    }
}
