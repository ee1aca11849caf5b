//! The registry: every contract, and the folder that describes them.
//!
//! ```text
//! <type>/contract.json        name, kind, owner, description, versions          generated
//! <type>/v<N>.schema.json     the schema of version N                           generated
//! <type>/samples/v<N>.json    an event of version N, whole                      generated
//! <type>/samples/*.json       further events, written by hand                   checked
//! <type>/CHANGELOG.md         what changed, a heading `## <N>` for each version begun by the generator, then by hand
//! ```

mod disk;
mod drift;
mod files;

#[cfg(test)]
mod tests;

pub use disk::RegistryError;
pub use drift::{Drift, DriftKind};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use throughline_envelope::RawEvent;

use crate::compiled::Compiled;
use crate::{Contract, ContractError, ContractErrorKind, ContractInfo};

/// Every contract of a system.
#[derive(Clone, Default)]
pub struct Registry {
    source: String,
    entries: BTreeMap<String, Entry>,
}

/// A contract in the registry.
#[derive(Clone)]
pub struct Entry {
    info: ContractInfo,
    compiled: Result<Arc<Compiled>, ContractError>,
    sample_sequence: u64,
}

impl Registry {
    /// An empty one; `source` is that of the events it generates as samples.
    #[must_use]
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), entries: BTreeMap::new() }
    }

    /// Adds a contract. Of two with the same type the later one stays.
    #[must_use]
    pub fn with<T: Contract>(mut self) -> Self {
        let (info, compiled) = (ContractInfo::of::<T>(), Compiled::of::<T>());
        let entry = Entry { info, compiled, sample_sequence: T::SAMPLE_SEQUENCE };
        self.entries.insert(T::TYPE.to_owned(), entry);
        self
    }

    /// The contracts, by type.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The contract of a type.
    #[must_use]
    pub fn get(&self, event_type: &str) -> Option<&Entry> {
        self.entries.get(event_type)
    }

    /// Validates an event's data, in the version that it is in and, brought up, in every later one.
    ///
    /// # Errors
    /// A type or version that is not registered, or every place where the data breaks its contract.
    pub fn validate(&self, event: &RawEvent) -> Result<(), ContractError> {
        let Some(entry) = self.get(&event.event_type) else {
            let known: Vec<_> = self.entries.keys().map(String::as_str).collect();
            let message = format!("registered are {}", known.join(", "));
            let kind = ContractErrorKind::UnknownType;
            return Err(ContractError::because(&event.event_type, event.schema_version, kind, message));
        };
        entry.compiled.clone()?.upcast(event.schema_version, &event.data).map(drop)
    }
}

impl Entry {
    /// Name, kind, owner, description, versions.
    #[must_use]
    pub fn info(&self) -> &ContractInfo {
        &self.info
    }

    /// The schema of every version, oldest first.
    ///
    /// # Errors
    /// When the contract itself is broken.
    pub fn schemas(&self) -> Result<Vec<(u32, Value)>, ContractError> {
        let compiled = self.compiled.clone()?;
        Ok(compiled.versions().map(|(version, of)| (version, of.schema.clone())).collect())
    }

    /// Sample data of every version, oldest first.
    ///
    /// # Errors
    /// When the contract itself is broken.
    pub fn samples(&self) -> Result<Vec<(u32, Value)>, ContractError> {
        let compiled = self.compiled.clone()?;
        Ok(compiled.versions().map(|(version, of)| (version, of.sample.clone())).collect())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<_> = self.entries.keys().collect();
        f.debug_struct("Registry").field("source", &self.source).field("types", &types).finish()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("info", &self.info).finish_non_exhaustive()
    }
}
