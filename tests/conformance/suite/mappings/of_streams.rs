//! Event source mappings on DynamoDB streams.

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourcePosition, Filter, FilterCriteria, FunctionResponseType, OnFailure,
};
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use super::mapped;
use crate::given::{Function, Table, code, eventually, function, item, n, queue, streamed_table};

const DDB: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html";
const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html";
const PARTIAL: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html";
const FILTERS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html";
const CREATE: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        changes_reach_the_function,
        "A function gets changes as Records with eventName, dynamodb.Keys, NewImage, OldImage, SequenceNumber and eventSourceARN.",
        DDB
    ),
    case!(a_filter_drops_other_changes, "A record that matches no filter is skipped.", FILTERS),
    case!(
        a_batch_that_keeps_failing_goes_to_the_destination,
        "After MaximumRetryAttempts a batch is given up, and the on-failure destination gets where in the stream it was.",
        ERRORS
    ),
    case!(
        a_failing_batch_holds_its_shard,
        "A batch that fails is tried again before later changes of its shard.",
        ERRORS
    ),
    case!(
        a_bisected_batch_gives_up_one_record,
        "With BisectBatchOnFunctionError the good records of a failing batch are handled, and only the bad one is given up.",
        ERRORS
    ),
    case!(
        a_partial_failure_goes_on_from_the_record,
        "With ReportBatchItemFailures the batch is tried again from the first reported record.",
        PARTIAL
    ),
    case!(a_stream_needs_a_starting_position, "A mapping of a stream needs a StartingPosition.", CREATE),
];

fn describe(t: &Account, table: &Table, function: &Function) -> CreateEventSourceMappingFluentBuilder {
    let request = t.lambda.create_event_source_mapping().event_source_arn(&table.stream);
    request.function_name(&function.name).starting_position(EventSourcePosition::TrimHorizon)
}

/// The keys of the changes that a function was given, in order.
fn keys(events: &[Value]) -> Vec<String> {
    let records = events.iter().flat_map(|event| event["Records"].as_array().unwrap());
    records.map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap().to_owned()).collect()
}

async fn changes_reach_the_function(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "").await);
    table.put(item("a", "1", &[("v", n(1))])).await;
    table.put(item("a", "1", &[("v", n(2))])).await;
    mapped(&t, describe(&t, &table, &function)).await;
    let records = eventually(&t, "both changes", async || {
        let events = function.events(&t).await;
        let records = events.iter().flat_map(|event| event["Records"].as_array().unwrap().clone());
        let records: Vec<Value> = records.collect();
        (records.len() == 2).then_some(records)
    })
    .await;
    assert_eq!((&records[0]["eventName"], &records[1]["eventName"]), (&json!("INSERT"), &json!("MODIFY")));
    let record = &records[1];
    assert_eq!((&record["eventSource"], &record["eventSourceARN"]), (&json!("aws:dynamodb"), &json!(table.stream)));
    let change = &record["dynamodb"];
    assert_eq!(change["Keys"], json!({ "pk": { "S": "a" }, "sk": { "S": "1" } }));
    assert_eq!((&change["OldImage"]["v"], &change["NewImage"]["v"]), (&json!({ "N": "1" }), &json!({ "N": "2" })));
    assert!(change["SequenceNumber"].is_string() && change["StreamViewType"] == "NEW_AND_OLD_IMAGES", "{change}");
}

async fn a_filter_drops_other_changes(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "").await);
    let pattern = json!({ "eventName": ["INSERT"], "dynamodb": { "NewImage": { "v": { "N": ["2"] } } } });
    let filter = Filter::builder().pattern(pattern.to_string()).build();
    let request = describe(&t, &table, &function);
    mapped(&t, request.filter_criteria(FilterCriteria::builder().filters(filter).build())).await;
    for number in 1..=3 {
        table.put(item("a", &number.to_string(), &[("v", n(number))])).await;
    }
    function.given(&t, 1).await;
    t.quiet().await;
    assert_eq!(keys(&function.events(&t).await), ["2"]);
}

async fn a_batch_that_keeps_failing_goes_to_the_destination(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "fail").await);
    let failed = queue(&t, "failed", &[]).await;
    let destination = OnFailure::builder().destination(&failed.arn).build();
    let request = describe(&t, &table, &function).maximum_retry_attempts(1);
    mapped(&t, request.destination_config(DestinationConfig::builder().on_failure(destination).build())).await;
    table.put(item("a", "bad", &[])).await;
    let record = failed.next_json(&t).await;
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    let batch = &record["DDBStreamBatchInfo"];
    assert_eq!((&batch["batchSize"], &batch["streamArn"]), (&json!(1), &json!(table.stream)));
    assert!(batch["shardId"].is_string() && batch["startSequenceNumber"] == batch["endSequenceNumber"], "{batch}");
}

async fn a_failing_batch_holds_its_shard(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "fail").await);
    mapped(&t, describe(&t, &table, &function).maximum_retry_attempts(2).batch_size(1)).await;
    table.put(item("a", "bad", &[])).await;
    table.put(item("a", "good", &[])).await;
    let events = function.given(&t, 4).await;
    assert_eq!(keys(&events), ["bad", "bad", "bad", "good"]);
}

async fn a_bisected_batch_gives_up_one_record(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "fail").await);
    let failed = queue(&t, "failed", &[]).await;
    for sk in ["1", "2", "bad", "4"] {
        table.put(item("a", sk, &[])).await;
    }
    let destination = OnFailure::builder().destination(&failed.arn).build();
    let request = describe(&t, &table, &function).maximum_retry_attempts(3).bisect_batch_on_function_error(true);
    mapped(&t, request.destination_config(DestinationConfig::builder().on_failure(destination).build())).await;
    assert_eq!(failed.next_json(&t).await["DDBStreamBatchInfo"]["batchSize"], 1);
    eventually(&t, "the last record in a batch without the bad one", async || {
        let events = function.events(&t).await;
        let of_each = events.iter().map(|event| keys(std::slice::from_ref(event)));
        let good = |keys: &Vec<String>| !keys.iter().any(|key| key == "bad");
        let mut handled: Vec<String> = of_each.filter(good).flatten().collect();
        handled.sort();
        (handled == ["1", "2", "4"]).then_some(())
    })
    .await;
}

async fn a_partial_failure_goes_on_from_the_record(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "partial").await);
    for sk in ["1", "bad", "3"] {
        table.put(item("a", sk, &[])).await;
    }
    let request = describe(&t, &table, &function).maximum_retry_attempts(1).batch_size(10);
    mapped(&t, request.function_response_types(FunctionResponseType::ReportBatchItemFailures)).await;
    let events = function.given(&t, 2).await;
    assert_eq!(keys(&events[..1]), ["1", "bad", "3"]);
    assert_eq!(keys(&events[1..2]), ["bad", "3"]);
}

async fn a_stream_needs_a_starting_position(t: Account) {
    let (table, function) = (streamed_table(&t).await, function(&t, "f", "").await);
    let request = t.lambda.create_event_source_mapping().event_source_arn(&table.stream);
    assert_eq!(code(request.function_name(&function.name).send().await), "InvalidParameterValueException");
}
