//! Effects as data, their transactional commit, the publisher and the outbox relay.
//!
//! A handler returns [`Effects`]: conditional writes, events, sagas, a response. [`Committer`] commits them with the
//! deduplication record in one DynamoDB transaction: all of it happened, once, or none of it. [`Publisher`] sends what came
//! of it; [`Relay`] sends what a crash left.
//!
//! ```text
//!   handler ─▶ Effects ─▶ TransactWriteItems ─────────────▶ send ─▶ mark sent
//!                         │ deduplication record, if new    ▲
//!                         │ business writes, if they may    │ crashed in between?
//!                         └ outbox rows ────────────────────┴ the relay, or the next duplicate, sends them
//! ```

mod attempts;
mod commit;
mod effects;
mod failure;
mod key;
pub mod limits;
mod outbox;
mod outside;
mod parking;
mod service;
mod world;
mod write;

pub use attempts::{Attempts, Waits};
pub use commit::{CommitRequest, Committed, Committer, Outcome, Undone};
pub use effects::{Effects, Emit, StartSaga};
pub use failure::{Away, Class, Failure, FailureExt};
pub use key::{IdempotencyKey, fingerprint};
pub use outbox::{Outgoing, Publisher, RefusedRows, Relay, RelayReport};
pub use outside::{Breaker, Circuit, Once, Outside, Reply};
pub use parking::{Entry, NotMissing, Parked, ParkedKey, ParkedKeys, Parking, Place, WAITS_BEHIND, by_sequence};
pub use world::{Clients, Settings, SettingsError, World, https_connector};
pub use write::{Condition, Record, Store, Table, Tables, Update, Write, Writes, item};

#[cfg(test)]
mod tests;
