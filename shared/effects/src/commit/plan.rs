//! From effects to the items of a transaction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
    Update,
};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{CommitRequest, Committed, Outcome, record, size};
use crate::failure::Failure;
use crate::limits::TRANSACTION_ITEMS;
use crate::outbox::{Outgoing, Row};
use crate::parking::{self, Parked};
use crate::world::World;
use crate::write::{self, Action, Condition, Expressions, Refusal, VERSION, Write};

/// A transaction, and what each of its items stands for: first the deduplication record, then the writes, then the
/// outbox rows, and last the tombstone of a compensation on its step, or the row that would park an ordered event's key.
pub(super) struct Plan {
    owner: String,
    now: Timestamp,
    rows: Vec<Row>,
    /// The key that lets the event through although it is parked.
    parked: Option<Box<Parked>>,
    /// The items of the next try, if they are made already.
    made: Option<Vec<TransactWriteItem>>,
    len: usize,
    ordered: bool,
}

/// What an item of the transaction stands for.
pub(super) enum Slot<'a> {
    Record,
    Write(&'a Write),
    Row(&'a Row),
    Tombstone,
    Parked,
}

impl Plan {
    /// With a parked key that lets the event through, the transaction changes it.
    pub(super) fn new(world: &World, request: &CommitRequest<'_>, parked: Option<Parked>) -> Result<Self, Failure> {
        if let Some(failure) = request.effects.broken() {
            return Err(failure.clone());
        }
        each_item_once(request.effects.all_writes())?;
        let owner = world.ambient().uuid7().to_string();
        let rows = Row::of_effects(world, request.event, request.effects)?;
        let (now, ordered) = (world.ambient().now(), request.place.is_some());
        let mut plan = Self { owner, now, rows, parked: parked.map(Box::new), made: None, len: 0, ordered };
        let items = plan.make(world, request)?;
        if items.len() > TRANSACTION_ITEMS {
            let cause = format!("{} items; a transaction has at most {TRANSACTION_ITEMS}", items.len());
            return Err(Failure::permanent("too_large", cause));
        }
        check_sizes(&items, request.effects.all_writes())?;
        plan.len = items.len();
        plan.made = Some(items);
        Ok(plan)
    }

    /// The items of a try: the same each time, since a token stands for one transaction. The SDK takes them away, so they are made for
    /// each try; most have one.
    pub(super) fn items(
        &mut self,
        world: &World,
        request: &CommitRequest<'_>,
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        self.made.take().map_or_else(|| self.make(world, request), Ok)
    }

    fn make(&self, world: &World, request: &CommitRequest<'_>) -> Result<Vec<TransactWriteItem>, Failure> {
        let mut items = Vec::with_capacity(request.effects.all_writes().len() + self.rows.len() + 2);
        items.push(record::put(world, request, &self.owner, self.now, &self.rows)?);
        let skipped = self.parked.as_ref().map(|parked| &parked.skipped);
        for write in request.effects.all_writes() {
            items.push(business_write(world, &going_on_from(write, skipped), &stamps(request))?);
        }
        for row in &self.rows {
            items.push(row.put(world, self.now)?);
        }
        if let Some(undone) = &request.undoes {
            items.push(record::tombstone(world, request, undone, self.now)?);
        }
        if let Some(place) = request.place {
            let table = world.settings().text("THROUGHLINE_IDEMPOTENCY_TABLE")?;
            items.push(match &self.parked {
                Some(parked) => parking::change(table, &Parked::clone(parked).without(place))?,
                None => parking::not_parked(table, &place.key)?,
            });
        }
        Ok(items)
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    /// What the item at this place stands for.
    pub(super) fn slot<'a>(&'a self, index: usize, writes: &'a [Write]) -> Option<Slot<'a>> {
        let Some(index) = index.checked_sub(1) else { return Some(Slot::Record) };
        match writes.get(index) {
            Some(write) => Some(Slot::Write(write)),
            None => match self.rows.get(index - writes.len()) {
                Some(row) => Some(Slot::Row(row)),
                None if index + 2 == self.len => Some(if self.ordered { Slot::Parked } else { Slot::Tombstone }),
                None => None,
            },
        }
    }

    /// The partitions in which rows may be ahead of those of this commit.
    pub(super) fn behind_others(&self) -> BTreeSet<String> {
        let alone: BTreeSet<_> = self.rows.iter().filter(|row| row.is_alone()).map(|row| &row.pk).collect();
        self.rows.iter().map(|row| &row.pk).filter(|pk| !alone.contains(pk)).cloned().collect()
    }

    /// What is known once the transaction went through; `ahead` has the unsent rows of partitions, where they could be read.
    pub(super) fn committed(self, response: Option<Value>, ahead: &BTreeMap<String, Vec<Row>>) -> Committed {
        Committed {
            outcome: Outcome::Handled,
            response,
            emitted: self.rows.iter().filter(|row| row.saga.is_none()).map(|row| row.event_id.clone()).collect(),
            started: self.rows.iter().filter_map(|row| row.saga.as_ref().map(|saga| saga.id.clone())).collect(),
            outgoing: self.rows.into_iter().map(|row| fresh(row, ahead)).collect(),
        }
    }
}

fn fresh(row: Row, ahead: &BTreeMap<String, Vec<Row>>) -> Outgoing {
    let ahead = ahead.get(&row.pk).cloned();
    Outgoing::fresh(row, ahead)
}

/// DynamoDB refuses two writes of one item in a transaction with an error that names neither; this one does.
fn each_item_once(writes: &[Write]) -> Result<(), Failure> {
    let mut before = writes.iter();
    while let Some(write) = before.next_back() {
        if before.clone().any(|other| other.is_of_the_item_of(write)) {
            let twice = write.item_name();
            return Err(Failure::permanent(
                "written_twice",
                format!("the effects write {twice} twice; combine the writes"),
            ));
        }
    }
    Ok(())
}

/// An ordered write goes on from the last sequence before it that nobody left out.
fn going_on_from<'a>(write: &'a Write, skipped: Option<&BTreeSet<u64>>) -> Cow<'a, Write> {
    let (Refusal::InOrder(sequence), Some(skipped)) = (&write.refusal, skipped) else { return Cow::Borrowed(write) };
    let mut before = sequence.saturating_sub(1);
    let expected = Condition::equals(VERSION, before);
    let mut any = expected.clone();
    while skipped.contains(&before) {
        before = before.saturating_sub(1);
        any = any.or(match before {
            0 => Condition::absent(write.key_name),
            before => Condition::equals(VERSION, before),
        });
    }
    let mut write = write.clone();
    for condition in write.conditions.iter_mut().filter(|condition| **condition == expected) {
        *condition = any.clone();
    }
    Cow::Owned(write)
}

