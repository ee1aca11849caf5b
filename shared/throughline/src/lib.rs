//! The toolkit as functions see it: re-exports and a prelude, no logic.
//!
//! ```
//! use throughline::prelude::*;
//! ```
//!
//! See `docs/writing-a-function.md`.

pub use throughline_contracts as contracts;
pub use throughline_effects as effects;
pub use throughline_envelope as envelope;
pub use throughline_runtime as runtime;
pub use throughline_saga as saga;
pub use throughline_telemetry as telemetry;

pub use throughline_runtime::{Error, Function, main, run};

/// What a handler needs, and nothing else.
pub mod prelude {
    pub use throughline_contracts::{Contract, one_of};
    pub use throughline_effects::{Effects, Emit, Failure, FailureExt, Once, Outside, StartSaga};
    pub use throughline_envelope::Event;
    pub use throughline_runtime::{CallContext, Function, Output, Setting, State, Step};
}
