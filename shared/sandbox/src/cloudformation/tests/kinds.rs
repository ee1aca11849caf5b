//! Each type of resource: created, updated in place, deleted.

use serde_json::{Value, json};

use super::{call, events, object, ok, physical_id, status, zip};
use crate::testing::cloud;
use crate::{Cloud, Service};

/// Creates or updates the stack `one` with these resources.
async fn put(cloud: &Cloud, action: &str, resources: &Value) {
    let template = json!({ "Resources": resources }).to_string();
    let fields = [("StackName", "one"), ("TemplateBody", &template), ("Capabilities.member.1", "CAPABILITY_NAMED_IAM")];
    ok(cloud, action, &fields).await;
    let expected = if action == "CreateStack" { "CREATE_COMPLETE" } else { "UPDATE_COMPLETE" };
    assert_eq!(status(cloud, "one").await, expected, "{:?}", events(cloud, "one").await);
}

/// The same, both times, and deletes it in the end.
async fn changed(cloud: &Cloud, first: Value, second: Value) {
    put(cloud, "CreateStack", &first).await;
    put(cloud, "UpdateStack", &second).await;
}

async fn gone(cloud: &Cloud) {
    ok(cloud, "DeleteStack", &[("StackName", "one")]).await;
    let listed = ok(cloud, "ListStacks", &[("StackStatusFilter.member.1", "DELETE_COMPLETE")]).await;
    assert_eq!(listed.child("StackSummaries").unwrap().all("member").count(), 1, "{:?}", events(cloud, "one").await);
}

#[tokio::test(start_paused = true)]
async fn a_table() {
    let cloud = cloud();
    let table = |more: Value| {
        let mut properties = json!({
            "TableName": "tab", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
        });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "T": { "Type": "AWS::DynamoDB::Table", "Properties": properties } })
    };
    let index = json!({
        "AttributeDefinitions": [
            { "AttributeName": "k", "AttributeType": "S" }, { "AttributeName": "g", "AttributeType": "S" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-g", "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
        "TimeToLiveSpecification": { "AttributeName": "e", "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": "true" },
        "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
        "Tags": [{ "Key": "a", "Value": "b" }],
    });
    put(&cloud, "CreateStack", &table(json!({}))).await;
    let item = json!({ "TableName": "tab", "Item": { "k": { "S": "1" }, "g": { "S": "2" } } });
    call(&cloud, Service::DynamoDb, "PutItem", item).await;
    put(&cloud, "UpdateStack", &table(index)).await;
    let named = json!({ "TableName": "tab" });
    let shown = call(&cloud, Service::DynamoDb, "DescribeTable", named.clone()).await;
    assert_eq!(shown["Table"]["GlobalSecondaryIndexes"][0]["IndexName"], "by-g");
    assert_eq!(shown["Table"]["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    let ttl = call(&cloud, Service::DynamoDb, "DescribeTimeToLive", named.clone()).await;
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "e");
    let tags = json!({ "ResourceArn": shown["Table"]["TableArn"] });
    let tags = call(&cloud, Service::DynamoDb, "ListTagsOfResource", tags).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "a", "Value": "b" }]));
    put(&cloud, "UpdateStack", &table(json!({}))).await;
    let shown = call(&cloud, Service::DynamoDb, "DescribeTable", named.clone()).await;
    assert!(shown["Table"]["GlobalSecondaryIndexes"].as_array().is_none_or(Vec::is_empty), "{shown}");
    assert_eq!(call(&cloud, Service::DynamoDb, "Scan", named).await["Count"], 1);
    gone(&cloud).await;
}

