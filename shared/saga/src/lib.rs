//! Sagas: what is done in which order, what undoes it, and how patiently.
//!
//! A saga is defined once, in Rust. The definition is checked when it is built ([`InvalidSaga`] names every problem and
//! where it is), compiled to [Amazon States Language](Saga::to_states_language), and drawn ([Mermaid](Saga::to_mermaid),
//! [SVG](Saga::to_svg)). See `docs/sagas.md`.
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
//!
//! let saga = Saga::of::<Trip>("book-trip")
//!     .about("Books a trip, or undoes what was booked.")
//!     .step(Step::new("book-hotel").undone_by("cancel-hotel"))
//!     .step(Step::new("book-flight").undone_by("cancel-flight"))
//!     .pivot(Step::new("pay-trip"))
//!     .step(Step::new("send-tickets")) // after the pivot: tried until it succeeds
//!     .closed_by(Step::new("give-up-trip"))
//!     .ends("TripBooked", "TripGivenUp")
//!     .build()?;
//! assert!(saga.to_states_language().contains(r#""StartAt": "BookHotel""#));
//! # Ok::<(), throughline_saga::InvalidSaga>(())
//! ```

mod builder;
mod compile;
mod definition;
mod draw;

mod error;
mod names;
mod outputs;
mod retry;
mod validate;

pub use builder::{Branch, SagaBuilder, Step};
pub use definition::{Compensation, Function, OutputType, Role, Saga, Stage, Task, Undo};
pub use error::{InvalidSaga, Problem, ProblemKind};
pub use retry::{CIRCUIT_OPEN, Retry, TRANSIENT_ERRORS, UNAVAILABLE_ERRORS};
