//! What a run that broke an invariant is made into: the smallest run that still breaks it, and a report.

mod life;
mod minimize;
mod report;
mod shrink;

pub use report::Finding;
pub(crate) use shrink::shrink;
