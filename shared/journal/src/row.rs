//! The journal's rows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use throughline_telemetry::JournalLine;

/// A row's attributes, as JSON.
pub(crate) type Fields = Map<String, Value>;

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Row {
    /// A journal line of a function.
    Line(Box<JournalLine>),
    /// Lambda's report of an invocation.
    Report(Report),
    /// A change of a business table.
    Change(Change),
}

/// Lambda's [report](https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report) of an invocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Report {
    /// When it was written.
    pub time: Timestamp,
    /// The invocation.
    pub request_id: String,
    /// The function's name in the code.
    pub function: String,
    /// `success`, `error`, `failure` or `timeout`.
    pub status: String,
    /// `Sandbox.Timedout`, `Runtime.ExitError`: what ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// How long it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// How long the start of its environment took, if this invocation started one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_duration_ms: Option<f64>,
    /// The most memory it used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_memory_mb: Option<f64>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            time: Timestamp::UNIX_EPOCH,
            request_id: String::new(),
            function: String::new(),
            status: String::new(),
            error_type: None,
            duration_ms: None,
            init_duration_ms: None,
            max_memory_mb: None,
        }
    }
}

impl Report {
    /// Whether the invocation ended as it should.
    pub fn succeeded(&self) -> bool {
        self.status == "success"
    }
}

/// A change of an item of a business table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Change {
    /// When, to the second.
    pub time: Timestamp,
    /// The table's short name.
    pub table: String,
    /// The item's key; of a composite one, both parts with `|` between.
    pub item_key: String,
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub operation: String,
    /// The stream's number for it: orders the changes of an item.
    pub sequence_number: String,
    /// The event whose commit made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The function whose commit made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The item before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The item after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The images were too large to be kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub images_cut: bool,
}

impl Default for Change {
    fn default() -> Self {
        Self {
            time: Timestamp::UNIX_EPOCH,
            table: String::new(),
            item_key: String::new(),
            operation: String::new(),
            sequence_number: String::new(),
            event_id: None,
            function: None,
            before: None,
            after: None,
            images_cut: false,
        }
    }
}

/// Rows by their kind, each in order of time.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Rows {
    /// Journal lines.
    pub lines: Vec<JournalLine>,
    /// Lambda's reports.
    pub reports: Vec<Report>,
    /// Changes of tables.
    pub changes: Vec<Change>,
}

impl Rows {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.reports.is_empty() && self.changes.is_empty()
    }
}

impl Row {
    /// Reads a row. `None` for one that a newer version wrote in a way that this one does not know.
    pub(crate) fn read(fields: Fields) -> Option<Self> {
        let kind = fields.get("kind")?.as_str()?.to_owned();
        let value = Value::Object(fields);
        match kind.as_str() {
            "line" => serde_json::from_value(value).ok().map(|line| Self::Line(Box::new(line))),
            "report" => serde_json::from_value(value).ok().map(Self::Report),
            "change" => serde_json::from_value(value).ok().map(Self::Change),
            _ => None,
        }
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut sorted = Self::default();
        sorted.extend(rows);
        sorted
    }
}

impl Extend<Row> for Rows {
    fn extend<I: IntoIterator<Item = Row>>(&mut self, rows: I) {
        for row in rows {
            match row {
                Row::Line(line) => self.lines.push(*line),
                Row::Report(report) => self.reports.push(report),
                Row::Change(change) => self.changes.push(change),
            }
        }
    }
}