#[tokio::test(start_paused = true)]
async fn a_tables_protection_capacity_and_encryption() {
    let cloud = cloud();
    let table = |more: Value| {
        let mut properties = json!({
            "TableName": "tab", "SSESpecification": { "SSEEnabled": "true" },
            "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
        });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "T": { "Type": "AWS::DynamoDB::Table", "Properties": properties } })
    };
    let units = json!({ "ReadCapacityUnits": "5", "WriteCapacityUnits": 6 });
    let on_demand = json!({ "BillingMode": "PAY_PER_REQUEST" });
    put(&cloud, "CreateStack", &table(on_demand.clone())).await;
    let shown = async || call(&cloud, Service::DynamoDb, "DescribeTable", json!({ "TableName": "tab" })).await;
    assert_eq!(shown().await["Table"]["SSEDescription"]["Status"], "ENABLED");
    let protected = json!({ "ProvisionedThroughput": units, "DeletionProtectionEnabled": true });
    put(&cloud, "UpdateStack", &table(protected)).await;
    let described = shown().await;
    assert_eq!(described["Table"]["DeletionProtectionEnabled"], true);
    assert_eq!(described["Table"]["ProvisionedThroughput"]["WriteCapacityUnits"], 6);
    let mut plain = table(on_demand);
    plain["T"]["Properties"]["SSESpecification"] = json!({ "SSEEnabled": false });
    plain["T"]["Properties"]["DeletionProtectionEnabled"] = json!(true);
    put(&cloud, "UpdateStack", &plain).await;
    let described = shown().await;
    assert_eq!(described["Table"].get("SSEDescription"), None, "encrypted by default");
    assert_eq!(described["Table"]["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert_eq!(status(&cloud, "one").await, "DELETE_FAILED");
    let all = events(&cloud, "one").await;
    assert!(all.iter().any(|event| event.starts_with("T DELETE_FAILED") && event.contains("protect")), "{all:?}");
    let off = json!({ "TableName": "tab", "DeletionProtectionEnabled": false });
    call(&cloud, Service::DynamoDb, "UpdateTable", off).await;
    gone(&cloud).await;
}

#[tokio::test(start_paused = true)]
async fn a_function_with_its_triggers() {
    let cloud = cloud();
    object(&cloud, "f.zip", zip("#!/bin/sh\n")).await;
    let resources = |timeout: u32, batch: u32, retries: u32, reserved: Value| {
        let mut properties = json!({
            "FunctionName": "f", "Code": { "S3Bucket": "code", "S3Key": "f.zip" }, "Runtime": "provided.al2023",
            "Handler": "bootstrap", "Role": { "Fn::GetAtt": ["R", "Arn"] }, "Timeout": timeout.to_string(),
            "Environment": { "Variables": { "N": 1 } }, "Tags": [{ "Key": "batch", "Value": batch.to_string() }],
        });
        if !reserved.is_null() {
            properties["ReservedConcurrentExecutions"] = reserved;
        }
        json!({
            "R": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } },
            "Q": { "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": 60 } },
            "F": { "Type": "AWS::Lambda::Function", "Properties": properties },
            "S": { "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "FunctionName": { "Ref": "F" }, "EventSourceArn": { "Fn::GetAtt": ["Q", "Arn"] }, "BatchSize": batch } },
            "C": { "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
                "FunctionName": { "Ref": "F" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": retries } },
            "P": { "Type": "AWS::Lambda::Permission", "Properties": {
                "Action": "lambda:InvokeFunction", "FunctionName": { "Ref": "F" }, "Principal": "events.amazonaws.com" } },
        })
    };
    changed(&cloud, resources(5, 1, 0, json!(3)), resources(7, 2, 1, Value::Null)).await;
    let shown = call(&cloud, Service::Lambda, "GetFunction", json!({ "FunctionName": "f" })).await;
    assert_eq!((&shown["Configuration"]["Timeout"], &shown["Tags"]["batch"]), (&json!(7), &json!("2")));
    assert_eq!(shown["Configuration"]["Environment"]["Variables"]["N"], "1");
    assert!(shown.get("Concurrency").is_none(), "{shown}");
    let id = physical_id(&cloud, "one", "S").await;
    let mapping = call(&cloud, Service::Lambda, "GetEventSourceMapping", json!({ "UUID": id })).await;
    assert_eq!(mapping["BatchSize"], 2);
    let config = call(&cloud, Service::Lambda, "GetFunctionEventInvokeConfig", json!({ "FunctionName": "f" })).await;
    assert_eq!(config["MaximumRetryAttempts"], 1);
    let policy = call(&cloud, Service::Lambda, "GetPolicy", json!({ "FunctionName": "f" })).await;
    assert!(policy["Policy"].as_str().unwrap().contains("events.amazonaws.com"), "{policy}");
    gone(&cloud).await;
    assert!(cloud.lambda().function_names().is_empty());
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_bus_with_a_rule_and_an_archive() {
    let cloud = cloud();
    let resources = |source: &str, targets: &[&str], days: u32| {
        let target = |queue: &&str| json!({ "Id": queue, "Arn": { "Fn::GetAtt": [queue, "Arn"] } });
        json!({
            "Q": { "Type": "AWS::SQS::Queue" },
            "D": { "Type": "AWS::SQS::Queue" },
            "B": { "Type": "AWS::Events::EventBus", "Properties": { "Name": "bus" } },
            "R": { "Type": "AWS::Events::Rule", "Properties": {
                "EventBusName": { "Ref": "B" }, "EventPattern": { "source": [source] },
                "Targets": targets.iter().map(target).collect::<Vec<_>>() } },
            "A": { "Type": "AWS::Events::Archive", "Properties": {
                "ArchiveName": "all", "SourceArn": { "Fn::GetAtt": ["B", "Arn"] }, "RetentionDays": days } },
        })
    };
    changed(&cloud, resources("a", &["Q"], 1), resources("b", &["D"], 2)).await;
    let id = physical_id(&cloud, "one", "R").await;
    let name = id.strip_prefix("bus|").unwrap();
    let named = json!({ "Name": name, "EventBusName": "bus" });
    let rule = call(&cloud, Service::EventBridge, "DescribeRule", named).await;
    assert_eq!(rule["EventPattern"], r#"{"source":["b"]}"#);
    let targets = json!({ "Rule": name, "EventBusName": "bus" });
    let targets = call(&cloud, Service::EventBridge, "ListTargetsByRule", targets).await;
    assert_eq!(targets["Targets"].as_array().unwrap().len(), 1);
    assert_eq!(targets["Targets"][0]["Id"], "D");
    let archive = call(&cloud, Service::EventBridge, "DescribeArchive", json!({ "ArchiveName": "all" })).await;
    assert_eq!(archive["RetentionDays"], 2);
    gone(&cloud).await;
    assert!(cloud.call(Service::EventBridge, "DescribeEventBus", json!({ "Name": "bus" })).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_state_machine_and_its_role() {
    let cloud = cloud();
    let resources = |next: &str, policies: Value| {
        json!({
            "R": { "Type": "AWS::IAM::Role", "Properties": {
                "RoleName": "r", "AssumeRolePolicyDocument": { "a": next }, "Policies": policies,
                "ManagedPolicyArns": [format!("arn:aws:iam::aws:policy/{next}")] } },
            "M": { "Type": "AWS::StepFunctions::StateMachine", "Properties": {
                "RoleArn": { "Fn::GetAtt": ["R", "Arn"] },
                "DefinitionString": r#"{"StartAt":"${First}","States":{"${First}":{"Type":"Succeed"}}}"#,
                "DefinitionSubstitutions": { "First": next } } },
        })
    };
    let policy = |name: &str| json!([{ "PolicyName": name, "PolicyDocument": { "Statement": [] } }]);
    changed(&cloud, resources("One", policy("a")), resources("Two", policy("b"))).await;
    let arn = physical_id(&cloud, "one", "M").await;
    assert!(arn.contains(":stateMachine:one-M-"), "{arn}");
    let shown = call(&cloud, Service::StepFunctions, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(shown["definition"], r#"{"StartAt":"Two","States":{"Two":{"Type":"Succeed"}}}"#);
    let named = json!({ "RoleName": "r" });
    let inline = call(&cloud, Service::Iam, "ListRolePolicies", named.clone()).await;
    assert_eq!(inline["PolicyNames"], json!(["b"]));
    let attached = call(&cloud, Service::Iam, "ListAttachedRolePolicies", named.clone()).await;
    assert_eq!(attached["AttachedPolicies"][0]["PolicyName"], "Two");
    assert_eq!(attached["AttachedPolicies"].as_array().unwrap().len(), 1);
    gone(&cloud).await;
    assert!(cloud.call(Service::Iam, "GetRole", named).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn policies_that_stand_alone() {
    let cloud = cloud();
    let resources = |action: &str| {
        let document = json!({ "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] });
        json!({
            "R": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "r", "AssumeRolePolicyDocument": {} } },
            "P": { "Type": "AWS::IAM::Policy", "Properties": {
                "PolicyName": "p", "PolicyDocument": document, "Roles": [{ "Ref": "R" }] } },
            "M": { "Type": "AWS::IAM::ManagedPolicy", "Properties": {
                "ManagedPolicyName": "m", "PolicyDocument": document, "Roles": [{ "Ref": "R" }] } },
        })
    };
    changed(&cloud, resources("a:A"), resources("b:B")).await;
    let policy = json!({ "RoleName": "r", "PolicyName": "p" });
    let policy = call(&cloud, Service::Iam, "GetRolePolicy", policy).await;
    assert!(policy["PolicyDocument"].as_str().unwrap().contains("b%3AB"), "{policy}");
    let arn = physical_id(&cloud, "one", "M").await;
    let versions = call(&cloud, Service::Iam, "ListPolicyVersions", json!({ "PolicyArn": arn })).await;
    assert_eq!(versions["Versions"].as_array().unwrap().len(), 1);
    assert_eq!(versions["Versions"][0]["VersionId"], "v2");
    gone(&cloud).await;
}

#[tokio::test(start_paused = true)]
async fn a_log_group_and_its_subscription() {
    let cloud = cloud();
    object(&cloud, "f.zip", zip("#!/bin/sh\n")).await;
    let resources = |days: Option<u32>, pattern: &str| {
        json!({
            "G": { "Type": "AWS::Logs::LogGroup", "Properties": match days {
                Some(days) => json!({ "LogGroupName": "g", "RetentionInDays": days }),
                None => json!({ "LogGroupName": "g" }),
            } },
            "F": { "Type": "AWS::Lambda::Function", "Properties": {
                "Code": { "S3Bucket": "code", "S3Key": "f.zip" }, "Runtime": "provided.al2023", "Handler": "b",
                "Role": "arn:aws:iam::000000000000:role/r" } },
            "S": { "Type": "AWS::Logs::SubscriptionFilter", "Properties": {
                "LogGroupName": { "Ref": "G" }, "FilterPattern": pattern,
                "DestinationArn": { "Fn::GetAtt": ["F", "Arn"] } } },
        })
    };
    changed(&cloud, resources(Some(7), "a"), resources(None, "b")).await;
    let groups = call(&cloud, Service::Logs, "DescribeLogGroups", json!({ "logGroupNamePrefix": "g" })).await;
    assert!(groups["logGroups"][0].get("retentionInDays").is_none(), "{groups}");
    let filters = call(&cloud, Service::Logs, "DescribeSubscriptionFilters", json!({ "logGroupName": "g" })).await;
    assert_eq!(filters["subscriptionFilters"][0]["filterPattern"], "b");
    assert_eq!(filters["subscriptionFilters"].as_array().unwrap().len(), 1);
    gone(&cloud).await;
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_bucket_as_packaging_makes_it() {
    let cloud = cloud();
    let resources = |versioning: &str| {
        json!({
            "B": { "Type": "AWS::S3::Bucket", "Properties": {
                "VersioningConfiguration": { "Status": versioning },
                "BucketEncryption": { "ServerSideEncryptionConfiguration": [{
                    "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms" } }] },
                "PublicAccessBlockConfiguration": { "BlockPublicAcls": "true" },
                "Tags": [{ "Key": "a", "Value": "b" }] } },
            "P": { "Type": "AWS::S3::BucketPolicy", "Properties": {
                "Bucket": { "Ref": "B" }, "PolicyDocument": { "Statement": [] } } },
        })
    };
    changed(&cloud, resources("Suspended"), resources("Enabled")).await;
    let name = physical_id(&cloud, "one", "B").await;
    assert!(name.starts_with("one-b-") && name == name.to_lowercase(), "{name}");
    let signed = "AWS4-HMAC-SHA256 Credential=t/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";
    for (setting, part) in [
        ("versioning", "<Status>Enabled</Status>"),
        ("encryption", "<SSEAlgorithm>aws:kms</SSEAlgorithm>"),
        ("publicAccessBlock", "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>"),
        ("policy", "{\"Statement\":[]}"),
        ("tagging", "<Key>a</Key><Value>b</Value>"),
    ] {
        let request = http::Request::get(format!("/{name}?{setting}")).header("authorization", signed);
        let response = cloud.handle(request.header("host", "127.0.0.1").body(bytes::Bytes::new()).unwrap()).await;
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        assert!(body.contains(part), "{setting}: {body}");
    }
    gone(&cloud).await;
}

#[tokio::test(start_paused = true)]
async fn an_alarm_is_known_to_its_stack() {
    let cloud = cloud();
    let alarm = |threshold: u32| {
        json!({ "A": { "Type": "AWS::CloudWatch::Alarm", "Properties": {
            "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": threshold } } })
    };
    changed(&cloud, alarm(1), alarm(2)).await;
    assert!(physical_id(&cloud, "one", "A").await.starts_with("one-A-"));
    gone(&cloud).await;
}

/// It is there, though it cannot run: the local cloud runs programs.
#[tokio::test(start_paused = true)]
async fn a_function_with_its_code_in_the_template() {
    let cloud = cloud();
    let function = |text: &str| {
        json!({ "F": { "Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "f", "Code": { "ZipFile": text }, "Runtime": "python3.13", "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/r" } } })
    };
    put(&cloud, "CreateStack", &function("one")).await;
    let named = json!({ "FunctionName": "f" });
    let before = call(&cloud, Service::Lambda, "GetFunctionConfiguration", named.clone()).await;
    put(&cloud, "UpdateStack", &function("two")).await;
    let after = call(&cloud, Service::Lambda, "GetFunctionConfiguration", named).await;
    assert_ne!(before["CodeSha256"], after["CodeSha256"]);
    cloud.lambda().shutdown().await;
}
