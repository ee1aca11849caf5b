//! The states that do work: Task, Parallel, Map.

use serde_json::Value;

use super::fields::Fields;
use super::state::amount;
use super::{errors, flow};
use crate::diagnostic::Rule;
use crate::execute::Resource;
use crate::machine::{Amount, Distributed, Flow, Map, Parallel, Percentage, QueryLanguage, ServiceTask, Task};
use crate::template::Template;

pub(super) fn task(fields: &mut Fields<'_>, language: QueryLanguage) -> Task {
    fields.require("Resource");
    let text = fields.string("Resource").unwrap_or_default();
    let resource = Resource::parse(&text);
    if fields.has("Resource") && resource.is_none() {
        fields.error(Rule::BadResource, "Resource", not_recognized(&text));
    }
    fields.exclusive(&["TimeoutSeconds", "TimeoutSecondsPath"]);
    fields.exclusive(&["HeartbeatSeconds", "HeartbeatSecondsPath"]);
    let timeout = amount(fields, "TimeoutSeconds", 1, language);
    let heartbeat = amount(fields, "HeartbeatSeconds", 1, language);
    if let (Some(Amount::Fixed(timeout)), Some(Amount::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        let message = "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'";
        fields.error(Rule::WrongValue, "HeartbeatSeconds", message);
    }
    let credentials = credentials(fields, language);
    let parameters = if language == QueryLanguage::Jsonata { "Arguments" } else { "Parameters" };
    let service = common(fields, language, parameters);
    Task { resource: resource.unwrap_or_else(Resource::missing), credentials, timeout, heartbeat, service }
}

fn credentials(fields: &mut Fields<'_>, language: QueryLanguage) -> Option<Template> {
    let has_role = fields.value("Credentials").is_none_or(|value| {
        let reference = language == QueryLanguage::JsonPath && value.get("RoleArn.$").is_some();
        reference || value.get("RoleArn").is_some()
    });
    if !has_role {
        fields.error(Rule::MissingField, "Credentials", "The field 'RoleArn' is required but was missing");
        return None;
    }
    match language {
        QueryLanguage::JsonPath => fields.json_path("Credentials"),
        QueryLanguage::Jsonata => fields.jsonata("Credentials"),
    }
}

fn not_recognized(arn: &str) -> String {
    format!(
        "The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
    )
}

pub(super) fn parallel(fields: &mut Fields<'_>, language: QueryLanguage) -> Parallel {
    fields.require("Branches");
    let parameters = if language == QueryLanguage::Jsonata { "Arguments" } else { "Parameters" };
    let service = common(fields, language, parameters);
    let place = fields.place("Branches");
    let mut branches = Vec::new();
    for (index, value) in fields.array("Branches").unwrap_or_default().iter().enumerate() {
        branches.extend(nested(value, &format!("{place}[{index}]"), fields));
    }
    if fields.has("Branches") && branches.is_empty() {
        fields.error(Rule::WrongValue, "Branches", "Value cannot be empty");
    }
    Parallel { branches, service }
}

fn nested(value: &Value, at: &str, outer: &Fields<'_>) -> Option<Flow> {
    let mut fields = Fields::of(value, at, outer.report)?;
    fields.string("Comment");
    flow_of(fields)
}

/// The states of a branch or processor, whose default language is the machine's.
fn flow_of(mut fields: Fields<'_>) -> Option<Flow> {
    let language = fields.report.language();
    let flow = flow::parse(&mut fields, language);
    fields.finish();
    Some(flow)
}

/// The flow of a Map state, and whether it runs in the distributed mode.
fn processor(value: &Value, at: &str, outer: &Fields<'_>) -> Option<(Flow, bool)> {
    let mut fields = Fields::of(value, at, outer.report)?;
    fields.string("Comment");
    let distributed = processor_config(&mut fields);
    flow_of(fields).map(|flow| (flow, distributed))
}

fn processor_config(fields: &mut Fields<'_>) -> bool {
    let place = fields.place("ProcessorConfig");
    let Some(value) = fields.value("ProcessorConfig") else { return false };
    let Some(mut config) = Fields::of(value, &place, fields.report) else { return false };
    let kind = config.string("ExecutionType");
    if let Some(other) = kind.filter(|kind| !matches!(kind.as_str(), "STANDARD" | "EXPRESS")) {
        let message = format!("'ExecutionType' must be 'STANDARD' or 'EXPRESS', not '{other}'");
        config.error(Rule::WrongValue, "ExecutionType", message);
    }
    let mode = config.string("Mode");
    let distributed = match mode.as_deref() {
        None | Some("INLINE") => false,
        Some("DISTRIBUTED") => true,
        Some(other) => {
            config.error(Rule::WrongValue, "Mode", format!("'Mode' must be 'INLINE' or 'DISTRIBUTED', not '{other}'"));
            false
        }
    };
    if distributed {
        config.require("ExecutionType");
    }
    config.finish();
    distributed
}

/// `ItemProcessor` and `ItemSelector`, or their older names `Iterator` and `Parameters`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>
pub(super) fn map(fields: &mut Fields<'_>, language: QueryLanguage) -> Map {
    fields.exclusive(&["ItemProcessor", "Iterator"]);
    fields.exclusive(&["ItemSelector", "Parameters"]);
    fields.unsupported(&["ItemReader", "ItemBatcher", "ResultWriter"]);
    let name = if fields.has("Iterator") { "Iterator" } else { "ItemProcessor" };
    fields.require(name);
    let place = fields.place(name);
    let parsed = fields.value(name).and_then(|value| processor(value, &place, fields));
    let (processor, is_distributed) = parsed.unwrap_or_default();
    // The fields of the distributed mode are accepted without it, as AWS accepts them.
    let limits = distributed(fields, language);
    let distributed = is_distributed.then_some(limits);
    let max_concurrency = amount(fields, "MaxConcurrency", 0, language).unwrap_or(Amount::Fixed(0));
    let (items, item_selector) = match language {
        QueryLanguage::JsonPath => {
            let selector = fields.json_path("ItemSelector");
            let items = fields.reference("ItemsPath");
            (items, selector.or_else(|| fields.json_path("Parameters")))
        }
        QueryLanguage::Jsonata => (fields.jsonata("Items"), fields.jsonata("ItemSelector")),
    };
    let mut service = common(fields, language, "");
    service.parameters = None;
    Map { processor, distributed, items, item_selector, max_concurrency, service }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>
fn distributed(fields: &mut Fields<'_>, language: QueryLanguage) -> Distributed {
    fields.exclusive(&["ToleratedFailureCount", "ToleratedFailureCountPath"]);
    fields.exclusive(&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]);
    let label = fields.string("Label");
    if let Some(label) = &label
        && (label.is_empty() || label.chars().count() > LABEL_CHARS || label.contains(not_in_label))
    {
        fields.error(Rule::WrongValue, "Label", format!("'{label}' is not a label of 1 to {LABEL_CHARS} characters"));
    }
    Distributed {
        label,
        tolerated_count: amount(fields, "ToleratedFailureCount", 0, language),
        tolerated_percentage: percentage(fields, language),
    }
}

/// The longest `Label`, in characters.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>
const LABEL_CHARS: usize = 40;

fn not_in_label(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "?*<>{}[]:;,\\|^~$#%&`\"".contains(c)
}

fn percentage(fields: &mut Fields<'_>, language: QueryLanguage) -> Option<Percentage> {
    const NAME: &str = "ToleratedFailurePercentage";
    if language == QueryLanguage::Jsonata && fields.value(NAME).is_some_and(Value::is_string) {
        return fields.jsonata(NAME).map(Percentage::Expression);
    }
    let found = fields.number(NAME, 0.0);
    if found.is_some_and(|number| number > 100.0) {
        fields.error(Rule::WrongValue, NAME, format!("'{NAME}' must be between 0 and 100"));
    }
    let found = found.map(Percentage::Fixed);
    if language == QueryLanguage::Jsonata {
        return found;
    }
    found.or(fields.path("ToleratedFailurePercentagePath").map(Percentage::Path))
}

fn common(fields: &mut Fields<'_>, language: QueryLanguage, parameters: &str) -> ServiceTask {
    let (retriers, catchers) = (errors::retriers(fields), errors::catchers(fields, language));
    let mut service = ServiceTask { parameters: None, result_selector: None, result_path: None, retriers, catchers };
    match language {
        QueryLanguage::JsonPath => {
            service.parameters = optional(parameters, |name| fields.json_path(name));
            service.result_selector = fields.json_path("ResultSelector");
            service.result_path = fields.result_path();
        }
        QueryLanguage::Jsonata => service.parameters = optional(parameters, |name| fields.jsonata(name)),
    }
    service
}

fn optional(name: &str, get: impl FnOnce(&str) -> Option<Template>) -> Option<Template> {
    if name.is_empty() { None } else { get(name) }
}
