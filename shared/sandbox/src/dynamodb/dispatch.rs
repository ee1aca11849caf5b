//! From an operation's name to dynoxide's function for it.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors;
use crate::cloud::Service;
use crate::wire::{Answer, ServiceError};

/// The operations of DynamoDB Streams.
pub(super) const STREAMS: &[&str] = &["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"];

pub(super) fn run(db: &Database, operation: &str, input: Value) -> Answer {
    let answer = match operation {
        "CreateTable" => apply(input, |r| db.create_table(r)),
        "DeleteTable" => apply(input, |r| db.delete_table(r)),
        "DescribeTable" => apply(input, |r| db.describe_table(r)),
        "ListTables" => apply(input, |r| db.list_tables(r)),
        "UpdateTable" => apply(input, |r| db.update_table(r)),
        "UpdateTimeToLive" => apply(input, |r| db.update_time_to_live(r)),
        "DescribeTimeToLive" => apply(input, |r| db.describe_time_to_live(r)),
        "TagResource" => apply(input, |r| db.tag_resource(r)),
        "UntagResource" => apply(input, |r| db.untag_resource(r)),
        "ListTagsOfResource" => apply(input, |r| db.list_tags_of_resource(r)),
        "SearchVectors" => apply(input, |r| db.search_vectors(r)),
        _ => return run_on_items(db, operation, input),
    };
    answer.map_err(|e| errors::convert(operation, e))
}

fn run_on_items(db: &Database, operation: &str, input: Value) -> Answer {
    let answer = match operation {
        "PutItem" => apply(input, |r| db.put_item(r)),
        "GetItem" => apply(input, |r| db.get_item(r)),
        "DeleteItem" => apply(input, |r| db.delete_item(r)),
        "UpdateItem" => apply(input, |r| db.update_item(r)),
        "Query" => apply(input, |r| db.query(r)),
        "Scan" => apply(input, |r| db.scan(r)),
        "BatchGetItem" => apply(input, |r| db.batch_get_item(r)),
        "BatchWriteItem" => apply(input, |r| db.batch_write_item(r)),
        "TransactWriteItems" => apply(input, |r| db.transact_write_items(r)),
        "TransactGetItems" => apply(input, |r| db.transact_get_items(r)),
        "ExecuteStatement" => apply(input, |r| db.execute_statement(r)),
        "ExecuteTransaction" => apply(input, |r| db.execute_transaction(r)),
        "BatchExecuteStatement" => apply(input, |r| db.batch_execute_statement(r)),
        _ => return Err(ServiceError::unsupported(Service::DynamoDb, operation)),
    };
    answer.map_err(|e| errors::convert(operation, e))
}

pub(super) fn run_streams(db: &Database, operation: &str, input: Value) -> Answer {
    let answer = match operation {
        "ListStreams" => apply(input, |r| db.list_streams(r)),
        "DescribeStream" => apply(input, |r| db.describe_stream(r)),
        "GetShardIterator" => apply(input, |r| db.get_shard_iterator(r)),
        "GetRecords" => apply(input, |r| db.get_records(r)),
        _ => return Err(ServiceError::unsupported(Service::DynamoDbStreams, operation)),
    };
    answer.map_err(|e| errors::convert(operation, e))
}

fn apply<I: DeserializeOwned, O: Serialize>(
    input: Value,
    run: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_value(input).map_err(|e| errors::malformed(&e))?;
    let response = run(request)?;
    serde_json::to_value(&response).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}
