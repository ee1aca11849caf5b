//! Event contracts: an event type's name, versions, owner and schema; validation when published and when consumed;
//! upcasting of older versions; the registry of them all.
//!
//! A contract is a Rust type. Its JSON Schema is generated from it, written into the registry's folder and committed, so
//! that a change of the type is a change that someone sees.
//!
//! **Schemas are open**: an object may have members that its schema does not name. A producer may then add an optional
//! member without a new version, and consumers that do not know it yet go on. Whatever else changes (a member removed,
//! renamed, required, or of another type) is a new version with an upcaster from the one before. A contract whose schema
//! is closed (`#[serde(deny_unknown_fields)]`) is refused.

mod compiled;
mod contract;
mod error;
mod message;
mod registry;
mod schema;

#[cfg(test)]
mod tests;

pub use contract::{Contract, ContractInfo, Kind, OlderVersion};
pub use error::{ContractError, ContractErrorKind, Violation};
pub use message::{Message, decode, decode_data, encode, unexpected};
pub use registry::{Drift, DriftKind, Entry, Registry, RegistryError};
pub use schemars::JsonSchema;
pub use throughline_envelope::{Event, RawEvent};
