//! What invariants look at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use throughline_sandbox::{Cloud, Service, ServiceError};
use throughline_telemetry::JournalLine;

use super::id::WorkflowId;
use super::start::Began;
use super::table::Table;

/// Everything that is there when nothing is under way. Names are those in the code: without the stack's.
#[derive(Debug, Clone, Default)]
pub struct View {
    tables: BTreeMap<String, Table>,
    queues: BTreeMap<String, u64>,
    sagas: Vec<Execution>,
    journal: Vec<JournalLine>,
    began: BTreeMap<WorkflowId, Began>,
}

/// An execution of a state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Execution {
    /// The state machine's name.
    pub machine: String,
    /// The execution's name: the saga's id.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The name of the last state that was entered.
    pub last_state: String,
    /// What it was started with.
    pub input: String,
}

impl View {
    /// The rows of a table, in the order of their keys.
    #[must_use]
    pub fn rows(&self, table: &str) -> &[Value] {
        self.tables.get(table).map(Table::rows).unwrap_or_default()
    }

    /// How many messages each queue holds, in flight or not.
    #[must_use]
    pub fn queues(&self) -> &BTreeMap<String, u64> {
        &self.queues
    }

    /// Every execution of every state machine.
    #[must_use]
    pub fn sagas(&self) -> &[Execution] {
        &self.sagas
    }

    /// What functions wrote to their journals, in the order in which they did.
    #[must_use]
    pub fn journal(&self) -> &[JournalLine] {
        &self.journal
    }

    /// What became of the request that began each workflow.
    #[must_use]
    pub fn began(&self) -> &BTreeMap<WorkflowId, Began> {
        &self.began
    }

    /// The same with other rows in a table, for tests of invariants.
    #[must_use]
    pub fn with_rows(mut self, table: &str, rows: Vec<Value>) -> Self {
        self.tables.insert(table.to_owned(), Table::of(rows));
        self
    }

    /// The same with so many messages in a queue, for tests of invariants.
    #[must_use]
    pub fn with_queue(mut self, queue: &str, depth: u64) -> Self {
        self.queues.insert(queue.to_owned(), depth);
        self
    }

    /// The same with another execution, whose input is its name, for tests of invariants.
    #[must_use]
    pub fn with_saga(mut self, name: &str, status: &str, last_state: &str) -> Self {
        let (machine, input) = (String::new(), name.to_owned());
        let (name, status, last_state) = (name.to_owned(), status.to_owned(), last_state.to_owned());
        self.sagas.push(Execution { machine, name, status, last_state, input });
        self
    }

    /// The same with another line in the journal, for tests of invariants.
    #[must_use]
    pub fn with_line(mut self, line: JournalLine) -> Self {
        self.journal.push(line);
        self
    }

    /// The same with a workflow that began like this, for tests of invariants.
    #[must_use]
    pub fn with_began(mut self, workflow: u32, began: Began) -> Self {
        self.began.insert(WorkflowId(workflow), began);
        self
    }

    /// Reads everything. Rows that are as `before` had them are taken from there.
    pub(crate) async fn read(
        cloud: &Cloud,
        stack: &str,
        journal: Vec<JournalLine>,
        began: BTreeMap<WorkflowId, Began>,
        before: Self,
    ) -> Result<Self, ServiceError> {
        let reader = Reader { cloud, stack };
        let names = reader.names().await?;
        Ok(Self {
            tables: reader.tables(&names, before)?,
            queues: reader.queues().await?,
            sagas: reader.sagas().await?,
            journal,
            began,
        })
    }

    /// Reads these tables, by their names in the code, as they are at this moment. Rows that are as `before` had them are taken from
    /// there.
    pub(crate) fn of_tables(
        cloud: &Cloud,
        stack: &str,
        names: &BTreeSet<String>,
        before: Self,
    ) -> Result<Self, ServiceError> {
        Ok(Self { tables: Reader { cloud, stack }.tables(names, before)?, ..Self::default() })
    }
}

/// Reads through the services' own operations.
pub(crate) struct Reader<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) stack: &'a str,
}

