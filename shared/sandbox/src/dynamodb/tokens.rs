//! `ClientRequestToken`: AWS keeps one for ten minutes, and so does dynoxide, but of the machine's time.
//! A token gets another name for each ten minutes of ours.

use std::collections::BTreeMap;

use serde_json::Value;

use super::DynamoDb;
use crate::hash::md5_hex;

/// [TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)
const KEPT: i64 = 600_000;
const LONGEST: usize = 36;

/// When each token was first used, in milliseconds.
pub(super) type Tokens = BTreeMap<String, i64>;

pub(super) fn localize(service: &DynamoDb, input: &mut Value) {
    let now = service.clock.now_millis();
    let Some(Value::String(token)) = input.get_mut("ClientRequestToken") else { return };
    if token.len() > LONGEST {
        return; // dynoxide refuses it, and its message names it
    }
    let mut state = service.state();
    state.tokens.retain(|_, first| now - *first < KEPT);
    let first = *state.tokens.entry(token.clone()).or_insert(now);
    *token = md5_hex(format!("{token} {first}").as_bytes());
}
