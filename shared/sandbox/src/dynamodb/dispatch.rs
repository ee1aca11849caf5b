//! From an operation's name to dynoxide's function for it.

use dynoxide::DynoxideError;
use dynoxide::actions as act;
use dynoxide::storage::Storage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::direct::Outcome;
use super::engine::Engine;
use super::errors;
use crate::cloud::Service;
use crate::wire::{Answer, ServiceError};

/// The operations of DynamoDB Streams.
pub(super) const STREAMS: &[&str] = &["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"];

/// Runs an operation on the direct path, or else by dynoxide.
pub(super) fn run(db: &Engine, operation: &str, input: Value) -> Answer {
    let unknown = match db.direct(operation, &input) {
        Some(Outcome::Answered(answer)) => return answer.map_err(|e| errors::convert(operation, e)),
        Some(Outcome::Theirs(unknown)) => Some(unknown),
        None => None,
    };
    let answer = run_theirs(db, operation, input);
    if let Some(unknown) = unknown
        && accepted(&answer)
    {
        db.learn(unknown);
    }
    answer
}

/// Whether dynoxide found the expressions of a request right.
fn accepted(answer: &Answer) -> bool {
    let conditions = ["ConditionalCheckFailedException", "TransactionCanceledException"];
    answer.as_ref().map_or_else(|error| conditions.contains(&error.code.as_str()), |_| true)
}

fn run_theirs(db: &Engine, operation: &str, input: Value) -> Answer {
    let vectors = &db.vectors;
    let answer = match operation {
        "CreateTable" => apply(db, input, act::create_table::execute),
        "DeleteTable" => apply(db, input, async |s: &Storage, r| act::delete_table::execute(s, r, vectors).await),
        "DescribeTable" => apply(db, input, async |s: &Storage, r| act::describe_table::execute(s, r, vectors).await),
        "ListTables" => apply(db, input, act::list_tables::execute),
        "UpdateTable" => apply(db, input, async |s: &Storage, r| act::update_table::execute(s, r, vectors).await),
        "UpdateTimeToLive" => apply(db, input, act::update_time_to_live::execute),
        "DescribeTimeToLive" => apply(db, input, act::describe_time_to_live::execute),
        "TagResource" => apply(db, input, act::tag_resource::execute),
        "UntagResource" => apply(db, input, act::untag_resource::execute),
        "ListTagsOfResource" => apply(db, input, act::list_tags_of_resource::execute),
        "SearchVectors" => apply(db, input, async |s: &Storage, r| act::search_vectors::execute(s, r, vectors).await),
        _ => return run_on_items(db, operation, input),
    };
    db.forget_tables();
    answer.map_err(|e| errors::convert(operation, e))
}

fn run_on_items(db: &Engine, operation: &str, input: Value) -> Answer {
    let answer = match operation {
        "PutItem" => apply(db, input, act::put_item::execute),
        "GetItem" => apply(db, input, act::get_item::execute),
        "DeleteItem" => apply(db, input, act::delete_item::execute),
        "UpdateItem" => apply(db, input, act::update_item::execute),
        "Query" => apply(db, input, act::query::execute),
        "Scan" => apply(db, input, act::scan::execute),
        "BatchGetItem" => apply(db, input, act::batch_get_item::execute),
        "BatchWriteItem" => apply(db, input, act::batch_write_item::execute),
        "TransactWriteItems" => apply(db, input, act::transact_write_items::execute),
        "TransactGetItems" => apply(db, input, act::transact_get_items::execute),
        "ExecuteStatement" => apply(db, input, act::execute_statement::execute),
        "ExecuteTransaction" => apply(db, input, act::execute_transaction::execute),
        "BatchExecuteStatement" => apply(db, input, act::batch_execute_statement::execute),
        _ => return Err(ServiceError::unsupported(Service::DynamoDb, operation)),
    };
    answer.map_err(|e| errors::convert(operation, e))
}

/// Runs an operation on streams on the direct path, or else by dynoxide.
pub(super) fn run_streams(db: &Engine, operation: &str, input: Value) -> Answer {
    if let Some(Outcome::Answered(answer)) = db.direct(operation, &input) {
        return answer.map_err(|e| errors::convert(operation, e));
    }
    let answer = match operation {
        "ListStreams" => apply(db, input, act::list_streams::execute),
        "DescribeStream" => apply(db, input, act::describe_stream::execute),
        "GetShardIterator" => apply(db, input, act::get_shard_iterator::execute),
        "GetRecords" => apply(db, input, act::get_records::execute),
        _ => return Err(ServiceError::unsupported(Service::DynamoDbStreams, operation)),
    };
    answer.map_err(|e| errors::convert(operation, e))
}

fn apply<I: DeserializeOwned, O: Serialize>(
    db: &Engine,
    input: Value,
    run: impl AsyncFnOnce(&Storage, I) -> Result<O, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_value(input).map_err(|e| errors::malformed(&e))?;
    let response = db.run(async |storage| run(storage, request).await)?;
    serde_json::to_value(&response).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}
