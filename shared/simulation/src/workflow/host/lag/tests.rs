use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use throughline_sandbox::{Clock, connector};

use super::*;

#[derive(Debug, Clone)]
struct Lagging(Cloud, std::sync::Arc<Lags>);

impl HttpConnector for Lagging {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self(cloud, lags) = self.clone();
        HttpConnectorFuture::new(async move { lags.call(&cloud, &Http::new(&cloud), request).await })
    }
}

/// A table of bells with an index by room, that lags a second behind.
async fn table() -> aws_sdk_dynamodb::Client {
    let clock = Clock::starting_at("2026-11-24T10:00:00Z".parse().unwrap());
    let cloud = Cloud::builder(clock).build();
    let attributes = ["bell", "room"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    let definition = json!({
        "TableName": "bells", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "bell", "KeyType": "HASH" }],
        "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-room", "KeySchema": [{ "AttributeName": "room", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
    });
    cloud.call(Service::DynamoDb, "CreateTable", definition.clone()).await.unwrap();
    let now = cloud.clock().now();
    let time = now..now + Duration::from_secs(60);
    let lag = Lag::new("bells", &definition, time, Duration::from_secs(1));
    let lags = std::sync::Arc::new(Lags { lags: vec![lag], versions: Mutex::default() });
    let wire = SharedHttpConnector::new(Lagging(cloud.clone(), lags));
    let http = http_client_fn(move |_, _| wire.clone());
    aws_sdk_dynamodb::Client::new(&connector::sdk_config(&cloud, http))
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn hang(client: &aws_sdk_dynamodb::Client, room: &str) {
    let put = client.put_item().table_name("bells").item("bell", text("front")).item("room", text(room));
    put.send().await.unwrap();
}

/// The bell's room, read strongly or not.
async fn room(client: &aws_sdk_dynamodb::Client, consistent: bool) -> Option<String> {
    let get = client.get_item().table_name("bells").key("bell", text("front")).consistent_read(consistent);
    get.send().await.unwrap().item.map(|item| item["room"].as_s().unwrap().clone())
}

/// How many bells a room has, by the index.
async fn bells(client: &aws_sdk_dynamodb::Client, room: &str) -> i32 {
    let query = client.query().table_name("bells").index_name("by-room").key_condition_expression("room = :room");
    query.expression_attribute_values(":room", text(room)).send().await.unwrap().count
}

#[tokio::test(start_paused = true)]
async fn a_read_that_may_be_stale_shows_what_was_there_and_a_strong_one_what_is_there() {
    let client = table().await;
    hang(&client, "hall").await;
    assert_eq!((room(&client, false).await, room(&client, true).await.as_deref()), (None, Some("hall")));
    assert_eq!(bells(&client, "hall").await, 0);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    hang(&client, "attic").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    hang(&client, "cellar").await;
    assert_eq!(room(&client, false).await.as_deref(), Some("hall"));
    assert_eq!((bells(&client, "hall").await, bells(&client, "attic").await), (1, 0));
    assert_eq!(room(&client, true).await.as_deref(), Some("cellar"), "the present is as it was");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(room(&client, false).await.as_deref(), Some("attic"), "the first of the two is seen");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((bells(&client, "cellar").await, bells(&client, "attic").await), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn transactions_deletions_and_refusals_are_remembered_as_what_they_did() {
    let client = table().await;
    hang(&client, "hall").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let refused = client.delete_item().table_name("bells").key("bell", text("front"));
    refused.condition_expression("attribute_not_exists(bell)").send().await.unwrap_err();
    assert_eq!(room(&client, false).await.as_deref(), Some("hall"));
    let put = aws_sdk_dynamodb::types::Delete::builder().table_name("bells").key("bell", text("front"));
    let item = aws_sdk_dynamodb::types::TransactWriteItem::builder().delete(put.build().unwrap()).build();
    client.transact_write_items().transact_items(item).send().await.unwrap();
    assert_eq!((room(&client, false).await.as_deref(), room(&client, true).await), (Some("hall"), None));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(room(&client, false).await, None);
}
