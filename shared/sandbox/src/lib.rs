//! The local cloud: boots a SAM template and answers AWS protocols, over TCP or in process, on real or virtual time.
//!
//! One [`Cloud`] is one account in one region. Every request goes through [`Cloud::handle`], whether it came over TCP
//! ([`gateway`]) or from an SDK client in the same process ([`connector`]). Services talk to each other through
//! [`Cloud::call`], with the same operation names and JSON shapes that AWS documents: there is no second, private way in.
//!
//! Time is tokio's: under `tokio::time::pause` the whole cloud runs on virtual time.

pub mod clock;
pub mod cloud;
pub mod cloudformation;
pub mod cloudwatch;
pub mod connector;
#[cfg(test)]
mod determinism;
pub mod dynamodb;
pub mod eventbridge;
pub mod faults;
pub mod gateway;
mod hash;
pub mod iam;
pub mod lambda;
pub mod logs;
mod query;
mod remembered;
mod reset;
pub mod s3;
pub mod sqs;
pub mod step_functions;
mod sts;
pub mod template;
#[cfg(test)]
mod testing;
mod unknown;
pub mod wire;
mod world;
mod xml;

pub use clock::Clock;
pub use cloud::{Cloud, CloudBuilder, Service};
pub use faults::Faults;
pub use wire::ServiceError;
