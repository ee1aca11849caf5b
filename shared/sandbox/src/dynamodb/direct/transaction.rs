//! TransactWriteItems.

use std::collections::BTreeSet;

use dynoxide::DynoxideError;
use dynoxide::errors::CancellationReason;
use serde_json::{Value, json};

use super::action::{self, Action, Decision};
use super::expression::Expressions;
use super::request::Members;
use super::value::Item;
use super::{Session, Stop, Sure};

/// The largest [transaction](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html) that is
/// served is below its 4 MB, whatever is counted.
const LARGEST: usize = 3 * 1024 * 1024;

pub(super) fn write(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    const KNOWN: [&str; 3] = ["TransactItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"];
    let items = Members::of(input, &KNOWN)?.list("TransactItems")?;
    if !(1..=100).contains(&items.len()) {
        return Err(Stop::Theirs);
    }
    let actions = actions(session, items)?;
    let size: usize = actions.iter().map(|action| action.size).sum();
    let targets: BTreeSet<_> = actions.iter().map(|action| (&action.table.name, &action.key)).collect();
    if size > LARGEST || targets.len() < actions.len() {
        return Err(Stop::Theirs);
    }
    let mut rows = session.rows();
    let decisions = actions.iter().map(|action| action.decide(&rows, false)).collect::<Sure<Vec<_>>>()?;
    if decisions.iter().any(|decision| matches!(decision, Decision::Refused(_))) {
        return Err(cancelled(decisions)?);
    }
    let writes = decisions.into_iter().filter_map(|decision| match decision {
        Decision::Write(write) => Some(write),
        Decision::Holds | Decision::Refused(_) => None,
    });
    rows.write(&writes.collect::<Vec<_>>())?;
    Ok(json!({}))
}

/// All actions are looked at, so that all their expressions are known the next time.
fn actions<'a>(session: &mut Session<'_>, items: &'a [Value]) -> Sure<Vec<Action<'a>>> {
    let mut actions = Vec::with_capacity(items.len());
    let mut theirs = None;
    for item in items {
        match action(session, item) {
            Ok(action) => actions.push(action),
            Err(stop) => theirs = Some(stop),
        }
    }
    theirs.map_or(Ok(actions), Err)
}

fn action<'a>(session: &mut Session<'_>, item: &'a Value) -> Sure<Action<'a>> {
    let item = item.as_object().filter(|item| item.len() == 1).ok_or(Stop::Theirs)?;
    let (name, inner) = item.iter().next().ok_or(Stop::Theirs)?;
    type Read<'a> = fn(Members<'a>, std::sync::Arc<super::table::Table>, &mut Expressions) -> Sure<Action<'a>>;
    let (known, read): (_, Read<'a>) = match name.as_str() {
        "Put" => (action::PUT, Action::put),
        "Update" => (action::UPDATE, Action::update),
        "Delete" => (action::KEYED, Action::delete),
        "ConditionCheck" => (action::KEYED, Action::check),
        _ => return Err(Stop::Theirs),
    };
    let members = Members::of(inner, known)?;
    let table = session.table(members.required("TableName")?)?;
    read(members, table, &mut session.direct.expressions)
}

/// A reason for each action, in order.
fn cancelled(decisions: Vec<Decision<'_>>) -> Sure<Stop> {
    let reasons = decisions.into_iter().map(|decision| match decision {
        Decision::Refused(item) => refused(item),
        Decision::Write(_) | Decision::Holds => {
            Ok(CancellationReason { code: "None".into(), message: None, item: None })
        }
    });
    let reasons = reasons.collect::<Sure<Vec<_>>>()?;
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    Ok(Stop::Refused(DynoxideError::TransactionCanceledException(message, reasons)))
}

fn refused(item: Option<Item>) -> Sure<CancellationReason> {
    let item = item.map(|item| serde_json::from_value(Value::Object(item))).transpose().map_err(|_| Stop::Theirs)?;
    let message = Some("The conditional request failed".to_owned());
    Ok(CancellationReason { code: "ConditionalCheckFailed".into(), message, item })
}
