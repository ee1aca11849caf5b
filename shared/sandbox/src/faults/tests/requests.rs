use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use tokio::time::Instant;

use super::*;
use crate::connector;
use crate::faults::{Call, Faults, Moment, RequestFault};
use crate::gateway::Gateway;

const COUNT: (Service, &str) = (Service::DynamoDb, "UpdateItem");

fn on_count(nth: u64, fault: RequestFault) -> Script {
    Script::new().request(COUNT.0, COUNT.1, nth, fault)
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_has_done_nothing() {
    let bench = Bench::new(on_count(1, RequestFault::throttled(Service::DynamoDb))).await;
    let error = count(&bench.dynamodb, "runs").await.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(bench.counted().await, 0);
    count(&bench.dynamodb, "runs").await.unwrap();
    assert_eq!(bench.counted().await, 1);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_lost_has_done_nothing_and_one_whose_answer_is_lost_took_effect_once() {
    for (fault, effect) in [(RequestFault::LoseRequest, 0), (RequestFault::LoseAnswer, 1)] {
        let bench = Bench::new(on_count(1, fault)).await;
        let error = count(&bench.dynamodb, "runs").await.unwrap_err();
        assert!(error.as_service_error().is_none(), "{error:?}");
        assert!(matches!(&error, Failed::DispatchFailure(failure) if failure.is_io()), "{error:?}");
        assert_eq!(bench.counted().await, effect);
        bench.all_happened();
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_request_takes_effect_after_its_client_is_gone() {
    let (before, after) = (Duration::from_secs(5), Duration::from_secs(2));
    let bench = Bench::new(on_count(1, RequestFault::Late { before, after })).await;
    let client = bench.dynamodb.clone();
    let impatient = tokio::time::timeout(Duration::from_secs(1), count(&client, "runs")).await;
    assert!(impatient.is_err());
    assert_eq!(bench.counted().await, 0);
    assert_eq!(bench.cloud.pending().as_deref(), Some("a request that is late"));
    bench.cloud.settle(Duration::from_secs(10)).await.unwrap();
    assert_eq!(bench.counted().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_comes_when_both_waits_are_over() {
    let (before, after) = (Duration::from_secs(5), Duration::from_secs(2));
    let bench = Bench::new(on_count(1, RequestFault::Late { before, after })).await;
    let begun = Instant::now();
    count(&bench.dynamodb, "runs").await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 7);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_run_is_killed_before_or_after_any_of_its_requests() {
    for (nth, moment, counted) in
        [(1, Moment::Before, 0), (1, Moment::After, 1), (2, Moment::Before, 1), (2, Moment::After, 2)]
    {
        let script = Script::new().request_by("f", COUNT.0, COUNT.1, nth, RequestFault::Crash(moment));
        let bench = Bench::new(script).await;
        bench.counter("f");
        let answer = bench.ok(Service::Lambda, "Invoke", json!({ "FunctionName": "f" })).await;
        assert_eq!(answer["FunctionError"], "Unhandled");
        let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
        assert_eq!(payload["errorType"], "Runtime.ExitError");
        assert!(payload["errorMessage"].as_str().unwrap().ends_with("signal: killed"), "{payload}");
        assert_eq!(bench.counted().await, counted, "request {nth}, {moment:?}");
        bench.all_happened();
    }
}

/// Function, number of its request, service and operation.
type Asked = (Option<(String, u64)>, Service, String);

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_goes_wrong_in_every_account_and_region() {
    let script = Arc::new(Script::new().request(Service::Sqs, "ListQueues", 1, RequestFault::throttled(Service::Sqs)));
    let cloud = Cloud::builder(cloud().clock()).worldwide().faults(script.clone()).build();
    let config = config(&cloud).into_builder().region(aws_types::region::Region::new("eu-west-1")).build();
    let error = aws_sdk_sqs::Client::new(&config).list_queues().send().await.unwrap_err();
    assert!(error.into_service_error().is_request_throttled());
    assert!(script.left().is_empty());
}

/// Writes down who asked for what.
#[derive(Debug, Default)]
struct Witness(std::sync::Mutex<Vec<Asked>>);

impl Faults for Witness {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        let caller = call.caller.map(|caller| (caller.function.clone(), caller.nth));
        self.0.lock().unwrap().push((caller, call.service, call.operation.to_owned()));
        None
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_is_known_in_this_process_and_services_are_not_asked_about() {
    let bench = Bench::new(Script::new()).await;
    bench.counter("f");
    let witness = Arc::new(Witness::default());
    bench.cloud.set_faults(Some(witness.clone()));
    bench.ok(Service::Lambda, "Invoke", json!({ "FunctionName": "f" })).await;
    count(&bench.dynamodb, "runs").await.unwrap();
    let by = |caller: Option<(&str, u64)>| {
        (caller.map(|(name, nth)| (name.to_owned(), nth)), Service::DynamoDb, "UpdateItem".to_owned())
    };
    assert_eq!(*witness.0.lock().unwrap(), [by(Some(("f", 1))), by(Some(("f", 2))), by(None)]);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_said_as_the_operation_says_it() {
    #[derive(Debug)]
    struct Conflicts;
    impl Faults for Conflicts {
        fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
            RequestFault::conflict(call, &[1])
        }
    }
    let bench = Bench::new(Script::new()).await;
    bench.cloud.set_faults(Some(Arc::new(Conflicts)));
    let error = count(&bench.dynamodb, "runs").await.unwrap_err();
    assert!(error.into_service_error().is_transaction_conflict_exception());

    let put = |pk: &str| {
        let put = Put::builder().table_name("table").item("pk", AttributeValue::S(pk.into())).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let write = bench.dynamodb.transact_write_items().transact_items(put("a")).transact_items(put("b"));
    let error = write.send().await.unwrap_err().into_service_error();
    assert_eq!(
        error.message(),
        Some(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]"
        )
    );
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = error
    else {
        panic!("{error:?}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "TransactionConflict"]);

    let read = bench.dynamodb.get_item().table_name("table").key("pk", AttributeValue::S("a".into())).send().await;
    assert!(read.unwrap().item().is_none(), "a read has no conflict, and the transaction has written nothing");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_can_be_in_progress_only_with_a_token() {
    #[derive(Debug)]
    struct InProgress;
    impl Faults for InProgress {
        fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
            RequestFault::in_progress(call)
        }
    }
    let bench = Bench::new(Script::new()).await;
    bench.cloud.set_faults(Some(Arc::new(InProgress)));
    let put = Put::builder().table_name("table").item("pk", AttributeValue::S("a".into())).build().unwrap();
    let write = bench.dynamodb.transact_write_items();
    let write = write.transact_items(TransactWriteItem::builder().put(put).build()).client_request_token("token");
    let error = write.send().await.unwrap_err().into_service_error();
    assert!(error.is_transaction_in_progress_exception(), "{error:?}");
    count(&bench.dynamodb, "runs").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_batch_is_not_done_and_the_answer_says_which() {
    let partly = |positions: &[usize]| RequestFault::Partly(positions.to_vec());
    let bench = Bench::new(
        Script::new()
            .request(Service::EventBridge, "PutEvents", 1, partly(&[0, 2]))
            .request(Service::EventBridge, "PutEvents", 2, partly(&[0]))
            .request(Service::Sqs, "SendMessageBatch", 1, partly(&[1]))
            .request(Service::DynamoDb, "BatchWriteItem", 1, partly(&[0]))
            .request(Service::DynamoDb, "BatchGetItem", 1, partly(&[1])),
    )
    .await;
    let entry = || PutEventsRequestEntry::builder().source("s").detail_type("d").detail("{}").build();
    let put = bench.eventbridge.put_events();
    let answer = put.clone().entries(entry()).entries(entry()).entries(entry()).send().await.unwrap();
    let codes: Vec<_> = answer.entries().iter().map(|entry| entry.error_code()).collect();
    assert_eq!((answer.failed_entry_count(), codes), (2, vec![Some("InternalFailure"), None, Some("InternalFailure")]));
    assert_eq!(put.entries(entry()).send().await.unwrap().failed_entry_count(), 1);

    let url = bench.sqs.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    let message =
        |id: &str| aws_sdk_sqs::types::SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().unwrap();
    let send = bench.sqs.send_message_batch().queue_url(&url).entries(message("a")).entries(message("b"));
    let answer = send.send().await.unwrap();
    assert_eq!((answer.successful()[0].id(), answer.failed()[0].id()), ("a", "b"));
    assert!(!answer.failed()[0].sender_fault());
    let received = bench.sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    assert_eq!(received.messages().len(), 1);

    let client = &bench.dynamodb;
    let key = |pk: &str| std::collections::HashMap::from([("pk".to_owned(), AttributeValue::S(pk.into()))]);
    let put = |pk: &str| {
        let put = aws_sdk_dynamodb::types::PutRequest::builder().set_item(Some(key(pk))).build().unwrap();
        aws_sdk_dynamodb::types::WriteRequest::builder().put_request(put).build()
    };
    let write = client.batch_write_item().request_items("table", vec![put("a"), put("b")]).send().await.unwrap();
    assert_eq!(write.unprocessed_items().unwrap()["table"], [put("a")]);
    let keys = aws_sdk_dynamodb::types::KeysAndAttributes::builder().keys(key("b")).keys(key("a")).build().unwrap();
    let read = client.batch_get_item().request_items("table", keys.clone()).send().await.unwrap();
    assert_eq!(read.responses().unwrap()["table"], [key("b")]);
    assert_eq!(read.unprocessed_keys().unwrap()["table"].keys(), [key("a")]);
    let read = client.batch_get_item().request_items("table", keys).send().await.unwrap();
    assert_eq!(read.responses().unwrap()["table"], [key("b")], "the first write was not done");
    bench.all_happened();
}

/// Lists something of each service that there is an SDK for here, with one retry for each of the two refusals.
async fn list(config: &aws_types::SdkConfig, service: Service) -> Result<(), String> {
    macro_rules! send {
        ($sdk:ident, $operation:ident) => {
            $sdk::Client::new(config).$operation().send().await.map(drop).map_err(|error| format!("{error:?}"))
        };
    }
    match service {
        Service::DynamoDb => send!(aws_sdk_dynamodb, list_tables),
        Service::DynamoDbStreams => send!(aws_sdk_dynamodbstreams, list_streams),
        Service::Sqs => send!(aws_sdk_sqs, list_queues),
        Service::EventBridge => send!(aws_sdk_eventbridge, list_event_buses),
        Service::StepFunctions => send!(aws_sdk_sfn, list_state_machines),
        Service::Lambda => send!(aws_sdk_lambda, list_functions),
        Service::Logs => send!(aws_sdk_cloudwatchlogs, describe_log_groups),
        other => Err(format!("no SDK for {other} here")),
    }
}

#[tokio::test(start_paused = true)]
async fn sdks_know_every_refusal_as_one_to_retry() {
    let cases = [
        (Service::DynamoDb, "ListTables"),
        (Service::DynamoDbStreams, "ListStreams"),
        (Service::Sqs, "ListQueues"),
        (Service::EventBridge, "ListEventBuses"),
        (Service::StepFunctions, "ListStateMachines"),
        (Service::Lambda, "ListFunctions"),
        (Service::Logs, "DescribeLogGroups"),
    ];
    for (service, operation) in cases {
        let script = Script::new().request(service, operation, 1, RequestFault::throttled(service)).request(
            service,
            operation,
            2,
            RequestFault::unavailable(service),
        );
        let bench = Bench::new(script).await;
        let retries = aws_smithy_types::retry::RetryConfig::standard().with_max_attempts(3);
        let config = config(&bench.cloud).into_builder().retry_config(retries).build();
        list(&config, service).await.unwrap_or_else(|error| panic!("{service}: {error}"));
        bench.all_happened();
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_have_the_codes_that_clients_match() {
    let bench = Bench::new(
        Script::new()
            .request(Service::EventBridge, "PutEvents", 1, RequestFault::throttled(Service::EventBridge))
            .request(Service::Sqs, "ListQueues", 1, RequestFault::throttled(Service::Sqs))
            .request(COUNT.0, COUNT.1, 1, RequestFault::over_capacity()),
    )
    .await;
    let entry = PutEventsRequestEntry::builder().source("s").detail_type("d").detail("{}").build();
    let error = bench.eventbridge.put_events().entries(entry).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    let error = bench.sqs.list_queues().send().await.unwrap_err();
    assert!(error.into_service_error().is_request_throttled());
    let error = count(&bench.dynamodb, "runs").await.unwrap_err();
    assert!(error.into_service_error().is_provisioned_throughput_exceeded_exception());
    bench.all_happened();
}

/// Requests to S3 do not name their operation, and forms are of another protocol.
#[tokio::test(start_paused = true)]
async fn every_protocol_is_asked_about() {
    let bench = Bench::new(
        Script::new()
            .request(Service::S3, "CreateBucket", 1, RequestFault::throttled(Service::S3))
            .request(Service::Sts, "GetCallerIdentity", 1, RequestFault::throttled(Service::Sts))
            .request(Service::Sqs, "ListQueues", 1, RequestFault::unavailable(Service::Sqs)),
    )
    .await;
    let form = |body: &str| {
        let request = http::Request::post("http://127.0.0.1/");
        request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned().into()).unwrap()
    };
    let bucket = http::Request::put("http://127.0.0.1/b")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=t/20261124/us-east-1/s3/aws4_request, SignedHeaders=host")
        .body(bytes::Bytes::new())
        .unwrap();
    let requests = [
        (bucket, 503, "<Code>SlowDown</Code>"),
        (form("Action=GetCallerIdentity&Version=2011-06-15"), 400, "<Code>Throttling</Code>"),
        (form("Action=ListQueues&Version=2012-11-05"), 503, "<Code>ServiceUnavailable</Code>"),
    ];
    for (request, status, part) in requests {
        let response = bench.cloud.handle(request).await;
        let body = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!(response.status().as_u16(), status, "{body}");
        assert!(body.contains(part), "{body}");
    }
    bench.all_happened();
}

#[tokio::test]
async fn over_tcp_the_connection_is_closed_without_an_answer() {
    let bench = Bench::new(on_count(1, RequestFault::LoseAnswer)).await;
    let gateway = Gateway::bind(&bench.cloud, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(gateway.serve(async {
        let _ = ended.await;
    }));
    let config = connector::sdk_config(&bench.cloud, aws_smithy_http_client::Builder::new().build_http());
    let client = aws_sdk_dynamodb::Client::new(&config);
    let error = count(&client, "runs").await.unwrap_err();
    assert!(matches!(&error, Failed::DispatchFailure(_)), "{error:?}");
    assert_eq!(bench.counted().await, 1);
    count(&client, "runs").await.unwrap();
    end.send(()).unwrap();
    server.await.unwrap();
    bench.all_happened();
}
