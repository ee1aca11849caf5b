//! EventBridge event patterns: parse, validate, match, explain.
//!
//! The rules are those of
//! [AWS's guide](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html) and of AWS's
//! own matcher, [event-ruler](https://github.com/aws/event-ruler): dotted paths, values of arrays, and objects in arrays,
//! which must match as one.

mod cidr;
mod error;
mod event;
mod explain;
mod matchers;
mod matching;
mod numeric;
mod parse;
mod pattern;
mod scan;
pub mod transform;
mod wildcard;

pub use error::{PatternError, Position};
pub use explain::{Explanation, Mismatch, Reason};
pub use pattern::Pattern;
