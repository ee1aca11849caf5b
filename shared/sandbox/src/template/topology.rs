//! What a template describes, as typed values.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::cloudformation::Source;

/// Everything that a template describes for one stack, with all names worked out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Topology {
    /// The stack's name.
    pub stack_name: String,
    /// Every resource of the template, each after those that it refers to.
    pub resources: Vec<ResourceSummary>,
    /// Functions, in the template's order. So are all that follow.
    pub functions: Vec<FunctionResource>,
    /// Queues.
    pub queues: Vec<QueueResource>,
    /// Policies of queues.
    pub queue_policies: Vec<QueuePolicyResource>,
    /// Tables.
    pub tables: Vec<TableResource>,
    /// Event buses; the default bus is not among them.
    pub buses: Vec<BusResource>,
    /// Rules, those of functions' events included.
    pub rules: Vec<RuleResource>,
    /// Archives.
    pub archives: Vec<ArchiveResource>,
    /// Log groups.
    pub log_groups: Vec<LogGroupResource>,
    /// Subscriptions of functions to log groups.
    pub subscriptions: Vec<SubscriptionResource>,
    /// State machines.
    pub state_machines: Vec<StateMachineResource>,
    /// What polls queues and streams for functions.
    pub event_sources: Vec<EventSourceResource>,
    /// Retries and destinations of asynchronous invocations.
    pub invoke_configs: Vec<InvokeConfigResource>,
    /// The template's outputs.
    pub outputs: IndexMap<String, Output>,
    /// What a stack is made from.
    #[serde(skip)]
    pub(crate) source: Option<Source>,
}

/// A resource, by name and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceSummary {
    /// Its name in the template.
    pub logical_id: String,
    /// `AWS::SQS::Queue`.
    pub resource_type: String,
    /// Its name in the cloud.
    pub name: String,
    /// The line where it is declared.
    pub line: usize,
}

/// A value that the template shows to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// What it is.
    pub description: Option<String>,
    /// The value.
    pub value: String,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in the cloud: `orders-dev-reserve-stock`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its name in the code, the last part of `code_uri`: `reserve-stock`.
    pub short_name: String,
    /// Where its code is, as the template writes it, relative to the template's folder.
    pub code_uri: String,
    /// `provided.al2023`.
    pub runtime: String,
    /// The handler.
    pub handler: String,
    /// The processors it may run on.
    pub architectures: Vec<String>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The longest invocation, in seconds.
    pub timeout: u32,
    /// Its memory, in MiB.
    pub memory: u32,
    /// The log group, if one is named; otherwise it is `/aws/lambda/` and the name.
    pub log_group: Option<String>,
    /// `Text` or `JSON`.
    pub log_format: String,
    /// The lowest level of its own lines that is kept, in JSON format.
    pub application_log_level: Option<String>,
    /// The lowest level of the platform's lines that is kept, in JSON format.
    pub system_log_level: Option<String>,
    /// How many may run at once, if that is limited.
    pub reserved_concurrency: Option<u32>,
    /// Its policies, resolved. The local cloud enforces none; preflight reads them.
    pub policies: Value,
    /// The line where it is declared.
    pub line: usize,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its URL.
    pub url: String,
    /// Its attributes, as `CreateQueue` takes them.
    pub attributes: BTreeMap<String, String>,
    /// The ARN of its dead-letter queue.
    pub dead_letter_arn: Option<String>,
    /// How often a message is received before it goes there.
    pub max_receive_count: Option<u32>,
    /// The line where it is declared.
    pub line: usize,
}

/// Who may do what with queues.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueuePolicyResource {
    /// Its name in the template.
    pub logical_id: String,
    /// The queues' URLs.
    pub queues: Vec<String>,
    /// The policy document.
    pub policy: Value,
    /// The line where it is declared.
    pub line: usize,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The input of `CreateTable`.
    pub definition: Value,
    /// The attribute that holds an item's expiry.
    pub time_to_live: Option<String>,
    /// Whether it can be restored to a point in time.
    pub point_in_time_recovery: bool,
    /// Whether it is encrypted with a key of the account.
    pub encrypted: bool,
    /// What its stream shows, if it has one: `NEW_AND_OLD_IMAGES`.
    pub stream: Option<String>,
    /// The line where it is declared.
    pub line: usize,
}

