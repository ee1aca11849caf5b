//! The journal against the local cloud's DynamoDB, with the tables that the template declares.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test helpers, outside of test functions")]

mod reading;
mod support;
mod writing;
