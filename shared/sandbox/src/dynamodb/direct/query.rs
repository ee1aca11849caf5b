//! Query and Scan: pages of a table or an index.

use std::sync::Arc;

use dynoxide::storage::{QueryParams, ScanParams};
use dynoxide::storage_backend::sql_builders::{self as sql, SqlParam};
use serde_json::{Value, json};

use super::expression::{Condition, Kind, Parsed, Projection};
use super::keys::Selection;
use super::request::{Members, Placeholders, Used};
use super::table::{Attribute, Index, Key, Table};
use super::value::{self, Item, has_number_set};
use super::{Session, Stop, Sure, evaluate, rows, single};

/// [A page has 1 MB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html); what may be more, as
/// the text of an item is longer than what is counted of it, is left to dynoxide.
const PAGE: usize = 1024 * 1024;

/// A page that is asked for.
struct Page<'a> {
    table: Arc<Table>,
    index: Option<&'a str>,
    placeholders: Placeholders<'a>,
    filter: Option<Arc<Parsed<Condition>>>,
    projection: Option<Arc<Parsed<Projection>>>,
    limit: Option<usize>,
    counts: bool,
    consistent: bool,
    start: Option<&'a Item>,
}

const KNOWN: [&str; 11] = [
    "TableName",
    "IndexName",
    "FilterExpression",
    "ProjectionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
    "Limit",
    "ExclusiveStartKey",
    "Select",
    "ConsistentRead",
    "ReturnConsumedCapacity",
];

pub(super) fn query(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let known: Vec<&str> = KNOWN.into_iter().chain(["KeyConditionExpression", "ScanIndexForward"]).collect();
    let members = Members::of(input, &known)?;
    let forward = members.flag("ScanIndexForward")?.unwrap_or(true);
    let text = members.required("KeyConditionExpression")?;
    let condition = session.direct.expressions.condition(Kind::Key, text);
    let page = Page::of(session, members)?;
    let condition = condition.ok_or(Stop::Theirs)?;
    page.check(Some(condition.as_ref()))?;
    evaluate::check(&condition.tree, &page.placeholders)?;
    let index = page.index()?;
    let (partition, sort) = page.keys(index);
    let selection = Selection::of(&condition.tree, &page.placeholders, partition, sort)?;
    let start = page.start(index)?;
    if let (Some(start), Some(key)) = (&start, page.start)
        && (start.own.partition != selection.partition || !selection.includes(key)?)
    {
        return Err(Stop::Theirs);
    }
    let (range, bounds) = selection.range()?;
    let bounds: Vec<&str> = bounds.iter().map(String::as_str).collect();
    let base = start.as_ref().filter(|_| index.is_some()).map(|start| &start.base);
    let parameters = QueryParams {
        sk_condition: range.as_deref(),
        sk_params: &bounds,
        forward,
        limit: page.limit,
        exclusive_start_sk: start
            .as_ref()
            .filter(|_| index.is_some() || sort.is_some())
            .map(|start| start.own.sort.as_str()),
        exclusive_start_base_pk: base.map(|key| key.partition.as_str()),
        exclusive_start_base_sk: base.map(|key| key.sort.as_str()),
    };
    let name = &page.table.name;
    let statement = match index {
        None => sql::query_items(name, &selection.partition, &parameters),
        Some(index) if index.is_local => sql::query_lsi_items(name, &index.name, &selection.partition, &parameters),
        Some(index) => sql::query_gsi_items(name, &index.name, &selection.partition, &parameters),
    };
    // A query's filter is not about what its condition is about.
    let filtered = page.filter.iter().flat_map(|filter| filter.tree.paths()).map(|path| page.placeholders.top(path));
    for name in filtered {
        let name = name?;
        if name == partition.name || sort.is_some_and(|sort| sort.name == name) {
            return Err(Stop::Theirs);
        }
    }
    page.read(session, index, statement)
}

pub(super) fn scan(session: &mut Session<'_>, input: &Value) -> Sure<Value> {
    let page = Page::of(session, Members::of(input, &KNOWN)?)?;
    page.check(None)?;
    let index = page.index()?;
    let start = page.start(index)?;
    let base = start.as_ref().filter(|_| index.is_some()).map(|start| &start.base);
    let parameters = ScanParams {
        limit: page.limit,
        exclusive_start_pk: start.as_ref().map(|start| start.own.partition.as_str()),
        exclusive_start_sk: start.as_ref().map(|start| start.own.sort.as_str()),
        exclusive_start_base_pk: base.map(|key| key.partition.as_str()),
        exclusive_start_base_sk: base.map(|key| key.sort.as_str()),
        ..ScanParams::default()
    };
    let name = &page.table.name;
    let statement = match index {
        None => sql::scan_items(name, &parameters),
        Some(index) if index.is_local => sql::scan_lsi_items(name, &index.name, &parameters),
        Some(index) => sql::scan_gsi_items(name, &index.name, &parameters),
    };
    let answer = page.read(session, index, statement)?;
    // A scan shows sets of numbers in an order of its own.
    let numbers = answer.get("Items").is_some_and(has_number_set);
    if numbers { Err(Stop::Theirs) } else { Ok(answer) }
}

/// The key that a page begins after: as the table or index has it, and as the table has it.
struct Start {
    own: Key,
    base: Key,
}