/// An event bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BusResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The line where it is declared.
    pub line: usize,
}

/// A rule: a pattern, or a schedule, and where its events go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleResource {
    /// Its name in the template; for a function's event, SAM's: the function's and the event's name together.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// The bus's name; `default` when none is named.
    pub bus: String,
    /// The event pattern.
    pub pattern: Option<Value>,
    /// `rate(1 minute)`, `cron(…)`.
    pub schedule: Option<String>,
    /// `ENABLED` or `DISABLED`.
    pub state: String,
    /// What it is.
    pub description: Option<String>,
    /// Where its events go.
    pub targets: Vec<TargetResource>,
    /// The line where it is declared.
    pub line: usize,
}

/// Where a rule's events go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetResource {
    /// Its id within the rule.
    pub id: String,
    /// The queue's or function's ARN.
    pub arn: String,
    /// The ARN of the queue for what cannot be delivered.
    pub dead_letter_arn: Option<String>,
    /// The whole target, as `PutTargets` takes it.
    pub definition: Value,
}

/// An archive of a bus.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArchiveResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// The bus's ARN.
    pub source_arn: String,
    /// What it is.
    pub description: Option<String>,
    /// Which events it keeps; all, when absent.
    pub pattern: Option<Value>,
    /// How many days it keeps them; for ever, when absent.
    pub retention_days: Option<u32>,
    /// The line where it is declared.
    pub line: usize,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogGroupResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// How many days it keeps lines; for ever, when absent.
    pub retention_days: Option<u32>,
    /// The line where it is declared.
    pub line: usize,
}

/// A subscription of a function to a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscriptionResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// The log group's name.
    pub log_group: String,
    /// Which lines it takes.
    pub pattern: String,
    /// The function's ARN.
    pub destination_arn: String,
    /// The line where it is declared.
    pub line: usize,
}

/// A state machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateMachineResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `STANDARD` or `EXPRESS`.
    pub kind: String,
    /// Its definition in the Amazon States Language, with everything substituted.
    pub definition: String,
    /// Its role's ARN.
    pub role_arn: String,
    /// Its policies, resolved.
    pub policies: Value,
    /// The line where it is declared.
    pub line: usize,
}

/// What polls a queue or stream for a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventSourceResource {
    /// Its name in the template; for a function's event, SAM's: the function's and the event's name together.
    pub logical_id: String,
    /// The function's name.
    pub function: String,
    /// The queue's or stream's ARN. A stream's label is `latest` until its table exists.
    pub source_arn: String,
    /// How many records a batch has at most, if that is set.
    pub batch_size: Option<u32>,
    /// How long a batch is gathered, in seconds, if that is set.
    pub batching_window: Option<u32>,
    /// Whether the function says which records of a batch failed.
    pub reports_failures: bool,
    /// The ARN of the queue that hears of batches given up (streams).
    pub on_failure_arn: Option<String>,
    /// The whole mapping, as `CreateEventSourceMapping` takes it.
    pub definition: Value,
    /// The line where it is declared.
    pub line: usize,
}

/// Retries and destinations of a function's asynchronous invocations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InvokeConfigResource {
    /// Its name in the template; for a function's property, SAM's: the function's name and `EventInvokeConfig`.
    pub logical_id: String,
    /// The function's name.
    pub function: String,
    /// The ARN of what hears of failures.
    pub on_failure_arn: Option<String>,
    /// The whole configuration, as `PutFunctionEventInvokeConfig` takes it.
    pub definition: Value,
    /// The line where it is declared.
    pub line: usize,
}
