//! One write: of an item by itself, or in a transaction.

use std::borrow::Cow;
use std::sync::Arc;

use super::expression::{Change, Condition, Expressions, Kind, Parsed};
use super::request::{Members, Placeholders, Used};
use super::rows::{self, Rows, Write};
use super::table::{Key, Table};
use super::value::{self, Item};
use super::{Stop, Sure, apply, evaluate};

/// A write that is understood.
pub(super) struct Action<'a> {
    pub(super) table: Arc<Table>,
    pub(super) key: Key,
    pub(super) what: What<'a>,
    pub(super) condition: Option<Arc<Parsed<Condition>>>,
    pub(super) placeholders: Placeholders<'a>,
    /// Whether the item is answered that did not meet the condition.
    returns_refusing: bool,
    /// What DynamoDB counts of it in a transaction, at most.
    pub(super) size: usize,
}

pub(super) enum What<'a> {
    Put(&'a Item, usize),
    Update(Arc<Parsed<Change>>, &'a Item),
    Delete,
    Check,
}

/// What an action comes to.
pub(super) enum Decision<'a> {
    Write(Write<'a>),
    /// The condition holds, and there is nothing to write.
    Holds,
    /// It does not; with the item, if that is asked for.
    Refused(Option<Item>),
}

/// The members that say what an action is, beside those of the operation.
pub(super) const PUT: &[&str] = &["TableName", "Item", CONDITION, NAMES, VALUES, ON_FAILURE];
pub(super) const UPDATE: &[&str] = &["TableName", "Key", "UpdateExpression", CONDITION, NAMES, VALUES, ON_FAILURE];
pub(super) const KEYED: &[&str] = &["TableName", "Key", CONDITION, NAMES, VALUES, ON_FAILURE];

const CONDITION: &str = "ConditionExpression";
const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";
const ON_FAILURE: &str = "ReturnValuesOnConditionCheckFailure";

impl<'a> Action<'a> {
    pub(super) fn put(members: Members<'a>, table: Arc<Table>, expressions: &mut Expressions) -> Sure<Self> {
        let item = members.object("Item")?.ok_or(Stop::Theirs)?;
        let size = value::check_item(item)?;
        let key = table.key(item)?;
        table.check_index_keys(item)?;
        if size > value::LARGEST {
            return Err(Stop::Theirs);
        }
        Self::guarded(members, table, key, What::Put(item, size), size, expressions)
    }

    pub(super) fn update(members: Members<'a>, table: Arc<Table>, expressions: &mut Expressions) -> Sure<Self> {
        let (key_item, key) = key(members, &table)?;
        let text = members.required("UpdateExpression")?;
        let change = expressions.update(text);
        // Both texts are looked at, so that both are known the next time.
        if change.is_none()
            && let Some(text) = members.text(CONDITION)?
        {
            expressions.condition(Kind::Condition, text);
        }
        Self::guarded(members, table, key, What::Update(change.ok_or(Stop::Theirs)?, key_item), 0, expressions)
    }

    pub(super) fn delete(members: Members<'a>, table: Arc<Table>, expressions: &mut Expressions) -> Sure<Self> {
        let (_, key) = key(members, &table)?;
        Self::guarded(members, table, key, What::Delete, 0, expressions)
    }

    pub(super) fn check(members: Members<'a>, table: Arc<Table>, expressions: &mut Expressions) -> Sure<Self> {
        let (_, key) = key(members, &table)?;
        members.required(CONDITION)?;
        Self::guarded(members, table, key, What::Check, 0, expressions)
    }

    fn guarded(
        members: Members<'a>,
        table: Arc<Table>,
        key: Key,
        what: What<'a>,
        size: usize,
        expressions: &mut Expressions,
    ) -> Sure<Self> {
        let condition = match members.text(CONDITION)? {
            Some(text) => Some(expressions.condition(Kind::Condition, text).ok_or(Stop::Theirs)?),
            None => None,
        };
        let placeholders = Placeholders::of(members)?;
        let mut used: Vec<&dyn Used> = Vec::with_capacity(2);
        if let Some(condition) = &condition {
            used.push(condition.as_ref());
            evaluate::check(&condition.tree, &placeholders)?;
        }
        if let What::Update(change, _) = &what {
            used.push(change.as_ref());
        }
        placeholders.check(&used)?;
        if let What::Update(change, _) = &what {
            apply::check(change, &placeholders, &table)?;
        }
        let returns_refusing = members.one_of(ON_FAILURE, &["ALL_OLD"])?.is_some();
        Ok(Self { table, key, what, condition, placeholders, returns_refusing, size })
    }

    /// Reads the item and says what is to be written. `returned` says that the item before is answered.
    pub(super) fn decide(&self, rows: &Rows<'_>, returned: bool) -> Sure<Decision<'a>> {
        let table = &self.table;
        let kept = !table.indexes.is_empty() || table.stream.is_some();
        let reads = kept || returned || self.condition.is_some() || matches!(self.what, What::Update(..));
        let old = if reads { rows.get(table, &self.key)?.map(rows::parse).transpose()? } else { None };
        if let Some(condition) = &self.condition {
            let nothing = Item::new();
            let item = old.as_ref().map_or(&nothing, |(_, item)| item);
            if !evaluate::holds(&condition.tree, item, &self.placeholders)? {
                return Ok(Decision::Refused(old.filter(|_| self.returns_refusing).map(|(_, item)| item)));
            }
        }
        let new = match &self.what {
            What::Check => return Ok(Decision::Holds),
            What::Delete => None,
            What::Put(item, size) => Some((Cow::Borrowed(*item), *size)),
            What::Update(change, key) => {
                let before = old.as_ref().map_or(*key, |(_, item)| item);
                let after = apply::apply(before, &change.tree, &self.placeholders)?;
                let size = value::check_item(&after)?;
                table.check_index_keys(&after)?;
                if size > value::LARGEST {
                    return Err(Stop::Theirs);
                }
                Some((Cow::Owned(after), size))
            }
        };
        Ok(Decision::Write(Write { table: Arc::clone(table), key: self.key.clone(), old, new }))
    }
}

fn key<'a>(members: Members<'a>, table: &Table) -> Sure<(&'a Item, Key)> {
    let item = members.object("Key")?.ok_or(Stop::Theirs)?;
    let key = table.exact_key(item)?;
    Ok((item, key))
}
