//! The journal: writing what functions said, reading life cycles and failures.
//!
//! **Writing** ([`Recorder`]) is what the `record-…` functions do: log lines, changes of tables and dead letters become rows, as
//! `docs/data-model.md` lays them out. What is delivered twice is one row.
//!
//! **Reading** ([`Reader`]) finds the rows again by whatever is at hand (an id of any kind, a business key, a function and a
//! time), and [`LifeCycle`] puts those of one workflow together: a tree by causation, from the first event to the final outcome.
//!
//! **Redriving** ([`Redriver`]) sends what failed to where it failed, one failure or one parked key in order.

mod attribute;
mod batch;
mod draw;
mod failure;
mod keys;
mod life;
mod read;
mod redrive;
mod row;
mod write;

pub use batch::WriteError;
pub use failure::{DeadLetter, Failure, FailureClass, OutboxRow, failure_id, fingerprint};
pub use keys::Tables;
pub use life::{
    Attempt, AttemptOutcome, EventNode, FinalOutcome, LifeCycle, Note, Publication, Run, SagaNode, SagaOutcome, Step,
};
pub use read::{ReadError, Reader, StoredEvent, Subject};
pub use redrive::{Drained, Left, RedriveError, Redriver, Way};
pub use row::{Change, Report, Row, Rows};
pub use write::Recorder;
