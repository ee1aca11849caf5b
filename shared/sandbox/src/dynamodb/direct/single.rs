//! PutItem, UpdateItem, DeleteItem and GetItem.

use dynoxide::DynoxideError;
use serde_json::{Value, json};

use super::action::{self, Action, Decision, What};
use super::expression::{Parsed, Projection};
use super::request::{Members, Placeholders};
use super::rows::{self, Write};
use super::value::{self, Item};
use super::{Direct, Session, Stop, Sure, apply};

const ALWAYS: [&str; 3] = ["ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"];

pub(super) fn put(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    write(session, input, action::PUT, &["ALL_OLD"], Action::put)
}

pub(super) fn delete(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    write(session, input, action::KEYED, &["ALL_OLD"], Action::delete)
}

pub(super) fn update(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let returns = ["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"];
    write(session, input, action::UPDATE, &returns, Action::update)
}

type Read<'a> =
    fn(Members<'a>, std::sync::Arc<super::table::Table>, &mut super::expression::Expressions) -> Sure<Action<'a>>;

fn write<'a>(
    session: &mut Session<'_>,
    input: &'a Value,
    known: &[&str],
    returns: &[&'static str],
    read: Read<'a>,
) -> Sure<Value> {
    let known: Vec<&str> = known.iter().chain(&ALWAYS).copied().collect();
    let members = Members::of(input, &known)?;
    let returns = members.one_of("ReturnValues", returns)?;
    let table = session.table(members.required("TableName")?)?;
    let action = read(members, table, &mut session.direct.expressions)?;
    let mut rows = session.rows();
    match action.decide(&rows, returns.is_some())? {
        Decision::Write(write) => {
            let attributes = match returns {
                Some(returns) => returned(&action, &write, returns)?,
                None => None,
            };
            rows.write(&[write])?;
            Ok(attributes.map_or_else(|| json!({}), |attributes| value::answer("Attributes", attributes.into())))
        }
        Decision::Holds => Ok(json!({})),
        Decision::Refused(item) => {
            let item = item.map(|item| serde_json::from_value(Value::Object(item))).transpose();
            let message = "The conditional request failed".to_owned();
            Err(Stop::Refused(DynoxideError::ConditionalCheckFailedException(message, item.map_err(|_| Stop::Theirs)?)))
        }
    }
}

/// `Attributes`, if there are any.
fn returned(action: &Action<'_>, write: &Write<'_>, returns: &str) -> Sure<Option<Item>> {
    let old = write.old.as_ref().map(|(_, item)| item);
    let What::Update(change, key) = &action.what else { return Ok(old.cloned()) };
    // Of an item that an update makes, dynoxide answers its key as the item before.
    let old = old.unwrap_or(key);
    let new = write.new.as_ref().map(|(item, _)| item.as_ref()).ok_or(Stop::Theirs)?;
    let item = if returns.ends_with("OLD") { old } else { new };
    if returns.starts_with("ALL") {
        return Ok(Some(item.clone()));
    }
    let mut changed = Item::new();
    for target in apply::targets(&change.tree, &action.placeholders)? {
        let [name] = target.as_slice() else { return Err(Stop::Theirs) };
        if let Some(value) = item.get(*name) {
            changed.insert((*name).to_owned(), value.clone());
        }
    }
    Ok((!changed.is_empty()).then_some(changed))
}

pub(super) fn get(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    const KNOWN: [&str; 6] = [
        "TableName",
        "Key",
        "ConsistentRead",
        "ProjectionExpression",
        "ExpressionAttributeNames",
        "ReturnConsumedCapacity",
    ];
    let members = Members::of(input, &KNOWN)?;
    members.flag("ConsistentRead")?;
    let table = session.table(members.required("TableName")?)?;
    let key = table.exact_key(members.object("Key")?.ok_or(Stop::Theirs)?)?;
    let placeholders = Placeholders::of(members)?;
    let projection = projection(session.direct, members)?;
    match &projection {
        Some(projection) => placeholders.check(&[projection.as_ref()])?,
        None => placeholders.check(&[])?,
    }
    let Some(text) = session.rows().get(&table, &key)? else { return Ok(json!({})) };
    let (_, item) = rows::parse(text)?;
    let item = match &projection {
        Some(projection) => project(&item, projection, &placeholders)?,
        None => item,
    };
    Ok(value::answer("Item", item.into()))
}

pub(super) fn projection(
    direct: &mut Direct,
    members: Members<'_>,
) -> Sure<Option<std::sync::Arc<Parsed<Projection>>>> {
    match members.text("ProjectionExpression")? {
        Some(text) => direct.expressions.projection(text).map(Some).ok_or(Stop::Theirs),
        None => Ok(None),
    }
}

/// Attributes that are each named once.
pub(super) fn project(item: &Item, projection: &Parsed<Projection>, placeholders: &Placeholders<'_>) -> Sure<Item> {
    let mut kept = Item::new();
    let mut seen = Vec::with_capacity(projection.tree.len());
    for path in &projection.tree {
        let names = placeholders.names(path)?;
        let [name] = names.as_slice() else { return Err(Stop::Theirs) };
        if seen.contains(name) {
            return Err(Stop::Theirs);
        }
        seen.push(*name);
        if let Some(value) = item.get(*name) {
            kept.insert((*name).to_owned(), value.clone());
        }
    }
    Ok(kept)
}
