//! Published versions, aliases, and what is kept beside them.

use super::*;

/// A function that answers with the version that runs, and may be changed.
async fn versioned(cloud: &Cloud) {
    let code = Code::in_process(|invocation: Invocation| -> BoxFuture<'static, _> {
        let version = invocation.environment["AWS_LAMBDA_FUNCTION_VERSION"].clone();
        let stage = invocation.environment.get("STAGE").cloned();
        async move { Ok(json!([version, stage])) }.boxed()
    });
    add(cloud, "f", code);
    change(cloud, "one").await;
    publish(cloud).await;
    change(cloud, "two").await;
}

async fn change(cloud: &Cloud, stage: &str) {
    let environment = json!({ "Variables": { "STAGE": stage } });
    let changed =
        lambda(cloud, "UpdateFunctionConfiguration", json!({ "FunctionName": "f", "Environment": environment }));
    assert_eq!(changed.await["LastUpdateStatus"], "InProgress");
}

async fn publish(cloud: &Cloud) -> Value {
    lambda(cloud, "PublishVersion", json!({ "FunctionName": "f" })).await
}

async fn invoked(cloud: &Cloud, name: &str) -> (Value, String) {
    let answer = lambda(cloud, "Invoke", json!({ "FunctionName": name })).await;
    let payload = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
    (payload, answer["ExecutedVersion"].as_str().unwrap().to_owned())
}

async fn refused(cloud: &Cloud, operation: &str, input: Value) -> String {
    cloud.call(Service::Lambda, operation, input).await.unwrap_err().message
}

#[tokio::test(start_paused = true)]
async fn a_version_is_what_the_function_was() {
    let cloud = cloud();
    versioned(&cloud).await;
    assert_eq!(invoked(&cloud, "f").await, (json!(["$LATEST", "two"]), "$LATEST".into()));
    assert_eq!(invoked(&cloud, "f:1").await, (json!(["1", "one"]), "1".into()));
    assert_eq!(publish(&cloud).await["Version"], "2");
    // Nothing has changed since.
    assert_eq!(publish(&cloud).await["Version"], "2");
    let listed = lambda(&cloud, "ListVersionsByFunction", json!({ "FunctionName": "f" })).await;
    let versions: Vec<_> = listed["Versions"].as_array().unwrap().iter().map(|v| v["Version"].clone()).collect();
    assert_eq!(versions, ["$LATEST", "1", "2"]);
    lambda(&cloud, "DeleteFunction", json!({ "FunctionName": "f:2" })).await;
    let missing = refused(&cloud, "Invoke", json!({ "FunctionName": "f:2" })).await;
    assert_eq!(missing, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:2");
    // Numbers are not used twice.
    assert_eq!(publish(&cloud).await["Version"], "3");
}

#[tokio::test(start_paused = true)]
async fn an_alias_points_to_versions() {
    let cloud = cloud();
    versioned(&cloud).await;
    publish(&cloud).await;
    let create = |name: &str, version: &str, weights: Value| {
        let routing = json!({ "AdditionalVersionWeights": weights });
        json!({ "FunctionName": "f", "Name": name, "FunctionVersion": version, "RoutingConfig": routing })
    };
    let alias = lambda(&cloud, "CreateAlias", create("live", "1", json!({}))).await;
    assert_eq!(alias["AliasArn"], cloud.arn("lambda", "function:f:live"));
    assert_eq!(invoked(&cloud, "f:live").await.1, "1");
    let got = lambda(&cloud, "GetFunctionConfiguration", json!({ "FunctionName": "f", "Qualifier": "live" })).await;
    assert_eq!((&got["Version"], &got["FunctionArn"]), (&json!("1"), &alias["AliasArn"]));

    lambda(&cloud, "UpdateAlias", create("live", "2", json!({ "1": 0.5 }))).await;
    let mut ran = std::collections::BTreeSet::new();
    for _ in 0..50 {
        ran.insert(invoked(&cloud, "f:live").await.1);
    }
    assert_eq!(ran.into_iter().collect::<Vec<_>>(), ["1", "2"]);
    assert!(refused(&cloud, "DeleteFunction", json!({ "FunctionName": "f:1" })).await.contains("referenced by alias"));

    let error = refused(&cloud, "CreateAlias", create("x", "1", json!({ "1": 0.1 }))).await;
    assert!(error.starts_with("Invalid function version 1."), "{error}");
    let error = refused(&cloud, "CreateAlias", create("x", "1", json!({ "2": 2.0 }))).await;
    assert!(error.contains("Value '{2=2.0}' at 'routingConfig.additionalVersionWeights'"), "{error}");
    let error = refused(&cloud, "CreateAlias", create("12", "1", json!({}))).await;
    assert!(error.contains("(?!^[0-9]+$)([a-zA-Z0-9-_]+)"), "{error}");
    let error = refused(&cloud, "CreateAlias", create("x", "9", json!({}))).await;
    assert_eq!(error, format!("Function not found: {}", cloud.arn("lambda", "function:f:9")));
    lambda(&cloud, "DeleteAlias", json!({ "FunctionName": "f", "Name": "live" })).await;
    let error = refused(&cloud, "GetAlias", json!({ "FunctionName": "f", "Name": "live" })).await;
    assert_eq!(error, format!("Cannot find alias arn: {}", cloud.arn("lambda", "function:f:live")));
}

#[tokio::test(start_paused = true)]
async fn what_changes_has_a_new_revision() {
    let cloud = cloud();
    versioned(&cloud).await;
    let revision = async || {
        let got = lambda(&cloud, "GetFunctionConfiguration", json!({ "FunctionName": "f" })).await;
        got["RevisionId"].clone()
    };
    let first = revision().await;
    publish(&cloud).await;
    let second = revision().await;
    assert_ne!(first, second);
    let input = json!({ "FunctionName": "f", "RevisionId": first, "Timeout": 5 });
    let error = cloud.call(Service::Lambda, "UpdateFunctionConfiguration", input).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("PreconditionFailedException", 412));
    let permission = json!({
        "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "000000000000",
        "RevisionId": second,
    });
    lambda(&cloud, "AddPermission", permission).await;
    let policy = lambda(&cloud, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert_eq!(policy["RevisionId"], revision().await);
    assert!(policy["Policy"].as_str().unwrap().contains(r#"{"AWS":"arn:aws:iam::000000000000:root"}"#));
}

#[tokio::test(start_paused = true)]
async fn each_qualifier_has_settings_of_its_own() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Err(failure())));
    publish(&cloud).await;
    let url = queue(&cloud, "failed", json!({})).await;
    let config = json!({
        "FunctionName": "f:1", "MaximumRetryAttempts": 0,
        "DestinationConfig": { "OnFailure": { "Destination": cloud.arn("sqs", "failed") } },
    });
    lambda(&cloud, "PutFunctionEventInvokeConfig", config).await;
    let error = refused(&cloud, "GetFunctionEventInvokeConfig", json!({ "FunctionName": "f" })).await;
    let arn = cloud.arn("lambda", "function:f");
    assert_eq!(error, format!("The function {arn}:$LATEST doesn't have an EventInvokeConfig"));
    for name in ["f", "f:1"] {
        lambda(&cloud, "Invoke", json!({ "FunctionName": name, "InvocationType": "Event" })).await;
    }
    settle(&cloud).await;
    let records = bodies(&cloud, &url).await;
    assert_eq!(records.len(), 1);
    let record: Value = serde_json::from_str(&records[0]).unwrap();
    assert_eq!(record["requestContext"]["functionArn"], format!("{arn}:1"));
    assert_eq!(record["responseContext"]["executedVersion"], "1");
    let listed = lambda(&cloud, "ListFunctionEventInvokeConfigs", json!({ "FunctionName": "f" })).await;
    assert_eq!(listed["FunctionEventInvokeConfigs"].as_array().unwrap().len(), 1);
    let itself = json!({
        "FunctionName": "f", "DestinationConfig": { "OnSuccess": { "Destination": arn } },
    });
    let error = refused(&cloud, "PutFunctionEventInvokeConfig", itself).await;
    assert_eq!(error, "You can't specify the function as a destination for itself.");
}

