//! What a function says about itself, so that tools can hold it against the template, its policies and the registry.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use throughline_contracts::{Contract, ContractInfo};
use throughline_effects::{Breaker, Effects, Failure};

use super::Kind;

/// How long an event waits for an earlier one of its order, unless the function says otherwise: many runs of the relay.
const GAP_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A function's self-description. `./bootstrap describe` prints it as JSON.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// The function's name in the code.
    pub name: &'static str,
    /// What triggers it.
    pub kind: Kind,
    /// The contracts of what it takes.
    pub consumes: Vec<ContractInfo>,
    /// The contracts of what it emits.
    pub emits: Vec<ContractInfo>,
    /// The contract of what it answers to later steps of its saga.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<ContractInfo>,
    /// The outputs of other steps that it takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// The sagas that it starts.
    pub starts: BTreeSet<String>,
    /// The business tables that it reads or writes.
    pub tables: BTreeSet<String>,
    /// The environment variables that it needs beyond the toolkit's own.
    pub settings: BTreeSet<String>,
    /// It calls outside parties over HTTP.
    pub calls_outside: bool,
    /// It uses `once` for outside effects.
    pub uses_once: bool,
    /// The breakers on outside parties. Their state is in the idempotency table, so they need to read and update it.
    pub breakers: Vec<Breaker>,
    /// Attempts before a message is parked.
    pub max_attempts: u32,
    /// Where an event of a key was parked, later ones of that key wait behind it.
    pub parks_in_sequence: bool,
    /// Seconds for which an event waits for an earlier one of its order before it is parked.
    pub gap_patience_seconds: u64,
    /// Days for which a deduplication record is kept.
    pub retention_days: u32,
}

/// The output of another step that a function takes.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Need {
    /// Its contract.
    pub contract: ContractInfo,
    /// It does without, where the step never answered.
    pub optional: bool,
}

impl Description {
    pub(crate) fn new(name: &'static str, kind: Kind, max_attempts: u32, retention_days: u32) -> Self {
        Self {
            name,
            kind,
            consumes: Vec::new(),
            emits: Vec::new(),
            outputs: None,
            needs: Vec::new(),
            starts: BTreeSet::new(),
            tables: BTreeSet::new(),
            settings: BTreeSet::new(),
            calls_outside: false,
            uses_once: false,
            breakers: Vec::new(),
            max_attempts,
            parks_in_sequence: false,
            gap_patience_seconds: GAP_PATIENCE.as_secs(),
            retention_days,
        }
    }

    /// Adds a business table by its logical name.
    pub fn add_table(&mut self, table: &str) {
        self.tables.insert(table.to_owned());
    }

    /// Adds an environment variable.
    pub fn add_setting(&mut self, variable: &str) {
        self.settings.insert(variable.to_owned());
    }

    pub(crate) fn gap_patience(&self) -> Duration {
        Duration::from_secs(self.gap_patience_seconds)
    }

    /// Whether the handler may act before its effects are committed.
    pub(crate) fn acts_outside(&self) -> bool {
        self.uses_once || self.calls_outside
    }

    pub(crate) fn uses_once(&mut self) {
        self.uses_once = true;
    }

    pub(crate) fn calls_outside(&mut self) {
        self.calls_outside = true;
    }

    pub(crate) fn add_emitted<C: Contract>(&mut self) {
        self.emits.push(ContractInfo::of::<C>());
    }

    pub(crate) fn set_output<C: Contract>(&mut self) {
        self.outputs = Some(ContractInfo::of::<C>());
    }

    pub(crate) fn add_need<C: Contract>(&mut self, optional: bool) {
        self.needs.push(Need { contract: ContractInfo::of::<C>(), optional });
    }

    /// Refuses what the function did not announce: its description, and with it its policies, would not be true.
    pub(crate) fn permits(&self, effects: &Effects) -> Result<(), Failure> {
        if self.kind == Kind::Query && !effects.is_response_only() {
            return Err(refusal(self.name, "is a query, so it may only respond"));
        }
        for emit in effects.emits() {
            if !self.emits.iter().any(|contract| contract.event_type == emit.event_type()) {
                return Err(refusal(self.name, &format!("emits `{}` without `.emits::<…>()`", emit.event_type())));
            }
        }
        let announced = self.outputs.as_ref().map(|contract| contract.event_type.as_str());
        match (announced, effects.output_type()) {
            (None, Some(output)) => {
                return Err(refusal(self.name, &format!("outputs `{output}` without `.outputs::<…>()`")));
            }
            (Some(announced), output) if output != Some(announced) => {
                return Err(refusal(self.name, &format!("announces the output `{announced}`, and does not answer it")));
            }
            _ => {}
        }
        for saga in effects.sagas() {
            if !self.starts.contains(saga.name()) {
                let what = format!("starts saga `{0}` without `.starts(\"{0}\")`", saga.name());
                return Err(refusal(self.name, &what));
            }
        }
        for write in effects.all_writes() {
            if !self.tables.contains(write.table()) {
                let what = format!("writes table `{}` which none of its `State` arguments names", write.table());
                return Err(refusal(self.name, &what));
            }
        }
        Ok(())
    }
}

fn refusal(name: &str, what: &str) -> Failure {
    Failure::permanent("undeclared_effect", format!("`{name}` {what}"))
}
