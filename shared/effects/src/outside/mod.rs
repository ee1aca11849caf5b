//! Acting outside DynamoDB: once, over HTTP.

mod http;
mod once;

pub use http::{Outside, Reply};
pub use once::Once;
