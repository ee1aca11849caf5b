//! Ids with types and prefixes: a parser refuses the wrong one.

mod error;
mod kinds;

#[cfg(test)]
mod tests;

pub use error::IdError;
pub use kinds::{CorrelationId, EventId, FailureId, SagaId};

/// The prefixes that are ours; an id that begins with one is of that kind and no other.
const PREFIXES: [&str; 4] = [EventId::PREFIX, CorrelationId::PREFIX, SagaId::PREFIX, FailureId::PREFIX];

/// Which of our prefixes an id begins with.
fn prefix_of(id: &str) -> Option<&'static str> {
    PREFIXES.into_iter().find(|prefix| id.starts_with(prefix))
}

/// What every id keeps to: not empty, not too long, nothing invisible in it.
fn check_text(id: &str, longest: usize) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if id.len() > longest {
        return Err(IdError::TooLong { longest });
    }
    // Of ASCII, what can be seen is neither; most ids are of nothing else.
    if id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    match id.chars().find(|c| c.is_control() || c.is_whitespace()) {
        Some(found) => Err(IdError::Character { found }),
        None => Ok(()),
    }
}

/// An id of ours: its prefix, then something.
fn check_prefixed(id: &str, prefix: &'static str, longest: usize) -> Result<(), IdError> {
    check_text(id, longest)?;
    if prefix_of(id) != Some(prefix) {
        return Err(IdError::Prefix { expected: prefix, found: prefix_of(id) });
    }
    if id.len() == prefix.len() {
        return Err(IdError::Empty);
    }
    Ok(())
}
