use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, CreateConnectionApiKeyAuthRequestParameters as ApiKey,
    CreateConnectionAuthRequestParameters,
};
use serde_json::json;

use super::{Bench, target};

#[tokio::test(start_paused = true)]
async fn a_connection_shows_no_secrets() {
    let bench = Bench::new();
    let key = ApiKey::builder().api_key_name("key").api_key_value("secret").build().unwrap();
    let parameters = CreateConnectionAuthRequestParameters::builder().api_key_auth_parameters(key).build();
    let request = bench.client.create_connection().name("c").authorization_type(ConnectionAuthorizationType::ApiKey);
    let created = request.auth_parameters(parameters).send().await.unwrap();
    let described = bench.client.describe_connection().name("c").send().await.unwrap();
    assert_eq!(described.connection_arn(), created.connection_arn());
    assert!(described.secret_arn().unwrap().contains(":secret:events!connection/c/"));
    assert!(!format!("{:?}", described.auth_parameters()).contains("secret\""));
    let listed = bench.client.list_connections().send().await.unwrap();
    assert_eq!(listed.connections()[0].name(), Some("c"));
    bench.client.delete_connection().name("c").send().await.unwrap();
    let refused = bench.refused("DescribeConnection", json!({"Name": "c"})).await;
    assert_eq!(refused.1, "Failed to describe the connection(s). Connection 'c' does not exist.");
}

#[tokio::test(start_paused = true)]
async fn every_violation_is_said_at_once() {
    let bench = Bench::new();
    let request = json!({"Name": "a b", "AuthorizationType": "NONE", "AuthParameters": {}});
    let refused = bench.refused("CreateConnection", request).await;
    assert_eq!(
        refused.1,
        "2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [\\.\\-_A-Za-z0-9]+; Value 'NONE' at 'authorizationType' failed to satisfy constraint: Member \
         must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]"
    );
}

/// A divergence: AWS would ask the authorization endpoint, and call the destination.
#[tokio::test(start_paused = true)]
async fn an_api_destination_is_kept_and_cannot_be_a_target() {
    let bench = Bench::new();
    let oauth = json!({"AuthorizationEndpoint": "https://x.test", "HttpMethod": "POST", "ClientParameters": {"ClientID": "i", "ClientSecret": "s"}});
    let request = json!({"Name": "c", "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": {"OAuthParameters": oauth}});
    let connection = bench.call("CreateConnection", request).await.unwrap();
    assert_eq!(connection["ConnectionState"], "AUTHORIZING");
    let request = json!({"Name": "d", "ConnectionArn": connection["ConnectionArn"], "HttpMethod": "POST", "InvocationEndpoint": "https://x.test/in"});
    let destination = bench.call("CreateApiDestination", request).await.unwrap();
    assert_eq!(destination["ApiDestinationState"], "INACTIVE");
    let described = bench.call("DescribeApiDestination", json!({"Name": "d"})).await.unwrap();
    assert_eq!(described["InvocationRateLimitPerSecond"], 300);
    bench.client.put_rule().name("r").event_pattern(r#"{"source":["a"]}"#).send().await.unwrap();
    let target = target(destination["ApiDestinationArn"].as_str().unwrap());
    let refused = bench.client.put_targets().rule("r").targets(target).send().await.unwrap_err();
    assert_eq!(refused.into_service_error().meta().code(), Some("UnknownOperationException"));
}
