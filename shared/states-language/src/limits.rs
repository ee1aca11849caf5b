//! Service limits, each with the page that states it.

/// The largest input or output of a state, task or execution, in bytes of UTF-8.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
pub const PAYLOAD_BYTES: usize = 262_144;

/// The most events in one execution's history; the execution fails when it would need more.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
pub const HISTORY_EVENTS: usize = 25_000;

/// The largest definition, in bytes.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
pub const DEFINITION_BYTES: usize = 1_048_576;

/// The longest time that a timeout, wait or interval may be given, in seconds.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html>
pub const SECONDS: u64 = 99_999_999;

/// The longest name of a state, in characters.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html>
pub const STATE_NAME_CHARS: usize = 80;

/// How deep a payload may nest. Ours, not AWS's: what nests deeper could not be read back by most JSON parsers
/// (`serde_json` stops at 128), and a loop that wraps its input once per round would otherwise exhaust the stack.
pub const PAYLOAD_DEPTH: usize = 120;