#[tokio::test(start_paused = true)]
async fn a_part_of_the_accounts_concurrency_cannot_be_reserved() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    add(&cloud, "g", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    let put = |name: &str, reserved: u32| json!({ "FunctionName": name, "ReservedConcurrentExecutions": reserved });
    lambda(&cloud, "PutFunctionConcurrency", put("f", 800)).await;
    assert!(refused(&cloud, "PutFunctionConcurrency", put("g", 101)).await.ends_with("minimum value of [100]."));
    lambda(&cloud, "PutFunctionConcurrency", put("g", 100)).await;
}

#[tokio::test(start_paused = true)]
async fn variables_are_shown_once_given_even_if_there_is_none() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    let got = lambda(&cloud, "GetFunctionConfiguration", json!({ "FunctionName": "f" })).await;
    assert_eq!(got.get("Environment"), None);
    let input = json!({ "FunctionName": "f", "Environment": { "Variables": {} } });
    lambda(&cloud, "UpdateFunctionConfiguration", input).await;
    let published = publish(&cloud).await;
    assert_eq!(published["Environment"], json!({ "Variables": {} }));
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_not_deleted_as_a_version_and_tags_are_a_change() {
    let cloud = cloud();
    versioned(&cloud).await;
    let message = refused(&cloud, "DeleteFunction", json!({ "FunctionName": "f", "Qualifier": "live" })).await;
    assert!(message.ends_with("Deletion of aliases is not currently supported."), "{message}");
    let revision = async || {
        lambda(&cloud, "GetFunction", json!({ "FunctionName": "f" })).await["Configuration"]["RevisionId"].take()
    };
    let before = revision().await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    lambda(&cloud, "TagResource", json!({ "Resource": arn, "Tags": { "a": "b" } })).await;
    assert_ne!(revision().await, before);
}

#[tokio::test(start_paused = true)]
async fn an_account_knows_its_limits_and_its_use() {
    let cloud = cloud();
    versioned(&cloud).await;
    lambda(&cloud, "PutFunctionConcurrency", json!({ "FunctionName": "f", "ReservedConcurrentExecutions": 3 })).await;
    let settings = lambda(&cloud, "GetAccountSettings", json!({})).await;
    assert_eq!(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 997);
    assert_eq!(settings["AccountUsage"]["FunctionCount"], 1);
}
