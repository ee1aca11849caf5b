//! The direct path: the usual operations on items, on dynoxide's own tables.
//!
//! A request is served here when all of it is understood and valid. Any other goes to dynoxide as it came, before anything was
//! done, so that what is wrong with a request is always said in dynoxide's words (ADR 12).

mod action;
mod apply;
mod batch;
mod evaluate;
mod expression;
mod keys;
mod query;
mod records;
mod request;
mod rows;
mod single;
mod table;
mod transaction;
mod value;

use std::collections::HashMap;
use std::sync::Arc;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use serde_json::Value;

pub use self::expression::KnownExpressions;
use self::expression::{Expressions, Kind};
use self::rows::{Numbers, Rows};
use self::table::Table;
use super::Served;
use crate::clock::Clock;

/// What SQLite keeps prepared.
const STATEMENTS: usize = 512;

/// Finds the last record of a stream without reading all of them; for dynoxide's own statements too.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS records_by_number \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// The size that DynamoDB counts an item with; none is for dynoxide to say.
pub(super) fn size(item: &Value) -> Option<usize> {
    value::check_item(item.as_object()?).ok()
}

/// Why a request is not served here with success.
#[derive(Debug)]
enum Stop {
    /// It is left to dynoxide. Nothing was written.
    Theirs,
    /// A condition does not hold.
    Refused(DynoxideError),
}

type Sure<T> = Result<T, Stop>;

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Refused(error.into())
    }
}

/// What came of a request.
pub(super) enum Outcome {
    Answered(Result<Value, DynoxideError>),
    /// It is left to dynoxide; once that accepted it, so are these expressions.
    Theirs(Unknown),
}

/// Expressions that were not seen before.
pub(super) struct Unknown(Vec<(Kind, String)>);

/// What is known from one request to the next.
pub(super) struct Direct {
    clock: Clock,
    /// None is a table that is left to dynoxide.
    tables: HashMap<String, Option<Arc<Table>>>,
    expressions: Expressions,
    numbers: Numbers,
    pub(super) served: Served,
}

impl Direct {
    pub(super) fn new(clock: Clock, storage: &Storage, known: KnownExpressions) -> Result<Self, DynoxideError> {
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        storage.conn().execute_batch(INDEX)?;
        Ok(Self {
            clock,
            tables: HashMap::new(),
            expressions: Expressions::new(known),
            numbers: Numbers::new(),
            served: Served::default(),
        })
    }

    pub(super) fn run(&mut self, storage: &Storage, operation: &str, input: &Value) -> Outcome {
        let mut session = Session { direct: self, storage };
        let answer = match operation {
            "TransactWriteItems" => transaction::write(&mut session, input),
            "PutItem" => single::put(&mut session, input),
            "UpdateItem" => single::update(&mut session, input),
            "DeleteItem" => single::delete(&mut session, input),
            "GetItem" => single::get(&mut session, input),
            "Query" => query::query(&mut session, input),
            "Scan" => query::scan(&mut session, input),
            "BatchWriteItem" => batch::write(&mut session, input),
            "BatchGetItem" => batch::get(&mut session, input),
            "GetRecords" => records::get(&mut session, input),
            _ => return Outcome::Theirs(Unknown(Vec::new())),
        };
        let new = self.expressions.take_new();
        let answer = match answer {
            Ok(answer) => Ok(answer),
            Err(Stop::Refused(error)) => Err(error),
            Err(Stop::Theirs) => {
                self.served.handed_over += 1;
                return Outcome::Theirs(Unknown(new));
            }
        };
        self.served.directly += 1;
        Outcome::Answered(answer)
    }

    /// Dynoxide ran: the numbers of streams may have gone on.
    pub(super) fn others_ran(&mut self) {
        self.numbers.clear();
    }

    /// Tables may have changed.
    pub(super) fn forget_tables(&mut self) {
        self.tables.clear();
    }

    /// Dynoxide accepted a request with these expressions.
    pub(super) fn learn(&mut self, unknown: Unknown) {
        for (kind, text) in unknown.0 {
            self.expressions.accepted(kind, text);
        }
    }
}

/// One request.
struct Session<'a> {
    direct: &'a mut Direct,
    storage: &'a Storage,
}

impl Session<'_> {
    fn table(&mut self, name: &str) -> Sure<Arc<Table>> {
        if let Some(known) = self.direct.tables.get(name) {
            return known.clone().ok_or(Stop::Theirs);
        }
        let meta = self.storage.get_table_metadata(name).ok().flatten().ok_or(Stop::Theirs)?;
        let table = Table::read(&meta);
        self.direct.tables.insert(name.to_owned(), table.clone());
        table.ok_or(Stop::Theirs)
    }

    fn rows(&mut self) -> Rows<'_> {
        Rows { connection: self.storage.conn(), clock: self.direct.clock, numbers: &mut self.direct.numbers }
    }
}