fn check_sizes(items: &[TransactWriteItem], writes: &[Write]) -> Result<(), Failure> {
    let mut total = 0;
    for (index, item) in items.iter().enumerate() {
        if let Some(put) = item.put() {
            let write = index.checked_sub(1).and_then(|index| writes.get(index));
            let name = || write.map_or_else(|| format!("item {index} of the transaction"), Write::item_name);
            total += size::checked(put, name)?;
        }
    }
    size::all_checked(total)
}

type Stamps<'a> = [(&'static str, &'a str); 3];

/// Whose change it is, for `record-changes`.
fn stamps<'a>(request: &CommitRequest<'a>) -> Stamps<'a> {
    [
        ("_event_id", request.event.id.as_str()),
        ("_correlation_id", request.event.correlation_id.as_str()),
        ("_function", request.function),
    ]
}

fn business_write(world: &World, write: &Write, stamps: &Stamps<'_>) -> Result<TransactWriteItem, Failure> {
    if write.key.is_null() {
        let cause = format!("a row of {} has no `{}`, its key", write.table, write.key_name);
        return Err(Failure::permanent("not_storable", cause));
    }
    let table = world.settings().table(write.table)?;
    let item = TransactWriteItem::builder();
    Ok(match &write.action {
        Action::Put(values) => item.put(put(table, write, values, stamps)?),
        Action::Update(update) => item.update(changes(table, write, update, stamps)?),
        Action::Delete => item.delete(delete(table, write)?),
        Action::Check => item.condition_check(check(table, write)?),
    }
    .build())
}

/// Builds an item of a transaction: the SDK has a type of its own for each action, with the same setters for the condition. What a
/// condition met is answered whole, so that a refusal can say it.
macro_rules! guarded {
    ($builder:expr, $condition:expr, $expressions:expr) => {{
        let (names, values) = $expressions.into_placeholders();
        $builder
            .set_condition_expression($condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .build()?
    }};
}

fn put(table: &str, write: &Write, values: &Map<String, Value>, stamps: &Stamps<'_>) -> Result<Put, Failure> {
    let mut expressions = Expressions::default();
    let condition = expressions.all(&write.conditions)?;
    let mut item = HashMap::with_capacity(values.len() + stamps.len());
    item.extend(write::attributes(values));
    item.extend(stamps.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))));
    Ok(guarded!(Put::builder().table_name(table).set_item(Some(item)), condition, expressions))
}

fn changes(table: &str, write: &Write, update: &write::Update, stamps: &Stamps<'_>) -> Result<Update, Failure> {
    let mut expressions = Expressions::default();
    let condition = expressions.all(&write.conditions)?;
    let expression = expressions.update(update, stamps)?;
    let builder = Update::builder().table_name(table).key(write.key_name, write::attribute(&write.key));
    Ok(guarded!(builder.update_expression(expression), condition, expressions))
}

fn delete(table: &str, write: &Write) -> Result<Delete, Failure> {
    let mut expressions = Expressions::default();
    let condition = expressions.all(&write.conditions)?;
    let builder = Delete::builder().table_name(table).key(write.key_name, write::attribute(&write.key));
    Ok(guarded!(builder, condition, expressions))
}

fn check(table: &str, write: &Write) -> Result<ConditionCheck, Failure> {
    let mut expressions = Expressions::default();
    let condition = expressions.all(&write.conditions)?;
    let builder = ConditionCheck::builder().table_name(table).key(write.key_name, write::attribute(&write.key));
    Ok(guarded!(builder, condition, expressions))
}
