//! The order workflow's sagas: held against the functions that they call, and checked by exhaustion.

mod exhaustion;
mod functions;
