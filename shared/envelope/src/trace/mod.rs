//! [W3C Trace Context](https://www.w3.org/TR/trace-context/), as the CloudEvents distributed tracing extension carries it.

mod context;
mod error;
mod hex;

#[cfg(test)]
mod tests;

pub use context::TraceContext;
pub use error::TraceError;
pub use hex::{SpanId, TraceId};

use sha2::{Digest, Sha256};

/// A digest of several texts that cannot be confused with that of other texts: each is preceded by its length.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}
