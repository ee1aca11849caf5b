//! `ClientRequestToken`: AWS keeps one for ten minutes, here ten minutes of the cloud's clock.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use foldhash::quality::FixedState;
use serde_json::Value;

use super::DynamoDb;
use crate::remembered::Remembered;
use crate::wire::ServiceError;

/// [TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)
const KEPT: i64 = 600_000;
const LONGEST: usize = 36;

/// The tokens that were used within ten minutes.
#[derive(Default)]
pub(super) struct Tokens {
    writes: Remembered<Used>,
    statements: Remembered<Used>,
}

/// What a token was used for.
struct Used {
    parameters: u64,
    /// The answer, once there is one.
    answer: Option<Value>,
}

/// A token of a request that is done for the first time.
pub(super) struct First {
    kind: Kind,
    token: String,
}

/// Whether a request is to be done.
pub(super) enum Turn {
    /// It is; how it went is then said of the token, if it has one.
    Now(Option<First>),
    /// It was done before, and wrote what it still says.
    Before,
    /// It was done before, with this answer.
    Answered(Value),
}

#[derive(Clone, Copy)]
enum Kind {
    Writes,
    /// Their answers hold items, so they are kept.
    Statements,
}

impl Kind {
    /// With the member that a token stands for.
    fn of(operation: &str) -> Option<(Self, &'static str)> {
        match operation {
            "TransactWriteItems" => Some((Self::Writes, "TransactItems")),
            "ExecuteTransaction" => Some((Self::Statements, "TransactStatements")),
            _ => None,
        }
    }

    fn used(self, tokens: &mut Tokens) -> &mut Remembered<Used> {
        match self {
            Self::Writes => &mut tokens.writes,
            Self::Statements => &mut tokens.statements,
        }
    }
}

/// Takes the token out of a request, and looks what it was used for.
pub(super) fn enter(service: &DynamoDb, operation: &str, input: &mut Value) -> Result<Turn, ServiceError> {
    let Some((kind, member)) = Kind::of(operation) else { return Ok(Turn::Now(None)) };
    let Some(token) = take_token(input) else { return Ok(Turn::Now(None)) };
    let parameters = fingerprint(input.get(member));
    let now = service.clock.now_millis();
    let mut state = service.state();
    let used = kind.used(&mut state.tokens);
    used.expire(now);
    match used.get(&token) {
        None => {
            used.insert(token.clone(), now + KEPT, Used { parameters, answer: None });
            Ok(Turn::Now(Some(First { kind, token })))
        }
        Some(used) if used.parameters != parameters => Err(ServiceError::new(
            "IdempotentParameterMismatchException",
            "An error occurred (IdempotentParameterMismatchException)",
        )),
        Some(Used { answer: Some(answer), .. }) => Ok(match kind {
            Kind::Writes => Turn::Before,
            Kind::Statements => Turn::Answered(answer.clone()),
        }),
        Some(_) => Err(ServiceError::new(
            "TransactionInProgressException",
            "The transaction with the given request token is already in progress.",
        )),
    }
}

/// Says how the request went that a token was first used for. A token of one that failed may be used again.
pub(super) fn leave(service: &DynamoDb, first: &First, answer: Option<&Value>) {
    let mut state = service.state();
    let used = first.kind.used(&mut state.tokens);
    match (used.get_mut(&first.token), answer) {
        (Some(used), Some(answer)) => {
            // What transactional writes say is found out again: it is what reading the items takes.
            used.answer = Some(if matches!(first.kind, Kind::Writes) { Value::Null } else { answer.clone() });
        }
        _ => used.remove(&first.token),
    }
}

/// A token that is too long stays where it is: dynoxide refuses it, and its message names it.
fn take_token(input: &mut Value) -> Option<String> {
    let members = input.as_object_mut()?;
    let token = members.get("ClientRequestToken")?.as_str()?;
    let token = (1..=LONGEST).contains(&token.len()).then(|| token.to_owned())?;
    members.shift_remove("ClientRequestToken");
    Some(token)
}

/// The same for the same JSON, in whatever order the members of its objects are. The hash that JSON values have by themselves sorts
/// all members first, which took some 43,000 instructions a transaction.
fn fingerprint(value: Option<&Value>) -> u64 {
    value.map_or(0, of_value)
}

fn of_value(value: &Value) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    std::mem::discriminant(value).hash(&mut hasher);
    match value {
        Value::Null => {}
        Value::Bool(flag) => flag.hash(&mut hasher),
        Value::Number(number) => number.hash(&mut hasher),
        Value::String(text) => text.hash(&mut hasher),
        Value::Array(items) => items.iter().for_each(|item| of_value(item).hash(&mut hasher)),
        Value::Object(members) => {
            let each = members.iter().map(|(name, value)| FixedState::default().hash_one((name, of_value(value))));
            each.fold(0, u64::wrapping_add).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fingerprint;

    #[test]
    fn a_fingerprint_is_of_what_is_said_and_not_of_its_order() {
        let of = |value: serde_json::Value| fingerprint(Some(&value));
        assert_eq!(of(json!({ "a": 1, "b": [true, "x"] })), of(json!({ "b": [true, "x"], "a": 1 })));
        let different = [
            json!({ "a": "b" }),
            json!({ "b": "a" }),
            json!({ "a": ["b"] }),
            json!(["a", "b"]),
            json!(["b", "a"]),
            json!("ab"),
            json!(["a", "b", "b"]),
            json!({ "a": "b", "b": "a" }),
            json!({ "a": "a", "b": "b" }),
            json!(1),
            json!("1"),
            json!([]),
            json!({}),
            json!(null),
            json!(""),
            json!("12345678"),
            json!("123456781"),
            json!("12345678\0"),
        ];
        let mut seen: Vec<u64> = different.iter().map(|value| fingerprint(Some(value))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), different.len());
    }
}
