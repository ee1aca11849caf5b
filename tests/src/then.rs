//! What has to be true after a story.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;
use tokio::time::Instant;

use crate::stack::Stack;

/// How long a queue of a deployment may take to be seen empty.
const PATIENCE: Duration = Duration::from_secs(120);

/// What counts the messages of a queue, whatever state they are in.
const DEPTH: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::ApproximateNumberOfMessagesDelayed,
];

impl Stack {
    /// All rows of a table that have to do with the story, in the order of their keys' values as text.
    ///
    /// # Panics
    /// The table cannot be read.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        match table {
            "journal" if self.is_deployed() => self.journal_rows().await,
            _ => {
                let scan = self.dynamodb().scan().table_name(self.name(table)).consistent_read(true);
                self.plain_rows(scan).await
            }
        }
    }

    /// The journal without the platform's reports, which say nothing of events.
    pub(crate) async fn lines_and_changes(&self) -> Vec<Value> {
        let scan = self.dynamodb().scan().table_name(self.name("journal"));
        if !self.is_deployed() {
            return self.plain_rows(scan).await;
        }
        let mut mine = "contains(subject, :mark) OR contains(event_id, :mark) OR contains(item_key, :mark)".to_owned();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut scan = scan.expression_attribute_values(":mark", text(self.marks.mark()));
        for (index, id) in self.messages().iter().enumerate() {
            mine.push_str(&format!(" OR message_id = :m{index}"));
            scan = scan.expression_attribute_values(format!(":m{index}"), text(id));
        }
        self.plain_rows(scan.filter_expression(mine)).await
    }

    /// The story's lines and changes, and the reports of the invocations that wrote the lines.
    async fn journal_rows(&self) -> Vec<Value> {
        let mut rows = self.lines_and_changes().await;
        let requests = rows.iter().filter_map(|row| row["request_id"].as_str().map(str::to_owned));
        for request in requests.collect::<BTreeSet<_>>() {
            let query = self.dynamodb().query().table_name(self.name("journal")).index_name("by-request");
            let query = query.key_condition_expression("request_id = :request").filter_expression("kind = :report");
            let query = query.expression_attribute_values(":request", AttributeValue::S(request));
            let query = query.expression_attribute_values(":report", AttributeValue::S("report".into()));
            let found = query.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            rows.extend(found.unwrap_or_else(|error| panic!("journal: {error:?}")).into_iter().map(plain));
        }
        rows.sort_by_cached_key(order_in_table);
        rows
    }

    /// What a scan finds that has to do with the story, with plain ids.
    async fn plain_rows(&self, scan: ScanFluentBuilder) -> Vec<Value> {
        let table = scan.get_table_name().clone().unwrap_or_default();
        let pages = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let items = pages.unwrap_or_else(|error| panic!("{table}: {error:?}"));
        let mut rows: Vec<Value> = items.into_iter().map(plain).collect();
        rows.retain(|row| self.is_mine(row));
        let compact = |row: Value| if self.is_deployed() { compact(row) } else { row };
        let mut rows: Vec<_> = rows.iter().map(|row| compact(self.marks.plain(row))).collect();
        rows.sort_by_cached_key(order_in_table);
        rows
    }

    fn is_mine(&self, row: &Value) -> bool {
        self.marks.are_in(row)
            || row["message_id"].as_str().is_some_and(|id| self.messages().iter().any(|own| own == id))
    }

    /// The rows of a table with this text in this attribute.
    ///
    /// # Panics
    /// The table cannot be read.
    pub async fn rows_where(&self, table: &str, attribute: &str, is: &str) -> Vec<Value> {
        let mut rows = self.rows(table).await;
        rows.retain(|row| row[attribute] == is);
        rows
    }

    /// The one row of an order in a table of the workflow, or null.
    ///
    /// # Panics
    /// There are several.
    pub async fn row_of(&self, table: &str, order: &str) -> Value {
        let mut rows = self.rows_where(table, "order_id", order).await;
        assert!(rows.len() <= 1, "several rows of {order} in {table}: {rows:?}");
        rows.pop().unwrap_or_default()
    }

    /// An order, and what the view tells of it, stand like this.
    ///
    /// # Panics
    /// They do not.
    pub async fn then_order(&self, order: &str, status: &str) {
        for table in ["orders", "order-views"] {
            let row = self.row_of(table, order).await;
            assert_eq!(row["status"], status, "{table}: {row}");
        }
    }

    /// So many of an article can still be sold, and so many are reserved.
    ///
    /// # Panics
    /// It is not so.
    pub async fn then_stock(&self, sku: &str, available: i64, reserved: i64) {
        let rows = self.rows_where("stock", "sku", sku).await;
        let found: Vec<_> = rows.iter().map(|row| (row["available"].as_i64(), row["reserved"].as_i64())).collect();
        assert_eq!(found, [(Some(available), Some(reserved))], "available and reserved of {sku}");
    }

    /// The status of an order's row in a table of the workflow: `None` when there is none.
    ///
    /// # Panics
    /// It is another.
    pub async fn then_status(&self, table: &str, order: &str, status: Option<&str>) {
        let row = self.row_of(table, order).await;
        assert_eq!(row["status"].as_str(), status, "{table}: {row}");
    }

    /// The customer was told these texts about an order, and no others.
    ///
    /// # Panics
    /// It is not so.
    pub async fn then_told(&self, order: &str, texts: &[&str]) {
        let rows = self.rows_where("notifications", "order_id", order).await;
        let told: Vec<_> = rows.iter().map(|row| row["text"].as_str().unwrap_or_default()).collect();
        assert_eq!(told, texts, "what the customer of {order} was told");
    }

    /// The journal's lines of a workflow, oldest first: function and stage.
    ///
    /// # Panics
    /// The journal cannot be read.
    pub async fn journal_of(&self, attribute: &str, is: &str) -> Vec<(String, String)> {
        let rows = self.rows_where("journal", attribute, is).await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        rows.iter().filter(|row| row["kind"] == "line").map(|row| (text(row, "function"), text(row, "stage"))).collect()
    }

    /// How often a function reached a stage for an event, by the journal.
    ///
    /// # Panics
    /// It is another number.
    pub async fn then_journal(&self, event: &str, function: &str, stage: &str, times: usize) {
        let lines = self.journal_of("event_id", event).await;
        let count = lines.iter().filter(|(by, at)| by == function && at == stage).count();
        assert_eq!(count, times, "{function} {stage} of {event} in {lines:?}");
    }

    /// Nothing is waiting to be sent, nothing failed, and no queue holds anything.
    ///
    /// # Panics
    /// It is not so.
    pub async fn then_all_is_done(&self) {
        self.then_nothing_unsent().await;
        let failures = self.rows("failures").await;
        assert!(failures.is_empty(), "{failures:?}");
        self.then_queues_are_empty().await;
    }

    /// Every event and every saga that was committed is sent.
    ///
    /// # Panics
    /// Some are not.
    pub async fn then_nothing_unsent(&self) {
        let unsent: Vec<_> = self.rows("events").await.into_iter().filter(|row| row["unsent"].is_string()).collect();
        assert!(unsent.is_empty(), "unsent: {unsent:?}");
    }

    /// No queue holds anything, in flight or not. In a deployment, whose queues other stories use as well: each was seen
    /// empty, so that nothing of this story stays in it.
    ///
    /// # Panics
    /// One does.
    pub async fn then_queues_are_empty(&self) {
        let deadline = Instant::now() + PATIENCE;
        for (name, url) in self.queues().await {
            let mut depth = self.depth(&url).await;
            while self.is_deployed() && depth > 0 && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(500)).await;
                depth = self.depth(&url).await;
            }
            assert_eq!(depth, 0, "messages in {name}");
        }
    }

    /// The one failure in the inbox.
    ///
    /// # Panics
    /// There are none, or several.
    pub async fn then_one_failure(&self) -> Value {
        let mut failures = self.rows("failures").await;
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.pop().unwrap_or_default()
    }

    async fn depth(&self, url: &str) -> u32 {
        let names = Some(DEPTH.into());
        let output = self.sqs().get_queue_attributes().queue_url(url).set_attribute_names(names).send().await.unwrap();
        let counts = output.attributes().into_iter().flat_map(HashMap::values);
        counts.map(|count| count.parse::<u32>().unwrap()).sum()
    }
}

/// The same row with texts that are JSON written without white space: LocalStack parses the body of a message that is JSON and
/// writes it anew for the function, where AWS hands it on as it is.
fn compact(row: Value) -> Value {
    let Value::Object(members) = row else { return row };
    let text = |value: &Value| serde_json::from_str::<Value>(value.as_str()?).ok().filter(Value::is_object);
    let members = members.into_iter().map(|(name, value)| match text(&value) {
        Some(json) => (name, Value::String(json.to_string())),
        None => (name, value),
    });
    Value::Object(members.collect())
}

/// An item as plain JSON.
fn plain(item: HashMap<String, AttributeValue>) -> Value {
    serde_dynamo::from_item(item).unwrap()
}

/// A scan has no order: by time and key, so that what is asserted is always the same.
fn order_in_table(row: &Value) -> String {
    let keys = ["sk", "time", "failed_at", "order_id", "sku", "key", "notification_id"];
    keys.iter().filter_map(|key| row[*key].as_str()).collect::<Vec<_>>().join("|")
}
