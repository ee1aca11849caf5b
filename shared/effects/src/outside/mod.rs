//! Acting outside DynamoDB: once, over HTTP.

mod circuit;
mod http;
mod once;

pub(crate) use circuit::Memory;
pub use circuit::{Breaker, Circuit};
pub use http::{Outside, Reply};
pub use once::Once;
