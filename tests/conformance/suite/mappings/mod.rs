//! Event source mappings on queues.

pub(crate) mod of_streams;

use std::time::Duration;

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;
use aws_sdk_lambda::types::{Filter, FilterCriteria, FunctionResponseType};
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Function, Queue, code, dead_letters, eventually, fifo, function, function_with, queue, refusal};

const SQS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html";
const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";
const FILTERS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html";
const CONFIGURE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html";
const CREATE: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html";
const WINDOW: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        messages_reach_the_function,
        "A function gets messages as Records with messageId, receiptHandle, body, attributes, md5OfBody, eventSource and eventSourceARN; they are deleted when it succeeds.",
        SQS
    ),
    case!(
        a_failed_batch_comes_back,
        "When the function fails, the messages come back after the visibility timeout.",
        ERRORS
    ),
    case!(
        messages_that_keep_failing_are_parked,
        "A message that fails maxReceiveCount times goes to the queue's dead-letter queue.",
        ERRORS
    ),
    case!(
        a_partial_failure_keeps_the_rest,
        "With ReportBatchItemFailures only the reported messages come back; the others are deleted.",
        ERRORS
    ),
    case!(an_unknown_item_fails_the_batch, "A reported identifier that is empty fails the whole batch.", ERRORS),
    case!(
        what_a_filter_rejects_is_deleted,
        "A message that matches no filter is deleted without an invocation.",
        FILTERS
    ),
    case!(
        a_window_gathers_a_batch,
        "With a batching window messages are gathered until it ends or the batch is full.",
        WINDOW
    ),
    case!(groups_keep_their_order, "A FIFO queue's function gets the messages of a group in order.", SQS),
    case!(
        a_disabled_mapping_reads_nothing,
        "A disabled mapping leaves messages in the queue; enabled again it reads them.",
        CREATE
    ),
    case!(
        one_mapping_for_queue_and_function,
        "A second mapping of the same queue and function fails with ResourceConflictException.",
        CREATE
    ),
    case!(large_batches_need_a_window, "A BatchSize above 10 needs a batching window of at least 1 second.", CREATE),
    case!(fifo_batches_end_at_ten, "A FIFO queue's BatchSize is 10 at most, and it takes no batching window.", CREATE),
    case!(
        visibility_is_at_least_the_timeout,
        "A queue whose visibility timeout is below the function's timeout is refused.",
        CONFIGURE
    ),
    case!(a_source_has_to_exist, "A mapping of a queue that does not exist is refused.", CREATE),
];

/// Starts describing a mapping.
fn describe(t: &Account, source: &str, function: &Function) -> CreateEventSourceMappingFluentBuilder {
    t.lambda.create_event_source_mapping().event_source_arn(source).function_name(&function.name)
}

/// Makes a mapping, waits until it is enabled, and answers its id.
pub(crate) async fn mapped(t: &Account, request: CreateEventSourceMappingFluentBuilder) -> String {
    let id = request.send().await.unwrap().uuid.unwrap();
    t.at_end(t.lambda.delete_event_source_mapping().uuid(&id).send());
    state(t, &id, "Enabled").await;
    id
}

async fn state(t: &Account, id: &str, state: &str) {
    eventually(t, state, async || {
        let answer = t.lambda.get_event_source_mapping().uuid(id).send().await.unwrap();
        (answer.state()? == state).then_some(())
    })
    .await;
}

fn bodies(events: &[Value]) -> Vec<&str> {
    let records = events.iter().flat_map(|event| event["Records"].as_array().unwrap());
    records.map(|record| record["body"].as_str().unwrap()).collect()
}

async fn source(t: &Account) -> Queue {
    queue(t, "source", &[]).await
}

