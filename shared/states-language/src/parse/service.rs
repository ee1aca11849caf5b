//! The states that do work: Task, Parallel, Map.

use serde_json::Value;

use super::fields::Fields;
use super::state::amount;
use super::{errors, flow};
use crate::diagnostic::Rule;
use crate::execute::Resource;
use crate::machine::{Amount, Flow, Map, Parallel, QueryLanguage, ServiceTask, Task};
use crate::template::Template;

pub(super) fn task(fields: &mut Fields<'_>, language: QueryLanguage) -> Task {
    fields.require("Resource");
    let text = fields.string("Resource").unwrap_or_default();
    let resource = Resource::parse(&text);
    if fields.has("Resource") && resource.is_none() {
        fields.error(Rule::BadResource, "Resource", format!("'{text}' is not an ARN of a resource"));
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
    fields.unsupported(&["Credentials"]);
    let parameters = if language == QueryLanguage::Jsonata { "Arguments" } else { "Parameters" };
    let service = common(fields, language, parameters);
    Task { resource: resource.unwrap_or_else(Resource::missing), timeout, heartbeat, service }
}

pub(super) fn parallel(fields: &mut Fields<'_>, language: QueryLanguage) -> Parallel {
    fields.require("Branches");
    let parameters = if language == QueryLanguage::Jsonata { "Arguments" } else { "Parameters" };
    let service = common(fields, language, parameters);
    let place = fields.place("Branches");
    let mut branches = Vec::new();
    for (index, value) in fields.array("Branches").unwrap_or_default().iter().enumerate() {
        branches.extend(nested(value, &format!("{place}[{index}]"), fields, language, false));
    }
    if fields.has("Branches") && branches.is_empty() {
        fields.error(Rule::WrongValue, "Branches", "'Branches' must not be empty");
    }
    Parallel { branches, service }
}

fn nested(value: &Value, at: &str, outer: &Fields<'_>, language: QueryLanguage, processor: bool) -> Option<Flow> {
    let mut fields = Fields::of(value, at, outer.report)?;
    fields.string("Comment");
    if processor {
        processor_config(&mut fields);
    }
    let flow = flow::parse(&mut fields, language);
    fields.finish();
    Some(flow)
}

fn processor_config(fields: &mut Fields<'_>) {
    let place = fields.place("ProcessorConfig");
    let Some(value) = fields.value("ProcessorConfig") else { return };
    let Some(mut config) = Fields::of(value, &place, fields.report) else { return };
    config.value("ExecutionType");
    match config.string("Mode").as_deref() {
        None | Some("INLINE") => {}
        Some("DISTRIBUTED") => {
            let message = "Map in 'DISTRIBUTED' mode is not supported by this interpreter";
            config.error(Rule::Unsupported, "Mode", message);
        }
        Some(other) => {
            config.error(Rule::WrongValue, "Mode", format!("'Mode' must be 'INLINE' or 'DISTRIBUTED', not '{other}'"));
        }
    }
    config.finish();
}

/// `ItemProcessor` and `ItemSelector`, or their older names `Iterator` and `Parameters`.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>
pub(super) fn map(fields: &mut Fields<'_>, language: QueryLanguage) -> Map {
    fields.exclusive(&["ItemProcessor", "Iterator"]);
    fields.exclusive(&["ItemSelector", "Parameters"]);
    fields.unsupported(&[
        "ItemReader",
        "ItemBatcher",
        "ResultWriter",
        "Label",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
    ]);
    let name = if fields.has("Iterator") { "Iterator" } else { "ItemProcessor" };
    fields.require(name);
    let place = fields.place(name);
    let processor = fields.value(name).and_then(|value| nested(value, &place, fields, language, true));
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
    Map { processor: processor.unwrap_or_default(), items, item_selector, max_concurrency, service }
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
