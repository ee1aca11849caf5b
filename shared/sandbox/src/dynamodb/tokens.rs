//! `ClientRequestToken`: AWS keeps one for ten minutes, and so does dynoxide, but of the machine's time, and it looks through all
//! of them each time. So the tokens of `TransactWriteItems` are kept here; those of `ExecuteTransaction`, whose answers hold items,
//! get another name for each ten minutes of ours.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::DynamoDb;
use crate::hash::md5_hex;
use crate::remembered::Remembered;
use crate::wire::ServiceError;

/// [TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)
const KEPT: i64 = 600_000;
const LONGEST: usize = 36;

/// The tokens that were used within ten minutes.
#[derive(Default)]
pub(super) struct Tokens {
    writes: Remembered<Used>,
    /// When each was first used, in milliseconds.
    statements: Remembered<i64>,
}

/// What a token was used for.
struct Used {
    parameters: u64,
    done: bool,
}

/// Whether a request is to be done.
pub(super) enum Turn {
    /// It is; whether it succeeded is then said of the token, if it has one.
    Now(Option<String>),
    /// It was done before.
    Before,
}

/// Takes the token out of a request for `TransactWriteItems`, and looks what it was used for.
pub(super) fn enter(service: &DynamoDb, operation: &str, input: &mut Value) -> Result<Turn, ServiceError> {
    if operation != "TransactWriteItems" {
        localize(service, input);
        return Ok(Turn::Now(None));
    }
    let Some(token) = take_token(input) else { return Ok(Turn::Now(None)) };
    let parameters = fingerprint(input.get("TransactItems"));
    let now = service.clock.now_millis();
    let mut state = service.state();
    let writes = &mut state.tokens.writes;
    writes.expire(now);
    match writes.get(&token) {
        None => {
            writes.insert(token.clone(), now + KEPT, Used { parameters, done: false });
            Ok(Turn::Now(Some(token)))
        }
        Some(used) if used.parameters != parameters => Err(ServiceError::new(
            "IdempotentParameterMismatchException",
            "An error occurred (IdempotentParameterMismatchException)",
        )),
        Some(used) if used.done => Ok(Turn::Before),
        Some(_) => Err(ServiceError::new(
            "TransactionInProgressException",
            "The transaction with the given request token is already in progress.",
        )),
    }
}

/// Says how the request went that a token was first used for. A token of one that failed may be used again.
pub(super) fn leave(service: &DynamoDb, token: &str, succeeded: bool) {
    let writes = &mut service.state().tokens.writes;
    match writes.get_mut(token) {
        Some(used) if succeeded => used.done = true,
        _ => writes.remove(token),
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

/// The same for the same JSON, in whatever order the members of its objects are.
fn fingerprint(value: Option<&Value>) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn localize(service: &DynamoDb, input: &mut Value) {
    let now = service.clock.now_millis();
    let Some(Value::String(token)) = input.get_mut("ClientRequestToken") else { return };
    if token.len() > LONGEST {
        return; // dynoxide refuses it, and its message names it
    }
    let mut state = service.state();
    let statements = &mut state.tokens.statements;
    statements.expire(now);
    let first = statements.get(token).copied().unwrap_or_else(|| {
        statements.insert(token.clone(), now + KEPT, now);
        now
    });
    *token = md5_hex(format!("{token} {first}").as_bytes());
}
