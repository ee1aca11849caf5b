//! A saga checked by exhaustion: its compiled state machine is executed, on virtual time, once for every combination of
//! faults that can be told apart, and what is left is judged.
//!
//! What can happen to a call is in [`Behaviour`]; what must hold at the end, in [`Invariant`]. Effects happen through a
//! model of the deduplication records (`docs/data-model.md`): a step's effect once for each saga, step and direction; a
//! compensation leaves a tombstone on its step's key, and a late step that meets it is refused as `superseded`.
//!
//! ```
//! # use serde::{Deserialize, Serialize};
//! # use throughline_contracts::{Contract, JsonSchema};
//! # #[derive(Serialize, Deserialize, JsonSchema)]
//! # struct Trip { trip_id: String }
//! # impl Contract for Trip {
//! #     const TYPE: &'static str = "trips.trip.book";
//! #     const VERSION: u32 = 1;
//! #     const OWNER: &'static str = "trips";
//! #     const DESCRIPTION: &'static str = "What the saga book-trip works on.";
//! #     fn sample() -> Self { Trip { trip_id: "trip_1".into() } }
//! # }
//! use throughline_saga::{Saga, Step};
//! use throughline_simulation::saga::Checker;
//!
//! let saga = Saga::of::<Trip>("book-trip")
//!     .step(Step::new("book-hotel").undone_by("cancel-hotel"))
//!     .closed_by(Step::new("give-up-trip"))
//!     .build()?;
//! let report = Checker::of(&saga).run()?;
//! assert!(report.holds(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod behaviour;
mod checker;
mod choices;
mod judge;
mod model;
mod outputs;
mod report;
mod run;

pub use behaviour::Behaviour;
pub use checker::{CheckError, Checker};
pub use report::{Broken, Choice, Invariant, Report};