async fn messages_reach_the_function(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    mapped(&t, describe(&t, &queue.arn, &function)).await;
    let id = queue.send("hello").await;
    let record = function.given(&t, 1).await.remove(0)["Records"][0].take();
    assert_eq!((&record["messageId"], &record["body"]), (&json!(id), &json!("hello")));
    assert_eq!(record["md5OfBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!((&record["eventSource"], &record["eventSourceARN"]), (&json!("aws:sqs"), &json!(queue.arn)));
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert!(record["receiptHandle"].is_string() && record["awsRegion"].is_string(), "{record}");
    assert!(record["attributes"]["SentTimestamp"].is_string(), "{record}");
    queue.drained(&t).await;
}

async fn a_failed_batch_comes_back(t: Account) {
    let queue = queue(&t, "source", &[("VisibilityTimeout", "4")]).await;
    let function = function_with(&t, "f", "first", Duration::from_secs(4)).await;
    mapped(&t, describe(&t, &queue.arn, &function)).await;
    queue.send("hello").await;
    let events = function.given(&t, 2).await;
    let counts: Vec<_> =
        events.iter().map(|event| &event["Records"][0]["attributes"]["ApproximateReceiveCount"]).collect();
    assert_eq!(counts, ["1", "2"]);
    queue.drained(&t).await;
}

async fn messages_that_keep_failing_are_parked(t: Account) {
    let (queue, parked) = dead_letters(&t, 2, &[("VisibilityTimeout", "3")]).await;
    let function = function_with(&t, "f", "fail", Duration::from_secs(3)).await;
    mapped(&t, describe(&t, &queue.arn, &function)).await;
    let id = queue.send("bad").await;
    assert_eq!(parked.next(&t).await.message_id(), Some(id.as_str()));
    assert_eq!(function.given(&t, 2).await.len(), 2);
}

async fn a_partial_failure_keeps_the_rest(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[("VisibilityTimeout", "5")]).await;
    let function = function_with(&t, "f", "partial", Duration::from_secs(5)).await;
    let request = describe(&t, &queue.arn, &function).batch_size(10).maximum_batching_window_in_seconds(1);
    mapped(&t, request.function_response_types(FunctionResponseType::ReportBatchItemFailures)).await;
    for body in ["good 1", "bad", "good 2"] {
        queue.send(body).await;
    }
    assert_eq!(parked.next(&t).await.body(), Some("bad"));
    queue.drained(&t).await;
    let events = function.events(&t).await;
    let mut bodies = bodies(&events);
    bodies.sort_unstable();
    assert_eq!(bodies, ["bad", "good 1", "good 2"]);
}

async fn an_unknown_item_fails_the_batch(t: Account) {
    let (queue, parked) = dead_letters(&t, 1, &[("VisibilityTimeout", "2")]).await;
    let function = function_with(&t, "f", "empty", Duration::from_secs(2)).await;
    let request = describe(&t, &queue.arn, &function);
    mapped(&t, request.function_response_types(FunctionResponseType::ReportBatchItemFailures)).await;
    queue.send("hello").await;
    assert_eq!(parked.next(&t).await.body(), Some("hello"));
}

async fn what_a_filter_rejects_is_deleted(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    let filter = Filter::builder().pattern(json!({ "body": { "state": ["paid"] } }).to_string()).build();
    let request =
        describe(&t, &queue.arn, &function).filter_criteria(FilterCriteria::builder().filters(filter).build());
    mapped(&t, request).await;
    for body in [r#"{"state":"open"}"#, "not JSON", r#"{"state":"paid"}"#] {
        queue.send(body).await;
    }
    function.given(&t, 1).await;
    queue.drained(&t).await;
    assert_eq!(bodies(&function.events(&t).await), [r#"{"state":"paid"}"#]);
}

async fn a_window_gathers_a_batch(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    mapped(&t, describe(&t, &queue.arn, &function).batch_size(10).maximum_batching_window_in_seconds(2)).await;
    for body in ["1", "2", "3"] {
        queue.send(body).await;
    }
    let events = eventually(&t, "all messages", async || {
        let events = function.events(&t).await;
        (bodies(&events).len() == 3).then_some(events)
    })
    .await;
    assert!(events.len() < 3, "{events:?}");
}

async fn groups_keep_their_order(t: Account) {
    let (queue, function) = (fifo(&t, "source", &[]).await, function(&t, "f", "").await);
    for number in 1..=6 {
        queue.send_in(if number % 2 == 0 { "even" } else { "odd" }, &number.to_string(), &number.to_string()).await;
    }
    mapped(&t, describe(&t, &queue.arn, &function).batch_size(2)).await;
    let events = eventually(&t, "all messages", async || {
        let events = function.events(&t).await;
        (bodies(&events).len() == 6).then_some(events)
    })
    .await;
    let bodies = bodies(&events);
    let of =
        |rest: u32| bodies.iter().filter(|body| body.parse::<u32>().unwrap() % 2 == rest).copied().collect::<Vec<_>>();
    assert_eq!((of(1), of(0)), (vec!["1", "3", "5"], vec!["2", "4", "6"]));
}

async fn a_disabled_mapping_reads_nothing(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    let id = describe(&t, &queue.arn, &function).enabled(false).send().await.unwrap().uuid.unwrap();
    t.at_end(t.lambda.delete_event_source_mapping().uuid(&id).send());
    state(&t, &id, "Disabled").await;
    queue.send("hello").await;
    t.quiet().await;
    assert_eq!(queue.attribute("ApproximateNumberOfMessages").await, "1");
    t.lambda.update_event_source_mapping().uuid(&id).enabled(true).send().await.unwrap();
    assert_eq!(bodies(&function.given(&t, 1).await), ["hello"]);
}

async fn one_mapping_for_queue_and_function(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    mapped(&t, describe(&t, &queue.arn, &function)).await;
    assert_eq!(code(describe(&t, &queue.arn, &function).send().await), "ResourceConflictException");
}

async fn large_batches_need_a_window(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    let refused = code(describe(&t, &queue.arn, &function).batch_size(11).send().await);
    assert_eq!(refused, "InvalidParameterValueException");
    mapped(&t, describe(&t, &queue.arn, &function).batch_size(11).maximum_batching_window_in_seconds(1)).await;
}

async fn fifo_batches_end_at_ten(t: Account) {
    let (queue, function) = (fifo(&t, "source", &[]).await, function(&t, "f", "").await);
    let request = describe(&t, &queue.arn, &function);
    let many = request.clone().batch_size(11).send().await;
    assert_eq!(code(many), "InvalidParameterValueException");
    let window = request.maximum_batching_window_in_seconds(1).send().await;
    assert_eq!(code(window), "InvalidParameterValueException");
}

async fn visibility_is_at_least_the_timeout(t: Account) {
    let queue = queue(&t, "source", &[("VisibilityTimeout", "4")]).await;
    let function = function(&t, "f", "").await;
    let (code, message) = refusal(describe(&t, &queue.arn, &function).send().await);
    assert_eq!(code, "InvalidParameterValueException");
    let expected = "Queue visibility timeout: 4 seconds is less than Function timeout: 10 seconds";
    assert!(message.contains(expected), "{message}");
}

async fn a_source_has_to_exist(t: Account) {
    let (queue, function) = (source(&t).await, function(&t, "f", "").await);
    let none = queue.arn.replace("source", "none");
    assert_eq!(code(describe(&t, &none, &function).send().await), "InvalidParameterValueException");
}