impl Reader<'_> {
    fn short(&self, name: &str) -> String {
        name.strip_prefix(self.stack).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name).to_owned()
    }

    /// All pages of an operation: `token` is the member that leads on, in the answer and in the next request.
    async fn pages(
        &self,
        service: Service,
        operation: &str,
        mut input: Value,
        token: (&str, &str),
        member: &str,
    ) -> Result<Vec<Value>, ServiceError> {
        let mut found = Vec::new();
        loop {
            let mut answer = self.cloud.call(service, operation, input.clone()).await?;
            if let Some(Value::Array(items)) = answer.get_mut(member).map(Value::take) {
                found.extend(items);
            }
            match (answer.get_mut(token.0).map(Value::take), &mut input) {
                (Some(next), Value::Object(members)) if !next.is_null() => members.insert(token.1.to_owned(), next),
                _ => return Ok(found),
            };
        }
    }

    /// The tables of the account, by their names in the code.
    async fn names(&self) -> Result<BTreeSet<String>, ServiceError> {
        let token = ("LastEvaluatedTableName", "ExclusiveStartTableName");
        let names = self.pages(Service::DynamoDb, "ListTables", json!({}), token, "TableNames").await?;
        Ok(names.iter().filter_map(Value::as_str).map(|name| self.short(name)).collect())
    }

    fn tables(&self, names: &BTreeSet<String>, mut before: View) -> Result<BTreeMap<String, Table>, ServiceError> {
        let read = |name: &String| {
            let items = self.cloud.items(&format!("{}-{name}", self.stack))?;
            Ok((name.clone(), Table::read(items, before.tables.remove(name).unwrap_or_default())))
        };
        names.iter().map(read).collect()
    }

    /// How many rows of the event store are not sent.
    pub(crate) async fn unsent(&self, table: &str) -> Result<usize, ServiceError> {
        let input = json!({ "TableName": format!("{}-{table}", self.stack), "IndexName": "unsent" });
        let token = ("LastEvaluatedKey", "ExclusiveStartKey");
        Ok(self.pages(Service::DynamoDb, "Scan", input, token, "Items").await?.len())
    }

    async fn queues(&self) -> Result<BTreeMap<String, u64>, ServiceError> {
        let urls = self.pages(Service::Sqs, "ListQueues", json!({}), ("NextToken", "NextToken"), "QueueUrls").await?;
        let mut queues = BTreeMap::new();
        for url in urls.iter().filter_map(Value::as_str) {
            let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
            let answer = self.cloud.call(Service::Sqs, "GetQueueAttributes", input).await?;
            let count = |name: &str| {
                let text = answer.pointer(&format!("/Attributes/ApproximateNumberOfMessages{name}"));
                text.and_then(Value::as_str).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default()
            };
            let depth = ["", "NotVisible", "Delayed"].into_iter().map(count).sum();
            queues.insert(self.short(url.rsplit('/').next().unwrap_or(url)), depth);
        }
        Ok(queues)
    }

    async fn sagas(&self) -> Result<Vec<Execution>, ServiceError> {
        let token = ("nextToken", "nextToken");
        let machines =
            self.pages(Service::StepFunctions, "ListStateMachines", json!({}), token, "stateMachines").await?;
        let mut sagas = Vec::new();
        for machine in machines {
            let text = |name: &str| machine.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let input = json!({ "stateMachineArn": text("stateMachineArn"), "maxResults": 1000 });
            let found = self.pages(Service::StepFunctions, "ListExecutions", input, token, "executions").await?;
            for execution in found {
                sagas.push(self.saga(&self.short(&text("name")), &execution).await?);
            }
        }
        sagas.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(sagas)
    }

    async fn saga(&self, machine: &str, execution: &Value) -> Result<Execution, ServiceError> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let arn = json!({ "executionArn": execution.get("executionArn") });
        let described = self.cloud.call(Service::StepFunctions, "DescribeExecution", arn.clone()).await?;
        let mut history = arn;
        if let Value::Object(members) = &mut history {
            members.insert("maxResults".into(), 100.into());
            members.insert("reverseOrder".into(), true.into());
            members.insert("includeExecutionData".into(), false.into());
        }
        let history = self.cloud.call(Service::StepFunctions, "GetExecutionHistory", history).await?;
        let events = history.get("events").and_then(Value::as_array);
        let entered =
            |event: &Value| event.pointer("/stateEnteredEventDetails/name").and_then(Value::as_str).map(str::to_owned);
        Ok(Execution {
            machine: machine.to_owned(),
            name: text(execution, "name"),
            status: text(execution, "status"),
            last_state: events.into_iter().flatten().find_map(entered).unwrap_or_default(),
            input: text(&described, "input"),
        })
    }
}
