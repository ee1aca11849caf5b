//! The crates that the cases beside this folder use, in one library. `cargo test` builds it as an example, at a place without a
//! hash, so that a case is compiled against what the tests themselves were built with.

pub use {throughline_effects, throughline_envelope, throughline_runtime};
