//! Through the SDK's clients, and without them what these do not show.

mod direct;
mod streams;
mod tables;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, Delete, KeySchemaElement, KeyType, ParameterizedStatement, Put,
    ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, ScalarAttributeType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification, TransactWriteItem,
};
use aws_sdk_dynamodbstreams::types::ShardIteratorType;

use crate::Cloud;
use crate::testing::{cloud, config};

async fn table(cloud: &Cloud) -> Client {
    let client = Client::new(&config(cloud));
    client
        .create_table()
        .table_name("orders")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build().unwrap(),
        )
        .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap())
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    client
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn new_order(id: &str) -> Put {
    Put::builder()
        .table_name("orders")
        .item("id", text(id))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_transaction_has_reasons_in_order_and_the_item() {
    let client = table(&cloud()).await;
    client.put_item().table_name("orders").item("id", text("b")).item("state", text("old")).send().await.unwrap();

    let error = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(new_order("a")).build())
        .transact_items(TransactWriteItem::builder().put(new_order("b")).build())
        .send()
        .await
        .unwrap_err()
        .into_service_error();

    let reasons = match error {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(e) => {
            e.cancellation_reasons.unwrap()
        }
        other => panic!("{other:?}"),
    };
    let codes: Vec<_> = reasons.iter().map(|r| r.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item().unwrap()["state"], text("old"));
    let absent = client.get_item().table_name("orders").key("id", text("a")).send().await.unwrap();
    assert_eq!(absent.item, None, "nothing of a cancelled transaction is written");
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_carries_the_item() {
    let client = table(&cloud()).await;
    client.put_item().table_name("orders").item("id", text("a")).item("state", text("old")).send().await.unwrap();
    let error = client
        .put_item()
        .table_name("orders")
        .item("id", text("a"))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    match error {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(e) => {
            assert_eq!(e.item.unwrap()["state"], text("old"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_token_is_kept_for_ten_minutes_of_the_clouds_time() {
    let client = table(&cloud()).await;
    let send = || {
        let put = Put::builder().table_name("orders").item("id", text("a")).build().unwrap();
        client
            .transact_write_items()
            .client_request_token("token")
            .transact_items(TransactWriteItem::builder().put(put).build())
            .send()
    };
    let other = || {
        client
            .transact_write_items()
            .client_request_token("token")
            .transact_items(TransactWriteItem::builder().put(new_order("c")).build())
            .send()
    };
    send().await.unwrap();
    send().await.unwrap();
    let error = other().await.unwrap_err().into_service_error();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
    tokio::time::advance(Duration::from_secs(601)).await;
    other().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_transaction_that_failed_may_be_used_again() {
    let client = table(&cloud()).await;
    let send = || {
        let put = Put::builder().table_name("orders").item("id", text("a")).item("state", text("new"));
        let put = put.condition_expression("attribute_not_exists(id)").build().unwrap();
        let action = TransactWriteItem::builder().put(put).build();
        client.transact_write_items().client_request_token("token").transact_items(action).send()
    };
    client.put_item().table_name("orders").item("id", text("a")).send().await.unwrap();
    assert!(send().await.unwrap_err().into_service_error().is_transaction_canceled_exception());
    client.delete_item().table_name("orders").key("id", text("a")).send().await.unwrap();
    send().await.unwrap();
    client.delete_item().table_name("orders").key("id", text("a")).send().await.unwrap();
    send().await.unwrap();
    let found = client.get_item().table_name("orders").key("id", text("a")).send().await.unwrap();
    assert_eq!(found.item, None, "the second success was the first one's");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_was_done_before_says_what_reading_its_items_takes() {
    let client = table(&cloud()).await;
    let long = "x".repeat(5000);
    let send = |capacity: Option<ReturnConsumedCapacity>| {
        let put = Put::builder().table_name("orders").item("id", text("a")).item("state", text(&long));
        let delete = Delete::builder().table_name("orders").key("id", text("b")).build().unwrap();
        client
            .transact_write_items()
            .client_request_token("token")
            .transact_items(TransactWriteItem::builder().put(put.build().unwrap()).build())
            .transact_items(TransactWriteItem::builder().delete(delete).build())
            .set_return_consumed_capacity(capacity)
            .send()
    };
    assert_eq!(send(None).await.unwrap().consumed_capacity, None);
    let again = send(Some(ReturnConsumedCapacity::Total)).await.unwrap().consumed_capacity.unwrap();
    // Two units for each 4 KB of an item: two for the long one's first, two for its second, two for the one that is not there.
    let [orders] = &again[..] else { panic!("{again:?}") };
    assert_eq!((orders.table_name(), orders.read_capacity_units()), (Some("orders"), Some(6.0)));
}

/// AWS says that the answer counts "reading the item", and not as of when.
#[tokio::test(start_paused = true)]
async fn a_repeated_transaction_counts_its_items_as_they_are() {
    let client = table(&cloud()).await;
    let long = "x".repeat(5000);
    let send = || {
        let put = Put::builder().table_name("orders").item("id", text("a")).item("state", text(&long));
        client
            .transact_write_items()
            .client_request_token("token")
            .transact_items(TransactWriteItem::builder().put(put.build().unwrap()).build())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
    };
    let units = async || send().await.unwrap().consumed_capacity.unwrap().remove(0).read_capacity_units();
    assert_eq!(units().await, None, "the first one writes");
    assert_eq!(units().await, Some(4.0));
    client.put_item().table_name("orders").item("id", text("a")).send().await.unwrap();
    assert_eq!(units().await, Some(2.0));
}

#[tokio::test(start_paused = true)]
async fn who_reads_a_stream_sees_what_expired_within_seconds() {
    let cloud = cloud();
    let client = table(&cloud).await;
    let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap();
    client.update_time_to_live().table_name("orders").time_to_live_specification(ttl).send().await.unwrap();
    let past = AttributeValue::N((cloud.clock().now().as_second() - 1).to_string());
    client.put_item().table_name("orders").item("id", text("a")).item("expires", past).send().await.unwrap();
    tokio::time::advance(Duration::from_secs(5)).await;
    let streams = aws_sdk_dynamodbstreams::Client::new(&config(&cloud));
    streams.list_streams().send().await.unwrap();
    let left = client.get_item().table_name("orders").key("id", text("a")).send().await.unwrap();
    assert_eq!(left.item, None);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_deletes_what_is_over_and_nothing_else_whatever_the_attribute_is_called() {
    for name in ["expires", "a.b", "$", "quo\"te", "back\\slash"] {
        let cloud = cloud();
        let client = table(&cloud).await;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name(name).build().unwrap();
        client.update_time_to_live().table_name("orders").time_to_live_specification(ttl).send().await.unwrap();
        let now = cloud.clock().now().as_second();
        let at = |seconds: i64| AttributeValue::N((now + seconds).to_string());
        for (id, expires) in
            [("past", at(-1)), ("future", at(60)), ("text", text("1")), ("negative", AttributeValue::N("-1".into()))]
        {
            client.put_item().table_name("orders").item("id", text(id)).item(name, expires).send().await.unwrap();
        }
        cloud.dynamodb().sweep();
        let left: Vec<String> = cloud.items("orders").unwrap().into_iter().map(|item| item.key.0).collect();
        assert_eq!(left, ["S:future", "S:negative", "S:text"], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn statements_with_a_token_run_once_and_answer_the_same_again() {
    let cloud = cloud();
    let client = table(&cloud).await;
    let send = |statement: &str| {
        let statement = ParameterizedStatement::builder().statement(statement).build().unwrap();
        client.execute_transaction().client_request_token("token").transact_statements(statement).send()
    };
    client.put_item().table_name("orders").item("id", text("a")).item("state", text("new")).send().await.unwrap();
    let read = "SELECT * FROM orders WHERE id = 'a'";
    let first = send(read).await.unwrap().responses;
    assert_eq!(first.as_ref().and_then(|rows| rows[0].item()).map(|item| &item["state"]), Some(&text("new")));
    client.put_item().table_name("orders").item("id", text("a")).item("state", text("paid")).send().await.unwrap();
    assert_eq!(send(read).await.unwrap().responses, first);
    let other = send("SELECT * FROM orders WHERE id = 'b'").await.unwrap_err().into_service_error();
    assert!(other.is_idempotent_parameter_mismatch_exception(), "{other:?}");
    tokio::time::advance(Duration::from_secs(601)).await;
    assert_ne!(send(read).await.unwrap().responses, first);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_what_was_written_and_what_expired() {
    let cloud = cloud();
    let client = table(&cloud).await;
    let mut changes = cloud.dynamodb().changes("orders");
    client
        .update_time_to_live()
        .table_name("orders")
        .time_to_live_specification(
            TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap(),
        )
        .send()
        .await
        .unwrap();
    let expires = AttributeValue::N((cloud.clock().now().as_second() + 90).to_string());
    client.put_item().table_name("orders").item("id", text("a")).item("expires", expires).send().await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();

    let streams = aws_sdk_dynamodbstreams::Client::new(&config(&cloud));
    let arn = streams.list_streams().send().await.unwrap().streams()[0].stream_arn().unwrap().to_owned();
    assert_eq!(arn, "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-24T12:00:00.000");
    let description = streams.describe_stream().stream_arn(&arn).send().await.unwrap().stream_description.unwrap();
    let shard = description.shards()[0].shard_id().unwrap();
    assert!(shard.len() >= 28, "{shard}");
    let iterator = streams
        .get_shard_iterator()
        .stream_arn(&arn)
        .shard_id(shard)
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await
        .unwrap()
        .shard_iterator
        .unwrap();
    let first = streams.get_records().shard_iterator(iterator).send().await.unwrap();
    assert_eq!(first.records()[0].event_name().unwrap().as_str(), "INSERT");
    assert_eq!(first.records()[0].aws_region(), Some("us-east-1"));

    tokio::time::advance(Duration::from_secs(200)).await;
    cloud.dynamodb().sweep();
    assert!(changes.has_changed().unwrap(), "an expired item shows in the stream");
    let next = first.next_shard_iterator.unwrap();
    let second = streams.get_records().shard_iterator(next).send().await.unwrap();
    assert_eq!(second.records()[0].event_name().unwrap().as_str(), "REMOVE");
    let identity = second.records()[0].user_identity().unwrap();
    assert_eq!(identity.principal_id(), Some("dynamodb.amazonaws.com"));
}

#[tokio::test(start_paused = true)]
async fn names_and_settings_of_a_table() {
    let cloud = cloud();
    let client = table(&cloud).await;
    let table = client.describe_table().table_name("orders").send().await.unwrap().table.unwrap();
    let arn = table.table_arn().unwrap();
    assert_eq!(arn, "arn:aws:dynamodb:us-east-1:000000000000:table/orders");
    assert_eq!(table.creation_date_time().unwrap().secs(), cloud.clock().now().as_second());
    client
        .update_continuous_backups()
        .table_name("orders")
        .point_in_time_recovery_specification(
            aws_sdk_dynamodb::types::PointInTimeRecoverySpecification::builder()
                .point_in_time_recovery_enabled(true)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    client
        .tag_resource()
        .resource_arn(arn)
        .tags(aws_sdk_dynamodb::types::Tag::builder().key("team").value("orders").build().unwrap())
        .send()
        .await
        .unwrap();
    let tags = client.list_tags_of_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags()[0].value(), "orders");
    client.get_item().table_name(arn).key("id", text("a")).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn errors_have_awss_names() {
    let client = Client::new(&config(&cloud()));
    let error = client.describe_table().table_name("nothing").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let error = client.create_backup().table_name("t").backup_name("backup").send().await.unwrap_err();
    let error = format!("{:?}", error.into_service_error());
    assert!(error.contains("CreateBackup is not supported by the local cloud"), "{error}");
}
