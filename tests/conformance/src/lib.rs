//! The conformance suite's frame: what a case is, where cases run, and what is known not to work there.
//!
//! A case is one fact of AWS, with the page that states it, written once with the SDK's clients. It runs against every
//! [`Backend`]. What a backend can't do stands in `unsupported/<backend>.txt`, with the reason: a listed case has to fail.
//! The cases themselves are in `suite/`; `docs/conformance.md` says how to run them and shows the result.

pub mod account;
pub mod backend;
pub mod case;
pub mod function;
pub mod page;
pub mod settings;
pub mod unsupported;

pub use account::Account;
pub use backend::{Backend, BackendError};
pub use case::{Case, Group};
pub use settings::Settings;
pub use unsupported::Unsupported;
