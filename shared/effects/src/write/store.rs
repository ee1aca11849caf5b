//! Stores: what a handler reads, and where its writes come from.

use std::marker::PhantomData;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Action, Condition, Update, Write};
use crate::failure::Failure;
use crate::world::World;

/// A row of a business table.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// The table's logical name: `order-views` is found by the setting `THROUGHLINE_TABLE_ORDER_VIEWS`.
    const TABLE: &'static str;
    /// The name of its partition key, which is text.
    const KEY: &'static str;
}

/// A handler's view of some tables: a struct over [`Table`]s, with the domain's own methods.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store",
    note = "a store is a struct over `Table<R>` that implements `Store`; a handler takes it as `State<{Self}>`"
)]
pub trait Store: Sized {
    /// The logical names of the tables that it reads or writes.
    const TABLES: &'static [&'static str];

    /// The store on these tables.
    fn open(tables: Tables) -> Self;
}

/// The business tables of a function.
#[derive(Debug, Clone)]
pub struct Tables {
    world: Option<World>,
}

impl Tables {
    /// The tables that the world's settings name.
    #[must_use]
    pub fn new(world: &World) -> Self {
        Self { world: Some(world.clone()) }
    }

    /// No tables: writes can be made, reads fail. For tests of a handler that only writes.
    #[must_use]
    pub fn offline() -> Self {
        Self { world: None }
    }

    /// A table by its record.
    #[must_use]
    pub fn table<R: Record>(&self) -> Table<R> {
        Table { world: self.world.clone(), record: PhantomData }
    }
}

/// One table.
#[derive(Debug)]
pub struct Table<R> {
    world: Option<World>,
    record: PhantomData<fn() -> R>,
}

impl<R> Clone for Table<R> {
    fn clone(&self) -> Self {
        Self { world: self.world.clone(), record: PhantomData }
    }
}

impl<R: Record> Table<R> {
    /// Reads a row, consistently.
    ///
    /// # Errors
    /// Transient when DynamoDB cannot be read; permanent `malformed_row` when the row is not a record.
    pub async fn get(&self, key: &str) -> Result<Option<R>, Failure> {
        let world = self.world.as_ref().ok_or_else(|| Failure::transient("offline", "there are no tables to read"))?;
        let request = world.clients().dynamodb().get_item().table_name(world.settings().table(R::TABLE)?);
        let answer = request.key(R::KEY, AttributeValue::S(key.to_owned())).consistent_read(true).send().await;
        let answer = answer.map_err(Failure::of_call)?;
        let Some(item) = answer.item else { return Ok(None) };
        serde_dynamo::from_item(item)
            .map(Some)
            .map_err(|error| Failure::permanent("malformed_row", format!("{}/{key}: {error}", R::TABLE)))
    }

    /// Writes a whole row, whatever was there. Members that are null are left out.
    pub fn put(&self, record: &R) -> Write {
        let mut item = match serde_json::to_value(record) {
            Ok(Value::Object(item)) => item,
            _ => Map::new(),
        };
        item.retain(|_, value| !value.is_null());
        let key = item.get(R::KEY).cloned().unwrap_or(Value::Null);
        Write::new(R::TABLE, R::KEY, key, Action::Put(item))
    }

    /// Writes a whole row that must not be there yet.
    pub fn put_new(&self, record: &R) -> Write {
        self.put(record).when(Condition::absent(R::KEY))
    }

    /// Changes some attributes of a row.
    pub fn update(&self, key: impl Into<String>) -> Update {
        Update::of(R::TABLE, R::KEY, Value::String(key.into()))
    }

    /// Removes a row.
    pub fn delete(&self, key: impl Into<String>) -> Write {
        Write::new(R::TABLE, R::KEY, Value::String(key.into()), Action::Delete)
    }

    /// Only checks a row, in the same transaction as the other writes.
    pub fn check(&self, key: impl Into<String>, condition: Condition) -> Write {
        Write::new(R::TABLE, R::KEY, Value::String(key.into()), Action::Check).when(condition)
    }
}
