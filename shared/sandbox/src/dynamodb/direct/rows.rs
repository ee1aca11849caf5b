//! The rows of dynoxide's tables.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::table::{Index, Key, Table};
use super::value::{self, Item};
use super::{Stop, Sure};
use crate::clock::Clock;

const NEXT: &str =
    "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1";

const RECORD: &str = "INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, old_image, sequence_number, \
     shard_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// The numbers of the last records, by table, as far as they are known.
pub(super) type Numbers = BTreeMap<String, i64>;

/// An item that is written, or deleted.
pub(super) struct Write<'a> {
    pub(super) table: Arc<Table>,
    pub(super) key: Key,
    /// The item before, as it is stored, when it was read.
    pub(super) old: Option<(String, Item)>,
    /// The item after, and its size.
    pub(super) new: Option<(Cow<'a, Item>, usize)>,
}

/// Dynoxide's storage.
pub(super) struct Rows<'a> {
    pub(super) connection: &'a Connection,
    pub(super) clock: Clock,
    pub(super) numbers: &'a mut Numbers,
}

/// An item as it is stored, and read.
pub(super) fn parse(text: String) -> Sure<(String, Item)> {
    let item = serde_json::from_str(&text).map_err(|_| Stop::Theirs)?;
    Ok((text, item))
}

impl Rows<'_> {
    pub(super) fn get(&self, table: &Table, key: &Key) -> Sure<Option<String>> {
        let mut select = self.connection.prepare_cached(&table.select)?;
        Ok(select.query_row((&key.partition, &key.sort), |row| row.get(0)).optional()?)
    }

    /// Writes all or nothing.
    pub(super) fn write(&mut self, writes: &[Write<'_>]) -> Sure<()> {
        if let [write] = writes
            && write.table.indexes.is_empty()
            && write.table.stream.is_none()
        {
            return Ok(self.base(write).map(drop)?);
        }
        self.run("BEGIN IMMEDIATE")?;
        let written = writes.iter().try_for_each(|write| self.one(write)).and_then(|()| self.run("COMMIT"));
        if written.is_err() {
            self.numbers.clear();
            // SQLite itself has taken back what it could not do, if this finds nothing to take back.
            let _ = self.run("ROLLBACK");
        }
        Ok(written?)
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }

    fn one(&mut self, write: &Write<'_>) -> rusqlite::Result<()> {
        let text = self.base(write)?;
        for index in &write.table.indexes {
            self.entry(write, index, text.as_deref())?;
        }
        self.record(write, text.as_deref())
    }

    /// The row of the item. Returns the item's text.
    fn base(&self, write: &Write<'_>) -> rusqlite::Result<Option<String>> {
        let (table, key) = (&write.table, &write.key);
        let Some((item, size)) = &write.new else {
            self.connection.prepare_cached(&table.delete)?.execute((&key.partition, &key.sort))?;
            return Ok(None);
        };
        let text = text(item)?;
        let inner = item.get(&table.partition.name).and_then(|value| table.partition.inner(value).ok());
        let hash = value::hash_prefix(table.partition.kind, inner.unwrap_or_default());
        let size = i64::try_from(*size).unwrap_or(i64::MAX);
        self.connection.prepare_cached(&table.upsert)?.execute((&key.partition, &key.sort, &text, size, hash))?;
        Ok(Some(text))
    }

    /// The entry of the item in an index.
    fn entry(&self, write: &Write<'_>, index: &Index, whole: Option<&str>) -> rusqlite::Result<()> {
        let before = write.old.as_ref().and_then(|(_, item)| index.key(item).ok().flatten());
        let after = write.new.as_ref().and_then(|(item, _)| index.key(item).ok().flatten());
        let base = &write.key;
        if before.is_some() && before != after {
            self.connection.prepare_cached(&index.delete)?.execute((&base.partition, &base.sort))?;
        }
        let (Some(key), Some((item, _)), Some(whole)) = (after, &write.new, whole) else { return Ok(()) };
        let projected = match &index.projected {
            None => Cow::Borrowed(whole),
            Some(names) => {
                let kept = item.iter().filter(|(name, _)| names.contains(name));
                Cow::Owned(text(&kept.map(|(name, value)| (name.clone(), value.clone())).collect())?)
            }
        };
        let row = params![key.partition, key.sort, base.partition, base.sort, projected];
        self.connection.prepare_cached(&index.insert)?.execute(row)?;
        Ok(())
    }

    /// The record of the change in the table's stream.
    fn record(&mut self, write: &Write<'_>, new: Option<&str>) -> rusqlite::Result<()> {
        let Some(view) = &write.table.stream else { return Ok(()) };
        let old = write.old.as_ref().map(|(text, _)| text.as_str());
        let (event, item) = match (&write.old, &write.new) {
            (None, Some((item, _))) => ("INSERT", item.as_ref()),
            (Some(_), Some((item, _))) => ("MODIFY", item.as_ref()),
            (Some((_, item)), None) => ("REMOVE", item),
            (None, None) => return Ok(()),
        };
        let keys = text(&write.table.keys_of(item))?;
        let number = self.number(&write.table.name)?;
        let new = new.filter(|_| view.new);
        let old = old.filter(|_| view.old);
        let at = self.clock.now().as_second();
        let row = params![write.table.name, event, keys, new, old, number.to_string(), write.table.shard, at];
        self.connection.prepare_cached(RECORD)?.execute(row)?;
        Ok(())
    }

    /// The next number of the table's stream: microseconds since 1970, or one more than the last.
    fn number(&mut self, table: &str) -> rusqlite::Result<i64> {
        let next = match self.numbers.get(table) {
            Some(last) => last + 1,
            None => self.connection.prepare_cached(NEXT)?.query_row((table,), |row| row.get(0))?,
        };
        #[expect(clippy::cast_possible_truncation, reason = "the same as dynoxide counts, so that both count on")]
        let now = (self.clock.now().as_duration().as_secs_f64() * 1_000_000.0) as i64;
        let next = next.max(now);
        self.numbers.insert(table.to_owned(), next);
        Ok(next)
    }
}

/// The text of an item, its members in order, so that they need not be sorted when it is answered.
fn text(item: &Item) -> rusqlite::Result<String> {
    serde_json::to_string(&Ordered(item)).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

struct Ordered<'a>(&'a Item);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members: Vec<_> = self.0.iter().collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        serializer.collect_map(members.into_iter().map(|(name, value)| (name, OrderedValue(value))))
    }
}

struct OrderedValue<'a>(&'a Value);

impl Serialize for OrderedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => Ordered(members).serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(OrderedValue)),
            other => other.serialize(serializer),
        }
    }
}
