//! What a function says about itself: journal lines, JSON logs, metrics.
//!
//! The names of stages, fields and metrics are constants here; `docs/journal.md` documents them, and a test holds it
//! against them. Everything is written as one JSON object a line, in one write, so that lines never mix.

mod attempt;
mod journal;
mod line;
mod logging;
mod metrics;
mod sink;

pub mod fields;

pub use attempt::{OwnFields, Shared, SharedFields};
pub use journal::Journal;
pub use line::{FORMAT, JournalLine, Outcome, Stage};
pub use logging::{JsonLogs, init_logging};
pub use metrics::{Metrics, NAMESPACE, names};
pub use sink::{Lines, Sink, Stdout};

#[cfg(test)]
mod tests;
