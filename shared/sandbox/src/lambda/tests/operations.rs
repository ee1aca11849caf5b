//! Operations through the AWS SDK's client: paths, headers, errors.

use std::io::Write;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    DestinationConfig, Environment, FunctionCode, InvocationType, LogType, OnFailure, Runtime, State,
};

use super::*;
use crate::testing::config;

fn zip() -> Blob {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"#!/bin/sh\nexit 1\n").unwrap();
    Blob::new(zip.finish().unwrap().into_inner())
}

#[tokio::test(start_paused = true)]
async fn functions_are_created_changed_listed_and_deleted() {
    let cloud = cloud();
    let client = Client::new(&config(&cloud));
    for name in ["a", "b", "c"] {
        let created = client
            .create_function()
            .function_name(name)
            .runtime(Runtime::Providedal2023)
            .role("arn:aws:iam::000000000000:role/r")
            .handler("bootstrap")
            .code(FunctionCode::builder().zip_file(zip()).build())
            .send()
            .await
            .unwrap();
        assert_eq!(created.state(), Some(&State::Pending));
        assert!(created.code_size() > 0);
    }
    let twice = client
        .create_function()
        .function_name("a")
        .runtime(Runtime::Providedal2023)
        .role("arn:aws:iam::000000000000:role/r")
        .handler("h");
    let error = twice.code(FunctionCode::builder().zip_file(zip()).build()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceConflictException"));
    let variables = Environment::builder().variables("K", "v").build();
    let changed = client.update_function_configuration().function_name("a").timeout(9).environment(variables).send();
    assert_eq!(changed.await.unwrap().timeout(), Some(9));
    client.update_function_code().function_name("a").zip_file(zip()).send().await.unwrap();
    let got =
        client.get_function().function_name("arn:aws:lambda:us-east-1:000000000000:function:a").send().await.unwrap();
    let variables = got.configuration().unwrap().environment().unwrap().variables().unwrap();
    assert_eq!(variables["K"], "v");
    assert_eq!(got.configuration().unwrap().state(), Some(&State::Active));
    let page = client.list_functions().max_items(2).send().await.unwrap();
    let names: Vec<_> = page.functions().iter().filter_map(|f| f.function_name()).collect();
    assert_eq!(names, ["a", "b"]);
    let rest = client.list_functions().marker(page.next_marker().unwrap()).send().await.unwrap();
    assert_eq!(rest.functions().len(), 1);
    client.delete_function().function_name("b").send().await.unwrap();
    let gone = client.get_function_configuration().function_name("b").send().await.unwrap_err();
    assert_eq!(gone.message(), Some("Function not found: arn:aws:lambda:us-east-1:000000000000:function:b"));
    assert!(gone.into_service_error().is_resource_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn invoking_carries_headers_both_ways() {
    let cloud = cloud();
    add(
        &cloud,
        "f",
        recording(&Seen::default(), |_, payload| if payload.is_null() { Err(failure()) } else { Ok(payload) }),
    );
    let client = Client::new(&config(&cloud));
    let invoke = |payload: &str| client.invoke().function_name("f").payload(Blob::new(payload));
    let answer = invoke("[1]").log_type(LogType::Tail).send().await.unwrap();
    assert_eq!(answer.payload().unwrap().as_ref(), b"[1]");
    assert_eq!((answer.status_code(), answer.executed_version()), (200, Some("$LATEST")));
    assert!(answer.log_result().is_some());
    let failed = invoke("null").send().await.unwrap();
    assert_eq!(failed.function_error(), Some("Unhandled"));
    let event = invoke("[1]").invocation_type(InvocationType::Event).send().await.unwrap();
    assert_eq!(event.status_code(), 202);
    let dry = invoke("[1]").invocation_type(InvocationType::DryRun).send().await.unwrap();
    assert_eq!(dry.status_code(), 204);
    settle(&cloud).await;
}

#[tokio::test(start_paused = true)]
async fn settings_beside_the_configuration() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, payload| Ok(payload)));
    let client = Client::new(&config(&cloud));
    let missing = client.get_function_event_invoke_config().function_name("f").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("ResourceNotFoundException"));
    let on_failure = OnFailure::builder().destination("arn:aws:sqs:us-east-1:000000000000:q").build();
    let put = client.put_function_event_invoke_config().function_name("f").maximum_retry_attempts(1);
    put.destination_config(DestinationConfig::builder().on_failure(on_failure).build()).send().await.unwrap();
    let got = client.get_function_event_invoke_config().function_name("f").send().await.unwrap();
    assert_eq!(got.maximum_retry_attempts(), Some(1));
    client.delete_function_event_invoke_config().function_name("f").send().await.unwrap();
    client.put_function_concurrency().function_name("f").reserved_concurrent_executions(2).send().await.unwrap();
    let got = client.get_function_concurrency().function_name("f").send().await.unwrap();
    assert_eq!(got.reserved_concurrent_executions(), Some(2));
    client.delete_function_concurrency().function_name("f").send().await.unwrap();
    let add = client.add_permission().function_name("f").statement_id("s").action("lambda:InvokeFunction");
    add.principal("events.amazonaws.com").send().await.unwrap();
    let policy = client.get_policy().function_name("f").send().await.unwrap();
    assert!(policy.policy().unwrap().contains(r#""Service":"events.amazonaws.com""#));
    client.remove_permission().function_name("f").statement_id("s").send().await.unwrap();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    client.tag_resource().resource(arn).tags("team", "orders").tags("tier", "1").send().await.unwrap();
    client.untag_resource().resource(arn).tag_keys("tier").send().await.unwrap();
    let tags = client.list_tags().resource(arn).send().await.unwrap();
    assert_eq!(tags.tags().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn mappings_are_created_listed_and_refused() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, payload| Ok(payload)));
    let client = Client::new(&config(&cloud));
    let arn = cloud.arn("sqs", "q");
    let create = || client.create_event_source_mapping().function_name("f").event_source_arn(&arn);
    assert_eq!(create().send().await.unwrap_err().code(), Some("InvalidParameterValueException"));
    queue(&cloud, "q", json!({})).await;
    let created = create().batch_size(5).send().await.unwrap();
    assert_eq!(create().send().await.unwrap_err().code(), Some("ResourceConflictException"));
    let got = client.get_event_source_mapping().uuid(created.uuid().unwrap()).send().await.unwrap();
    assert_eq!((got.batch_size(), got.state()), (Some(5), Some("Enabled")));
    let listed = client.list_event_source_mappings().event_source_arn(&arn).send().await.unwrap();
    assert_eq!(listed.event_source_mappings().len(), 1);
    let other = client.list_event_source_mappings().event_source_arn("arn:aws:sqs:us-east-1:0:x").send().await.unwrap();
    assert_eq!(other.event_source_mappings().len(), 0);
    client.delete_event_source_mapping().uuid(created.uuid().unwrap()).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_not_supported_is_named() {
    let cloud = cloud();
    let client = Client::new(&config(&cloud));
    let error = client.list_layers().send().await.unwrap_err();
    assert!(error.message().unwrap().contains("Lambda ListLayers is not supported"), "{error:?}");
}
