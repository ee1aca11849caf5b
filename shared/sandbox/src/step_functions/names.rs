//! Names of state machines and executions.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>

use super::errors;
use crate::wire::ServiceError;

/// The longest name, in characters.
const CHARS: usize = 80;
/// What a name must not contain, besides white space and control characters.
const FORBIDDEN: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";

pub(super) fn check(name: &str) -> Result<(), ServiceError> {
    if name.chars().count() > CHARS {
        return Err(errors::validation("name", "Member must have length less than or equal to 80"));
    }
    let bad =
        |c: char| c.is_whitespace() || c.is_control() || FORBIDDEN.contains(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if name.is_empty() || name.contains(bad) { Err(errors::invalid_name(name)) } else { Ok(()) }
}
