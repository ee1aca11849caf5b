//! Which simulated workflow something belongs to.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// What an id in a text begins with, and how many digits follow.
const PREFIX: &str = "wf";
const DIGITS: usize = 6;

/// The number of a simulated workflow. As text it is `wf000012`: a workload that puts it into the ids that it chooses (an order's,
/// a command's) lets the simulation tell by any request, message or row which workflow it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkflowId(pub(crate) u32);

impl WorkflowId {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The first workflow that a text names. A longer number is another's: no part of it is an id.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let mut rest = text;
        while let Some(at) = rest.find(PREFIX) {
            rest = rest.get(at + PREFIX.len()..)?;
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let digits = rest.get(..end).filter(|digits| digits.len() == DIGITS || is_long(digits));
            if let Some(number) = digits.and_then(|digits| digits.parse().ok()) {
                return Some(Self(number));
            }
        }
        None
    }

    /// The first workflow that a text within JSON names. What an object says itself comes before what is within it: an order of another
    /// workflow that it refers to.
    pub(crate) fn find_in(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::find(text),
            Value::Array(items) => items.iter().find_map(Self::find_in),
            Value::Object(members) => {
                let own = members.values().filter_map(Value::as_str).find_map(Self::find);
                own.or_else(|| members.values().filter(|member| !member.is_string()).find_map(Self::find_in))
            }
            _ => None,
        }
    }
}

/// Whether a number has more digits than ids usually have, none of them to fill up.
fn is_long(digits: &str) -> bool {
    digits.len() > DIGITS && !digits.starts_with('0')
}

impl fmt::Display for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{:0DIGITS$}", self.0)
    }
}

/// A text that names no workflow.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither a number nor {PREFIX} with {DIGITS} digits")]
pub struct NoWorkflow(String);

impl FromStr for WorkflowId {
    type Err = NoWorkflow;

    fn from_str(text: &str) -> Result<Self, NoWorkflow> {
        let number = text.strip_prefix(PREFIX).unwrap_or(text);
        number.parse().map(Self).map_err(|_| NoWorkflow(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_workflow_is_found_in_any_text() {
        assert_eq!(WorkflowId::find("checkout-ord_wf000012").map(WorkflowId::number), Some(12));
        assert_eq!(WorkflowId::find("wf12 wfwf000003!").map(WorkflowId::number), Some(3));
        assert_eq!(WorkflowId::find("wf"), None);
        let nested = json!({ "Records": [{ "attempt": 1 }, { "body": "{\"order_id\":\"ord_wf000004\"}" }] });
        assert_eq!(WorkflowId::find_in(&nested), Some(WorkflowId(4)));
        assert_eq!(WorkflowId(12).to_string().parse::<WorkflowId>().unwrap(), WorkflowId(12));
        assert_eq!(WorkflowId(1_000_000).to_string(), "wf1000000");
        assert_eq!(WorkflowId::find("ord_wf1000000").map(WorkflowId::number), Some(1_000_000), "and not 100000");
        assert_eq!(WorkflowId::find("wf0000123 wf000007").map(WorkflowId::number), Some(7));
        let refers = json!({ "replaces": { "order_id": "ord_wf000004" }, "order_id": "ord_wf000012" });
        assert_eq!(WorkflowId::find_in(&refers), Some(WorkflowId(12)));
        assert!("ord_1".parse::<WorkflowId>().is_err());
    }
}