impl<'a> Page<'a> {
    fn of(session: &mut Session<'_>, members: Members<'a>) -> Sure<Self> {
        let table = session.table(members.required("TableName")?)?;
        // Both texts are looked at, so that both are known the next time.
        let filter =
            members.text("FilterExpression")?.map(|text| session.direct.expressions.condition(Kind::Filter, text));
        let projection = single::projection(session.direct, members)?;
        let filter = filter.map(|filter| filter.ok_or(Stop::Theirs)).transpose()?;
        let index = members.text("IndexName")?;
        let counts = match members.text("Select")? {
            None => false,
            Some("COUNT") if projection.is_none() => true,
            Some("ALL_ATTRIBUTES") if projection.is_none() && index.is_none() => false,
            Some(_) => return Err(Stop::Theirs),
        };
        let limit = members.get("Limit").map(|limit| limit.as_u64().filter(|limit| (1..=1 << 30).contains(limit)));
        let limit =
            limit.map(|limit| limit.and_then(|limit| usize::try_from(limit).ok()).ok_or(Stop::Theirs)).transpose()?;
        let (placeholders, start) = (Placeholders::of(members)?, members.object("ExclusiveStartKey")?);
        let consistent = members.flag("ConsistentRead")?.unwrap_or(false);
        Ok(Self { table, index, placeholders, filter, projection, limit, counts, consistent, start })
    }

    /// Leaves to dynoxide what it refuses of the expressions.
    fn check(&self, key: Option<&dyn Used>) -> Sure<()> {
        let filter = self.filter.as_deref().map(|filter| -> &dyn Used { filter });
        let projection = self.projection.as_deref().map(|projection| -> &dyn Used { projection });
        let used: Vec<&dyn Used> = [key, filter, projection].into_iter().flatten().collect();
        self.placeholders.check(&used)?;
        let Some(filter) = &self.filter else { return Ok(()) };
        evaluate::check(&filter.tree, &self.placeholders)?;
        // Keys are no documents.
        let nested = filter.tree.paths().into_iter().filter(|path| path.len() > 1);
        for path in nested {
            let name = self.placeholders.top(path)?;
            let is_indexed = |index: &Index| index.keys().any(|key| key.name == name);
            if self.table.is_key(name) || self.table.indexes.iter().any(is_indexed) {
                return Err(Stop::Theirs);
            }
        }
        Ok(())
    }

    fn index(&self) -> Sure<Option<&Index>> {
        let Some(name) = self.index else { return Ok(None) };
        let index = self.table.indexes.iter().find(|index| index.name == name);
        index.filter(|index| index.is_local || !self.consistent).map(Some).ok_or(Stop::Theirs)
    }

    fn keys<'t>(&'t self, index: Option<&'t Index>) -> (&'t Attribute, Option<&'t Attribute>) {
        match index {
            Some(index) => (&index.partition, index.sort.as_ref()),
            None => (&self.table.partition, self.table.sort.as_ref()),
        }
    }

    /// The names of the key attributes that a page begins after and ends with.
    fn cursor<'t>(&'t self, index: Option<&'t Index>) -> Vec<&'t str> {
        let table = [Some(&self.table.partition), self.table.sort.as_ref()].into_iter().flatten();
        let mut names = Vec::with_capacity(4);
        for key in index.into_iter().flat_map(Index::keys).chain(table) {
            if !names.contains(&key.name.as_str()) {
                names.push(key.name.as_str());
            }
        }
        names
    }

    fn start(&self, index: Option<&Index>) -> Sure<Option<Start>> {
        let Some(start) = self.start else { return Ok(None) };
        let names = self.cursor(index);
        if start.len() != names.len() || !names.iter().all(|name| start.contains_key(*name)) {
            return Err(Stop::Theirs);
        }
        start.values().try_for_each(|value| value::check(value).map(drop))?;
        let base = self.table.key(start)?;
        let own = match index {
            Some(index) => index.key(start)?.ok_or(Stop::Theirs)?,
            None => base.clone(),
        };
        Ok(Some(Start { own, base }))
    }

    fn read(
        &self,
        session: &mut Session<'_>,
        index: Option<&Index>,
        (statement, parameters): (String, Vec<SqlParam<'_>>),
    ) -> Sure<Value> {
        let rows = session.rows();
        let mut statement = rows.connection.prepare_cached(&statement)?;
        let mut found = statement.query(rusqlite::params_from_iter(parameters))?;
        let (mut items, mut scanned, mut passed, mut size) = (Vec::new(), 0, 0, 0);
        let mut last = None;
        while let Some(row) = found.next()? {
            let text: String = row.get(2)?;
            size += text.len();
            if size > PAGE {
                return Err(Stop::Theirs);
            }
            scanned += 1;
            let (_, item) = rows::parse(text)?;
            if self.limit == Some(scanned) {
                let key =
                    self.cursor(index).into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())));
                last = Some(key.collect::<Item>());
            }
            if let Some(filter) = &self.filter
                && !evaluate::holds(&filter.tree, &item, &self.placeholders)?
            {
                continue;
            }
            passed += 1;
            if !self.counts {
                items.push(Value::Object(match &self.projection {
                    Some(projection) => single::project(&item, projection, &self.placeholders)?,
                    None => item,
                }));
            }
        }
        let mut answer = json!({ "Count": passed, "ScannedCount": scanned });
        if let Value::Object(members) = &mut answer {
            if !self.counts {
                members.insert("Items".to_owned(), Value::Array(items));
            }
            if let Some(last) = last {
                members.insert("LastEvaluatedKey".to_owned(), Value::Object(last));
            }
        }
        Ok(answer)
    }
}
