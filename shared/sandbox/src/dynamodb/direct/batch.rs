//! BatchWriteItem and BatchGetItem.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::action::{Action, Decision};
use super::request::{Members, Placeholders, Used};
use super::rows;
use super::value::Item;
use super::{Session, Stop, Sure, single};

/// Batches are served below [16 MB](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html),
/// whatever is counted.
const LARGEST: usize = 12 * 1024 * 1024;

const WRITES: usize = 25;
const READS: usize = 100;

fn tables(input: &Value) -> Sure<&Item> {
    let known = ["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"];
    Members::of(input, &known)?.object("RequestItems")?.filter(|tables| !tables.is_empty()).ok_or(Stop::Theirs)
}

pub(super) fn write(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let mut actions = Vec::new();
    for (name, requests) in tables(input)? {
        let requests = requests.as_array().filter(|requests| !requests.is_empty()).ok_or(Stop::Theirs)?;
        for request in requests {
            actions.push(action(session, name, request)?);
        }
    }
    let size: usize = actions.iter().map(|action| action.size).sum();
    let targets: BTreeSet<_> = actions.iter().map(|action| (&action.table.name, &action.key)).collect();
    if actions.len() > WRITES || size > LARGEST || targets.len() < actions.len() {
        return Err(Stop::Theirs);
    }
    let mut rows = session.rows();
    let decisions = actions.iter().map(|action| action.decide(&rows, false)).collect::<Sure<Vec<_>>>()?;
    let writes = decisions.into_iter().map(|decision| match decision {
        Decision::Write(write) => Ok(write),
        Decision::Holds | Decision::Refused(_) => Err(Stop::Theirs),
    });
    rows.write(&writes.collect::<Sure<Vec<_>>>()?)?;
    Ok(json!({ "UnprocessedItems": {} }))
}

fn action<'a>(session: &mut Session<'_>, table: &str, request: &'a Value) -> Sure<Action<'a>> {
    let request = request.as_object().filter(|request| request.len() == 1).ok_or(Stop::Theirs)?;
    let (kind, inner) = request.iter().next().ok_or(Stop::Theirs)?;
    let table = session.table(table)?;
    let expressions = &mut session.direct.expressions;
    match kind.as_str() {
        "PutRequest" => Action::put(Members::of(inner, &["Item"])?, table, expressions),
        "DeleteRequest" => Action::delete(Members::of(inner, &["Key"])?, table, expressions),
        _ => Err(Stop::Theirs),
    }
}

pub(super) fn get(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let tables = tables(input)?;
    let (mut responses, mut keys, mut size) = (Map::new(), 0, 0);
    for (name, asked) in tables {
        let members =
            Members::of(asked, &["Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"])?;
        members.flag("ConsistentRead")?;
        let table = session.table(name)?;
        let asked = members.list("Keys")?.iter().map(|key| table.exact_key(key.as_object().ok_or(Stop::Theirs)?));
        let asked = asked.collect::<Sure<Vec<_>>>()?;
        let distinct: BTreeSet<_> = asked.iter().collect();
        if asked.is_empty() || distinct.len() < asked.len() {
            return Err(Stop::Theirs);
        }
        let placeholders = Placeholders::of(members)?;
        let projection = single::projection(session.direct, members)?;
        let used: Vec<&dyn Used> = projection.iter().map(|projection| -> &dyn Used { projection.as_ref() }).collect();
        placeholders.check(&used)?;
        keys += asked.len();
        let mut items = Vec::with_capacity(asked.len());
        let rows = session.rows();
        for key in &asked {
            let Some(text) = rows.get(&table, key)? else { continue };
            size += text.len();
            let (_, item) = rows::parse(text)?;
            items.push(Value::Object(match &projection {
                Some(projection) => single::project(&item, projection, &placeholders)?,
                None => item,
            }));
        }
        responses.insert(name.clone(), Value::Array(items));
    }
    if keys > READS || size > LARGEST {
        return Err(Stop::Theirs);
    }
    let answer = [("Responses".to_owned(), responses.into()), ("UnprocessedKeys".to_owned(), json!({}))];
    Ok(Value::Object(Map::from_iter(answer)))
}
