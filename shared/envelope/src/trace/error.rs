use thiserror::Error;

/// Why a text is no `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// Not `version-traceid-parentid-flags`.
    #[error("a traceparent is version, trace id, parent id and flags, joined by `-`")]
    Shape,
    /// A part that is not lower-case hexadecimal of its length.
    #[error("the {part} should be {digits} lower-case hexadecimal digits")]
    Hex {
        /// Which part.
        part: &'static str,
        /// How long it should be.
        digits: usize,
    },
    /// An id of zeros only, which stands for none.
    #[error("the {part} is all zeros")]
    Zero {
        /// Which part.
        part: &'static str,
    },
    /// Version `ff` is forbidden.
    #[error("version ff is not allowed")]
    Version,
}
