//! What tables say of themselves.

use serde_json::{Value, json};

use crate::testing::cloud;
use crate::{Cloud, Service};

async fn call(cloud: &Cloud, operation: &str, input: Value) -> Value {
    cloud.call(Service::DynamoDb, operation, input).await.unwrap()
}

async fn refused(cloud: &Cloud, operation: &str, input: Value) -> String {
    cloud.call(Service::DynamoDb, operation, input).await.unwrap_err().message
}

/// A request to create the table `tab`, with more.
fn table(more: Value) -> Value {
    let mut table = json!({
        "TableName": "tab",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    table
}

async fn described(cloud: &Cloud) -> Value {
    call(cloud, "DescribeTable", json!({ "TableName": "tab" })).await["Table"].take()
}

async fn update(cloud: &Cloud, change: Value) -> Value {
    let mut input = json!({ "TableName": "tab" });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    call(cloud, "UpdateTable", input).await["TableDescription"].take()
}

fn units(reads: u32, writes: u32) -> Value {
    json!({ "ReadCapacityUnits": reads, "WriteCapacityUnits": writes })
}

fn warm(reads: u32, writes: u32, status: &str) -> Value {
    json!({ "ReadUnitsPerSecond": reads, "WriteUnitsPerSecond": writes, "Status": status })
}

#[tokio::test(start_paused = true)]
async fn a_table_and_its_index_on_demand_say_what_they_are_ready_for() {
    let cloud = cloud();
    let index = json!({
        "IndexName": "by-id", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    });
    let input = table(json!({ "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": [index] }));
    let created = call(&cloud, "CreateTable", input).await["TableDescription"].take();
    assert_eq!(created.get("WarmThroughput"), None);
    assert_eq!(created["DeletionProtectionEnabled"], false);
    assert_eq!(created["BillingModeSummary"], json!({ "BillingMode": "PAY_PER_REQUEST" }));
    let described = described(&cloud).await;
    assert_eq!(described["WarmThroughput"], warm(12_000, 4_000, "ACTIVE"));
    assert_eq!(described["GlobalSecondaryIndexes"][0]["WarmThroughput"], warm(12_000, 4_000, "ACTIVE"));
    let since = described["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"].as_f64().unwrap();
    assert!((since - cloud.clock().now().as_duration().as_secs_f64()).abs() < 1.0);
}

#[tokio::test(start_paused = true)]
async fn warm_throughput_only_grows() {
    let cloud = cloud();
    let asked = json!({ "ReadUnitsPerSecond": 1000, "WriteUnitsPerSecond": 1200 });
    let input = table(json!({ "ProvisionedThroughput": units(5, 5), "WarmThroughput": asked }));
    let created = call(&cloud, "CreateTable", input).await;
    assert_eq!(created["TableDescription"]["WarmThroughput"], warm(1000, 1200, "UPDATING"));
    assert_eq!(described(&cloud).await["WarmThroughput"], warm(1000, 1200, "ACTIVE"));
    update(&cloud, json!({ "ProvisionedThroughput": units(2000, 5) })).await;
    assert_eq!(described(&cloud).await["WarmThroughput"], warm(2000, 1200, "ACTIVE"));
    update(&cloud, json!({ "ProvisionedThroughput": units(1, 5) })).await;
    assert_eq!(described(&cloud).await["WarmThroughput"], warm(2000, 1200, "ACTIVE"));
    let changed = update(&cloud, json!({ "WarmThroughput": { "ReadUnitsPerSecond": 3000 } })).await;
    assert_eq!(
        (&changed["WarmThroughput"], &changed["TableStatus"]),
        (&warm(3000, 1200, "UPDATING"), &json!("ACTIVE"))
    );
    let less = json!({ "TableName": "tab", "WarmThroughput": { "ReadUnitsPerSecond": 1 } });
    let message = refused(&cloud, "UpdateTable", less).await;
    assert_eq!(
        message,
        "One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for table is lower \
         than current WarmThroughput, decreasing WarmThroughput is not supported"
    );
    let mut low = table(json!({ "ProvisionedThroughput": units(5, 5), "WarmThroughput": { "ReadUnitsPerSecond": 1 } }));
    low["TableName"] = "low".into();
    let message = refused(&cloud, "CreateTable", low.clone()).await;
    assert!(message.ends_with("is lower than ReadCapacityUnits of ProvisionedThroughput"), "{message}");
    low.as_object_mut().unwrap().remove("ProvisionedThroughput");
    low["BillingMode"] = "PAY_PER_REQUEST".into();
    let message = refused(&cloud, "CreateTable", low).await;
    assert!(message.contains("is lower than initial throughput for OnDemand. See: https://"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_index_that_is_added_has_the_capacity_it_was_given() {
    let cloud = cloud();
    call(&cloud, "CreateTable", table(json!({ "ProvisionedThroughput": units(5, 5) }))).await;
    let create = json!({
        "IndexName": "by-id", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" }, "ProvisionedThroughput": units(3, 4),
    });
    let defined = json!([{ "AttributeName": "id", "AttributeType": "S" }]);
    let added = json!({ "AttributeDefinitions": defined, "GlobalSecondaryIndexUpdates": [{ "Create": create }] });
    update(&cloud, added).await;
    let index = described(&cloud).await["GlobalSecondaryIndexes"][0].take();
    let provisioned = |reads: u32, writes: u32| json!({ "NumberOfDecreasesToday": 0, "ReadCapacityUnits": reads, "WriteCapacityUnits": writes });
    assert_eq!(
        (&index["ProvisionedThroughput"], &index["WarmThroughput"]),
        (&provisioned(3, 4), &warm(3, 4, "ACTIVE"))
    );
    let change = json!({ "IndexName": "by-id", "ProvisionedThroughput": units(1, 6) });
    update(&cloud, json!({ "GlobalSecondaryIndexUpdates": [{ "Update": change }] })).await;
    let index = described(&cloud).await["GlobalSecondaryIndexes"][0].take();
    assert_eq!(
        (&index["ProvisionedThroughput"], &index["WarmThroughput"]),
        (&provisioned(1, 6), &warm(3, 6, "ACTIVE"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_table_changes_one_concern_at_a_time() {
    let cloud = cloud();
    call(&cloud, "CreateTable", table(json!({ "BillingMode": "PAY_PER_REQUEST" }))).await;
    let both = json!({ "TableName": "tab", "DeletionProtectionEnabled": true, "TableClass": "STANDARD" });
    let message = refused(&cloud, "UpdateTable", both).await;
    assert_eq!(message, "TableClass modification must be the only operation in the request");
    assert_eq!(described(&cloud).await["DeletionProtectionEnabled"], false);
    let replica = json!({ "TableName": "tab", "ReplicaUpdates": [{ "Create": { "RegionName": "eu-west-1" } }] });
    let message = refused(&cloud, "UpdateTable", replica).await;
    assert!(message.contains("ReplicaUpdates is not supported by the local cloud"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn encryption_is_turned_on_and_off() {
    let cloud = cloud();
    let input = table(json!({ "BillingMode": "PAY_PER_REQUEST", "SSESpecification": { "Enabled": true } }));
    let created = call(&cloud, "CreateTable", input).await["TableDescription"]["SSEDescription"].take();
    assert_eq!((&created["Status"], &created["SSEType"]), (&json!("ENABLED"), &json!("KMS")));
    let key = created["KMSMasterKeyArn"].as_str().unwrap();
    assert!(key.starts_with("arn:aws:kms:us-east-1:000000000000:key/"), "{key}");
    let off = json!({ "SSESpecification": { "Enabled": false } });
    let changing = update(&cloud, off.clone()).await["SSEDescription"].take();
    assert_eq!((&changing["Status"], changing["KMSMasterKeyArn"].as_str()), (&json!("UPDATING"), Some(key)));
    assert_eq!(described(&cloud).await.get("SSEDescription"), None);
    let mut again = off;
    again["TableName"] = "tab".into();
    let message = refused(&cloud, "UpdateTable", again).await;
    assert_eq!(message, "One or more parameter values were invalid: Table is already encrypted by default");
    update(&cloud, json!({ "SSESpecification": { "Enabled": true } })).await;
    assert_eq!(described(&cloud).await["SSEDescription"]["KMSMasterKeyArn"], key, "an account has one such key");
    for (specification, message) in [
        (json!({ "Enabled": false, "SSEType": "KMS" }), "SSEType can not be specified if Enabled is false"),
        (json!({ "Enabled": true, "SSEType": "AES256" }), "SSEType AES256 is not supported"),
        (json!({ "KMSMasterKeyId": "alias/own" }), "SSEType KMS is required if KMSMasterKeyId is specified"),
    ] {
        let refused = refused(&cloud, "CreateTable", table(json!({ "SSESpecification": specification }))).await;
        assert_eq!(refused, format!("One or more parameter values were invalid: {message}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_streams_specification_is_checked() {
    let cloud = cloud();
    let with = |stream: Value| table(json!({ "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": stream }));
    for (stream, message) in [
        (json!({ "StreamEnabled": true }), "Table is being created with a stream enabled, UpdateViewType is required"),
        (
            json!({ "StreamEnabled": true, "StreamViewType": "ALL" }),
            "[OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]",
        ),
        (json!({}), "'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null"),
    ] {
        let refused = refused(&cloud, "CreateTable", with(stream)).await;
        assert!(refused.ends_with(message), "{refused}");
    }
    let on = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    call(&cloud, "CreateTable", with(on.clone())).await;
    let shown = described(&cloud).await;
    assert_eq!(shown["StreamSpecification"], on);
    let again = json!({ "TableName": "tab", "StreamSpecification": on });
    let message = refused(&cloud, "UpdateTable", again).await;
    assert_eq!(message, "Table already has an enabled stream: TableName: tab");
    let off = json!({ "StreamSpecification": { "StreamEnabled": false } });
    let changed = update(&cloud, off.clone()).await;
    assert_eq!(changed.get("StreamSpecification"), None);
    assert_eq!(changed["LatestStreamArn"], shown["LatestStreamArn"], "the last stream is still named");
    let mut again = off;
    again["TableName"] = "tab".into();
    let message = refused(&cloud, "UpdateTable", again).await;
    assert_eq!(message, "Table has no stream to disable: TableName: tab");
}

#[tokio::test(start_paused = true)]
async fn contributor_insights_are_a_setting_only() {
    let cloud = cloud();
    call(&cloud, "CreateTable", table(json!({ "BillingMode": "PAY_PER_REQUEST" }))).await;
    let shown = async || call(&cloud, "DescribeContributorInsights", json!({ "TableName": "tab" })).await;
    assert_eq!(shown().await, json!({ "TableName": "tab", "ContributorInsightsStatus": "DISABLED" }));
    let on = json!({ "TableName": "tab", "ContributorInsightsAction": "ENABLE" });
    assert_eq!(call(&cloud, "UpdateContributorInsights", on).await["ContributorInsightsStatus"], "ENABLING");
    let answer = shown().await;
    assert_eq!(answer["ContributorInsightsStatus"], "ENABLED");
    let rules = answer["ContributorInsightsRuleList"].as_array().unwrap();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let missing = json!({ "TableName": "none" });
    let message = refused(&cloud, "DescribeContributorInsights", missing).await;
    assert_eq!(message, "Requested resource not found: Table: none not found");
}
