use super::hex::decode;
use super::{SpanId, TraceError, TraceId, digest};
use crate::Ambient;

/// The flag that says that the caller records this trace.
const SAMPLED: u8 = 1;

/// The longest `tracestate` that [must be passed on](https://www.w3.org/TR/trace-context/#tracestate-limits).
const LONGEST_STATE: usize = 512;

/// Where in a trace something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that this context is of.
    pub span_id: SpanId,
    /// The span it is a child of; known only where the child was made, never on the wire.
    pub parent_span_id: Option<SpanId>,
    /// Trace flags; bit 0 is `sampled`.
    pub flags: u8,
    /// Vendors' own data, passed on as it is.
    pub state: Option<String>,
}

impl TraceContext {
    /// Reads the two headers. A `tracestate` that breaks the rules is dropped, as the
    /// [specification](https://www.w3.org/TR/trace-context/#a-traceparent-is-received) has it: it never costs the trace.
    ///
    /// # Errors
    /// Says what is wrong with the `traceparent`.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Result<Self, TraceError> {
        let mut parts = traceparent.split('-');
        let mut next = || parts.next().ok_or(TraceError::Shape);
        let (version, trace_id, span_id, flags) = (next()?, next()?, next()?, next()?);
        let [version] = decode::<1>(version, "version")?;
        match version {
            0xff => return Err(TraceError::Version),
            // A later version may have further parts; this one may not.
            0 if parts.next().is_some() => return Err(TraceError::Shape),
            _ => {}
        }
        let [flags] = decode::<1>(flags, "flags")?;
        let state = tracestate.filter(|state| is_passed_on(state)).map(str::to_owned);
        Ok(Self { trace_id: trace_id.parse()?, span_id: span_id.parse()?, parent_span_id: None, flags, state })
    }

    /// The `traceparent` header.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags)
    }

    /// A new span below this one.
    #[must_use]
    pub fn child(&self, ambient: &Ambient) -> Self {
        Self { span_id: SpanId::generate(ambient), parent_span_id: Some(self.span_id), ..self.clone() }
    }

    /// The first span of a new trace, sampled.
    #[must_use]
    pub fn root(ambient: &Ambient) -> Self {
        Self {
            trace_id: TraceId::generate(ambient),
            span_id: SpanId::generate(ambient),
            parent_span_id: None,
            flags: SAMPLED,
            state: None,
        }
    }

    /// The context of something that came without one: the same for everyone who derives it from the same text.
    #[must_use]
    pub fn derived(seed: &str) -> Self {
        let digest = digest(&["trace", seed]);
        let (mut trace_id, mut span_id) = ([0; 16], [0; 8]);
        trace_id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        span_id.iter_mut().zip(digest.into_iter().skip(16)).for_each(|(to, from)| *to = from);
        Self {
            trace_id: TraceId::nonzero(trace_id),
            span_id: SpanId::nonzero(span_id),
            parent_span_id: None,
            flags: SAMPLED,
            state: None,
        }
    }
}

fn is_passed_on(state: &str) -> bool {
    !state.is_empty() && state.len() <= LONGEST_STATE && state.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
