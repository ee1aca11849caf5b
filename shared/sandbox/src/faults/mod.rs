//! What can go wrong on purpose.
//!
//! The local cloud is a kind one: everything is delivered once, in order, at once. AWS promises less. A [`Faults`] is asked
//! at every place where AWS may do worse, and says what happens there: to a request from outside, to something that moves
//! on its own, to a run of a function. Nothing is done by chance: the same answers at the same places are the same run.
//!
//! [`Script`] is the plan of a test: the second write of this function loses its answer. A simulator brings its own.

mod caller;
mod delivery;
mod execution;
mod partly;
mod plan;
mod refusals;
mod request;
mod script;
#[cfg(test)]
mod tests;

use std::fmt;

pub use caller::Caller;
pub use delivery::{Delivery, DeliveryFault, Hop};
pub use execution::{Execution, ExecutionFault, Trigger};
pub use request::{Call, Moment, RequestFault};
pub use script::Script;

pub(crate) use caller::{Run, current, within};
pub(crate) use plan::Plan;
pub(crate) use request::{Broken, Outside};

/// Decides what goes wrong. It is asked in the order in which things happen, which is the same on virtual time and one
/// thread whenever the seed is. Unless a method is written, nothing goes wrong there.
pub trait Faults: fmt::Debug + Send + Sync {
    /// Asked once for each request from outside: of an SDK client in this process or over TCP. What services ask of each
    /// other is not a request from outside.
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        let _ = call;
        None
    }

    /// Asked once for each time that something moves on its own. What failed at its receiver and comes again is another time;
    /// what a fault delayed is not.
    fn delivery(&self, delivery: &Delivery<'_>) -> Option<DeliveryFault> {
        let _ = delivery;
        None
    }

    /// Asked once for each run of a function, also for each attempt of an event or batch.
    fn execution(&self, execution: &Execution<'_>) -> Option<ExecutionFault> {
        let _ = execution;
        None
    }
}
