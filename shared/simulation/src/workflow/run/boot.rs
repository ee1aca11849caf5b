//! The cloud of a run, booted from the template.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_sandbox::dynamodb::KnownExpressions;
use throughline_sandbox::lambda::Code;
use throughline_sandbox::template::{FunctionResource, ResolveOptions, Template, Topology, boot as boot_stack};
use throughline_sandbox::{Clock, Cloud, Service, ServiceError};

use super::RunError;
use crate::workflow::definition::Workflow;
use crate::workflow::dice::mix;
use crate::workflow::host::{Burst, Host, Lags};
use crate::workflow::in_cloud::InCloud;
use crate::workflow::item::item;
use crate::workflow::plan::{Fault, Plan};
use crate::workflow::settings::Settings;

/// The stack's name.
pub(super) const STACK: &str = "orders";
/// When every run begins, in seconds since 1970: 2026-11-24T10:00:00Z.
pub(crate) const ORIGIN: i64 = 1_795_514_400;
/// How long an outage lasts.
const OUTAGE: Duration = Duration::from_secs(3_600);

/// Everything that a run needs.
pub(super) struct World {
    pub(super) cloud: Cloud,
    pub(super) host: Arc<Host>,
    pub(super) plan: Arc<Plan>,
    /// The event store's name in the code, if the stack has one.
    pub(super) outbox: Option<String>,
}

/// In which time all workflows begin.
pub(super) fn span(workflow: &Workflow, settings: &Settings) -> Duration {
    workflow.every * settings.workflows
}

pub(super) async fn boot(
    template: &Template,
    expressions: KnownExpressions,
    workflow: &Workflow,
    settings: &Settings,
) -> Result<World, RunError> {
    let clock = Clock::starting_at(jiff::Timestamp::from_second(ORIGIN).unwrap_or_default());
    let cloud = Cloud::builder(clock).seed(mix(settings.seed)).expressions(expressions).build();
    let plan = Arc::new(Plan::new(settings.seed, settings.faults.clone(), clock));
    let mut options = ResolveOptions::new(&cloud, STACK);
    for (name, value) in &workflow.parameters {
        options = options.parameter(name, value);
    }
    let mut topology = template.resolve(&options)?;
    if !settings.full {
        // Nobody reads what Lambda writes of each invocation.
        topology.functions.iter_mut().for_each(|function| function.system_log_level = Some("WARN".to_owned()));
    }
    let host = Arc::new(host(&cloud, workflow, settings, &plan, &topology));
    let mut codes = BTreeMap::new();
    for function in &topology.functions {
        codes.insert(function.name.clone(), Code::InProcess(host.function(&function.short_name)?));
    }
    let code = |function: &FunctionResource| {
        let code = codes.get(&function.name).cloned();
        code.ok_or_else(|| ServiceError::new("ResourceNotFoundException", function.name.clone()))
    };
    boot_stack(&cloud, &topology, code).await.map_err(Box::new)?;
    fill(&cloud, workflow).await?;
    if !settings.full {
        quieten(&cloud, &topology).await?;
    }
    cloud.set_faults(Some(Arc::new(InCloud::new(&plan, STACK))));
    let outbox = topology.tables.iter().find(|table| table.name.ends_with("-events")).map(|_| "events".to_owned());
    Ok(World { cloud, host, plan, outbox })
}

fn host(cloud: &Cloud, workflow: &Workflow, settings: &Settings, plan: &Arc<Plan>, topology: &Topology) -> Host {
    let span = span(workflow, settings);
    let mut outages = BTreeMap::new();
    for (name, parts) in &workflow.may_be_down {
        if let Some(hour) = plan.window(Fault::Outage, &plan.site(name, "window", None), span, (OUTAGE, OUTAGE)) {
            outages.extend(parts.iter().map(|part| (part.clone(), hour.clone())));
        }
    }
    let mut host = Host::new(cloud, workflow.code.clone(), settings.seed)
        .faults(plan, span)
        .outages(outages)
        .bursts(Burst::all(plan, topology, STACK, span))
        .old_code(workflow.old_code.clone());
    for (name, handler) in &workflow.outside {
        host = host.outside(name, handler.clone());
    }
    if let Some(hook) = &workflow.hook {
        host = host.hook(hook.clone());
    }
    // A read of the past writes; the streams that record the journal would show that.
    if settings.full { host } else { host.in_memory().lags(Lags::all(plan, topology, STACK, span)) }
}

async fn fill(cloud: &Cloud, workflow: &Workflow) -> Result<(), RunError> {
    for (table, row) in &workflow.rows {
        let input = json!({ "TableName": format!("{STACK}-{table}"), "Item": item(row) });
        ask(cloud, Service::DynamoDb, "PutItem", input, &format!("put a row into {table}")).await?;
    }
    Ok(())
}

/// Functions that only write the journal do not run: nothing is sent to them.
async fn quieten(cloud: &Cloud, topology: &Topology) -> Result<(), RunError> {
    let mappings = ask(cloud, Service::Lambda, "ListEventSourceMappings", json!({}), "list event sources").await?;
    for mapping in mappings.get("EventSourceMappings").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| mapping.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("EventSourceArn").contains(":dynamodb:") {
            let input = json!({ "UUID": text("UUID") });
            ask(cloud, Service::Lambda, "DeleteEventSourceMapping", input, "stop reading a stream").await?;
        }
    }
    // A stream that nobody reads is written all the same.
    for table in topology.tables.iter().filter(|table| table.stream.is_some()) {
        let input = json!({ "TableName": table.name, "StreamSpecification": { "StreamEnabled": false } });
        ask(cloud, Service::DynamoDb, "UpdateTable", input, "end a stream").await?;
    }
    for subscription in &topology.subscriptions {
        let group = json!({ "logGroupName": subscription.log_group });
        let found = ask(cloud, Service::Logs, "DescribeSubscriptionFilters", group, "list subscriptions").await?;
        for filter in found.get("subscriptionFilters").and_then(Value::as_array).into_iter().flatten() {
            let input = json!({ "logGroupName": subscription.log_group, "filterName": filter.get("filterName") });
            ask(cloud, Service::Logs, "DeleteSubscriptionFilter", input, "end a subscription").await?;
        }
    }
    Ok(())
}

async fn ask(cloud: &Cloud, service: Service, operation: &str, input: Value, what: &str) -> Result<Value, RunError> {
    let answer = cloud.call(service, operation, input).await;
    answer.map_err(|source| RunError::Cloud { what: what.to_owned(), source })
}
