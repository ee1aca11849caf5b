//! `AWS::Lambda::EventSourceMapping`, `AWS::Lambda::EventInvokeConfig`, and the same as properties of a SAM function.

use serde_json::{Map, Value, json};

use super::{Resource, function_name};
use crate::template::error::ErrorKind;
use crate::template::reader::Reader;
use crate::template::topology::{EventSourceResource, InvokeConfigResource, Topology};

/// Settings that `CreateEventSourceMapping` takes by the same name.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
const NUMBERS: [&str; 5] = [
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
];

pub(super) fn mapping(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    let function = function_name(&reader.required_text("FunctionName").unwrap_or_default());
    reader.no_effect(&["KmsKeyArn", "Tags"]);
    add(topology, resource.logical_id.to_owned(), function, "EventSourceArn", reader, resource.place.line);
}

/// Adds a mapping whose source is the property `source`.
pub(super) fn add(
    topology: &mut Topology,
    logical_id: String,
    function: String,
    source: &str,
    reader: Reader<'_>,
    line: usize,
) {
    let source_arn = reader.required_text(source).unwrap_or_default();
    let mut definition = Map::from_iter([
        ("FunctionName".to_owned(), Value::from(function.as_str())),
        ("EventSourceArn".to_owned(), source_arn.as_str().into()),
        ("Enabled".to_owned(), reader.boolean("Enabled").unwrap_or(true).into()),
    ]);
    for key in NUMBERS {
        if let Some(number) = reader.integer(key) {
            definition.insert(key.to_owned(), number.into());
        }
    }
    if let Some(bisect) = reader.boolean("BisectBatchOnFunctionError") {
        definition.insert("BisectBatchOnFunctionError".into(), bisect.into());
    }
    if let Some(position) = reader.one_of("StartingPosition", &["TRIM_HORIZON", "LATEST"]) {
        definition.insert("StartingPosition".into(), position.into());
    }
    let types = reader.texts("FunctionResponseTypes").unwrap_or_default();
    let reports_failures = types.iter().any(|kind| kind == "ReportBatchItemFailures");
    if !types.is_empty() {
        definition.insert("FunctionResponseTypes".into(), types.into());
    }
    definition.extend(nested(&reader));
    let on_failure_arn = destinations(&reader, &mut definition);
    let batch_size = reader.number("BatchSize");
    let batching_window = reader.number("MaximumBatchingWindowInSeconds");
    reader.finish();
    topology.event_sources.push(EventSourceResource {
        logical_id,
        function,
        source_arn,
        batch_size,
        batching_window,
        reports_failures,
        on_failure_arn,
        definition: Value::Object(definition),
        line,
    });
}

fn nested(reader: &Reader<'_>) -> Map<String, Value> {
    let mut found = Map::new();
    if let Some(scaling) = reader.nested("ScalingConfig") {
        if let Some(number) = scaling.number("MaximumConcurrency") {
            found.insert("ScalingConfig".into(), json!({ "MaximumConcurrency": number }));
        }
        scaling.finish();
    }
    if let Some(criteria) = reader.nested("FilterCriteria") {
        let filters: Vec<Value> = criteria.nested_items("Filters").into_iter().filter_map(filter).collect();
        criteria.finish();
        found.insert("FilterCriteria".into(), json!({ "Filters": filters }));
    }
    found
}

fn filter(reader: Reader<'_>) -> Option<Value> {
    let pattern = reader.required_text("Pattern");
    reader.finish();
    pattern.map(|pattern| json!({ "Pattern": pattern }))
}

pub(super) fn invoke_config(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    let function = function_name(&reader.required_text("FunctionName").unwrap_or_default());
    if reader.text("Qualifier").is_some_and(|qualifier| qualifier != "$LATEST") {
        let message = "the local cloud has no versions or aliases: Qualifier can only be $LATEST";
        reader.report(ErrorKind::UnsupportedProperty, reader.place_of("Qualifier"), message);
    }
    add_invoke_config(topology, resource.logical_id.to_owned(), function, reader, resource.place.line);
}

/// Adds the settings of a function's asynchronous invocations.
pub(super) fn add_invoke_config(
    topology: &mut Topology,
    logical_id: String,
    function: String,
    reader: Reader<'_>,
    line: usize,
) {
    let mut definition = Map::from_iter([("FunctionName".to_owned(), Value::from(function.as_str()))]);
    for key in ["MaximumRetryAttempts", "MaximumEventAgeInSeconds"] {
        if let Some(number) = reader.number(key) {
            definition.insert(key.to_owned(), number.into());
        }
    }
    let on_failure_arn = destinations(&reader, &mut definition);
    reader.finish();
    let definition = Value::Object(definition);
    topology.invoke_configs.push(InvokeConfigResource { logical_id, function, on_failure_arn, definition, line });
}

/// Reads `DestinationConfig` into `definition`, without the `Type` that SAM adds. Gives the failures' ARN.
fn destinations(reader: &Reader<'_>, definition: &mut Map<String, Value>) -> Option<String> {
    let config = reader.nested("DestinationConfig")?;
    let mut found = Map::new();
    for key in ["OnFailure", "OnSuccess"] {
        let Some(destination) = config.nested(key) else { continue };
        destination.one_of("Type", &["SQS", "Lambda", "EventBridge"]);
        if let Some(arn) = destination.required_text("Destination") {
            found.insert(key.to_owned(), json!({ "Destination": arn }));
        }
        destination.finish();
    }
    config.finish();
    let on_failure = found.get("OnFailure").and_then(|to| to.get("Destination")).and_then(Value::as_str);
    let on_failure = on_failure.map(str::to_owned);
    definition.insert("DestinationConfig".into(), found.into());
    on_failure
}
