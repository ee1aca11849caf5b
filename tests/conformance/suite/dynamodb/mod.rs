//! DynamoDB: single writes.

pub(crate) mod reads;
pub(crate) mod transactions;

use std::time::Duration;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification, WriteRequest,
};
use throughline_conformance::{Account, Case, case};

use crate::given::{code, item, n, refusal, s, table};

const PUT: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html";
const UPDATE: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html";
const EXPRESSIONS: &str =
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html";
const DELETE: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html";
const BATCH: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html";
const LIMITS: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html";
const CREATE: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html";
const ERRORS: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html";
const TTL: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_condition_that_fails_writes_nothing,
        "A put whose condition fails writes nothing and fails with ConditionalCheckFailedException.",
        PUT
    ),
    case!(
        a_failed_condition_can_return_the_item,
        "ReturnValuesOnConditionCheckFailure ALL_OLD puts the item into the error.",
        PUT
    ),
    case!(a_put_can_return_the_old_item, "ReturnValues ALL_OLD answers the item that a put replaced.", PUT),
    case!(an_update_creates_the_item, "An update of a key without an item creates it.", UPDATE),
    case!(
        an_update_returns_what_it_changed,
        "ReturnValues UPDATED_NEW answers the changed attributes, after the change.",
        UPDATE
    ),
    case!(add_starts_at_zero, "ADD to an attribute that is not there starts from 0.", EXPRESSIONS),
    case!(an_update_of_the_key_is_refused, "A primary key attribute cannot be updated.", UPDATE),
    case!(a_delete_of_nothing_succeeds, "DeleteItem is idempotent: without an item and condition it succeeds.", DELETE),
    case!(a_batch_has_25_writes, "BatchWriteItem takes 25 writes and no more.", BATCH),
    case!(a_batch_writes_an_item_once, "Two writes of one item in a batch are refused.", BATCH),
    case!(an_item_has_400_kb, "An item, names included, may have 400 KB.", LIMITS),
    case!(a_key_has_no_empty_string, "A string key attribute has to have a length above zero.", LIMITS),
    case!(a_key_has_its_type, "A key attribute of another type than the schema's is refused.", ERRORS),
    case!(
        a_table_that_is_not_there,
        "Operations on a table that does not exist fail with ResourceNotFoundException.",
        ERRORS
    ),
    case!(a_table_is_created_once, "CreateTable of a table that exists fails with ResourceInUseException.", CREATE),
    case!(items_expire, "An item whose TTL attribute is in the past is deleted within days, here at its time.", TTL)
        .waits_long(),
];

async fn a_condition_that_fails_writes_nothing(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    let request = t.dynamodb.put_item().table_name(&table.name).set_item(Some(item("a", "1", &[("v", n(2))])));
    let refused = refusal(request.condition_expression("attribute_not_exists(pk)").send().await);
    let message = "The conditional request failed".to_owned();
    assert_eq!(refused, ("ConditionalCheckFailedException".to_owned(), message));
    assert_eq!(table.get("a", "1").await.unwrap()["v"], n(1));
}

async fn a_failed_condition_can_return_the_item(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    let request = t.dynamodb.delete_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let request = request.condition_expression("v = :two").expression_attribute_values(":two", n(2));
    let request = request.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let error = request.send().await.unwrap_err().into_service_error();
    let DeleteItemError::ConditionalCheckFailedException(failed) = error else { panic!("{error:?}") };
    assert_eq!(failed.item(), Some(&item("a", "1", &[("v", n(1))])));
}

async fn a_put_can_return_the_old_item(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    let request = t.dynamodb.put_item().table_name(&table.name).set_item(Some(item("a", "1", &[])));
    let answer = request.return_values(ReturnValue::AllOld).send().await.unwrap();
    assert_eq!(answer.attributes(), Some(&item("a", "1", &[("v", n(1))])));
}

async fn an_update_creates_the_item(t: Account) {
    let table = table(&t).await;
    let request = t.dynamodb.update_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let request = request.update_expression("SET v = :v").expression_attribute_values(":v", s("x"));
    request.send().await.unwrap();
    assert_eq!(table.get("a", "1").await, Some(item("a", "1", &[("v", s("x"))])));
}

async fn an_update_returns_what_it_changed(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("stays", n(1)), ("v", n(1)), ("gone", n(1))])).await;
    let request = t.dynamodb.update_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let request = request.update_expression("SET v = v + :one REMOVE gone").expression_attribute_values(":one", n(1));
    let answer = request.return_values(ReturnValue::UpdatedNew).send().await.unwrap();
    assert_eq!(answer.attributes(), Some(&[("v".to_owned(), n(2))].into()));
}

async fn add_starts_at_zero(t: Account) {
    let table = table(&t).await;
    for _ in 0..2 {
        let request = t.dynamodb.update_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
        let request = request.update_expression("ADD seen :n").expression_attribute_values(":n", n(5));
        request.send().await.unwrap();
    }
    assert_eq!(table.get("a", "1").await.unwrap()["seen"], n(10));
}

async fn an_update_of_the_key_is_refused(t: Account) {
    let table = table(&t).await;
    let request = t.dynamodb.update_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let request = request.update_expression("SET sk = :v").expression_attribute_values(":v", s("2"));
    assert_eq!(code(request.send().await), "ValidationException");
}

async fn a_delete_of_nothing_succeeds(t: Account) {
    let table = table(&t).await;
    for _ in 0..2 {
        let request = t.dynamodb.delete_item().table_name(&table.name).set_key(Some(item("a", "1", &[])));
        request.send().await.unwrap();
    }
}

fn write(sk: &str) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item("a", sk, &[]))).build().unwrap();
    WriteRequest::builder().put_request(put).build()
}

async fn a_batch_has_25_writes(t: Account) {
    let table = table(&t).await;
    let writes = |count: usize| (0..count).map(|number| write(&number.to_string())).collect::<Vec<_>>();
    let answer = t.dynamodb.batch_write_item().request_items(&table.name, writes(25)).send().await.unwrap();
    assert!(answer.unprocessed_items().is_none_or(std::collections::HashMap::is_empty));
    assert!(table.get("a", "24").await.is_some());
    let refused = t.dynamodb.batch_write_item().request_items(&table.name, writes(26)).send().await;
    assert_eq!(code(refused), "ValidationException");
}

async fn a_batch_writes_an_item_once(t: Account) {
    let table = table(&t).await;
    let request = t.dynamodb.batch_write_item().request_items(&table.name, vec![write("1"), write("1")]);
    let (code, message) = refusal(request.send().await);
    assert_eq!(code, "ValidationException");
    assert!(message.contains("duplicates"), "{message}");
    assert!(table.get("a", "1").await.is_none());
}

async fn an_item_has_400_kb(t: Account) {
    let table = table(&t).await;
    // The names `pk`, `sk`, `v` and the values of the key count too.
    let room = 400 * 1024 - ("pk".len() + "sk".len() + "v".len() + 2);
    table.put(item("a", "1", &[("v", s(&"x".repeat(room)))])).await;
    let over = item("a", "2", &[("v", s(&"x".repeat(room + 1)))]);
    let (code, message) = refusal(t.dynamodb.put_item().table_name(&table.name).set_item(Some(over)).send().await);
    assert_eq!(code, "ValidationException");
    assert_eq!(message, "Item size has exceeded the maximum allowed size");
}

async fn a_key_has_no_empty_string(t: Account) {
    let table = table(&t).await;
    let put = t.dynamodb.put_item().table_name(&table.name).set_item(Some(item("", "1", &[])));
    assert_eq!(code(put.send().await), "ValidationException");
    table.put(item("a", "1", &[("v", s(""))])).await;
}

async fn a_key_has_its_type(t: Account) {
    let table = table(&t).await;
    let mut wrong = item("a", "1", &[]);
    wrong.insert("sk".into(), AttributeValue::N("1".into()));
    let put = t.dynamodb.put_item().table_name(&table.name).set_item(Some(wrong.clone()));
    assert_eq!(code(put.send().await), "ValidationException");
    let (code, message) = refusal(t.dynamodb.get_item().table_name(&table.name).set_key(Some(wrong)).send().await);
    assert_eq!(code, "ValidationException");
    assert_eq!(message, "The provided key element does not match the schema");
}

async fn a_table_that_is_not_there(t: Account) {
    let request = t.dynamodb.get_item().table_name(t.name("none")).set_key(Some(item("a", "1", &[])));
    assert_eq!(code(request.send().await), "ResourceNotFoundException");
}

async fn a_table_is_created_once(t: Account) {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
    let table = table(&t).await;
    let definition = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let request = t.dynamodb.create_table().table_name(&table.name).billing_mode(BillingMode::PayPerRequest);
    let request = request.attribute_definitions(definition.build().unwrap()).key_schema(key);
    assert_eq!(code(request.send().await), "ResourceInUseException");
}

async fn items_expire(t: Account) {
    let table = table(&t).await;
    let setting = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap();
    let request = t.dynamodb.update_time_to_live().table_name(&table.name).time_to_live_specification(setting);
    request.send().await.unwrap();
    // The clock of the process that runs this is not the account's: an item tells that one.
    table.put(item("a", "1", &[("expires", n(1_795_521_600 + 1800))])).await;
    table.put(item("a", "2", &[("expires", s("never"))])).await;
    t.pass(Duration::from_secs(1700)).await;
    assert!(table.get("a", "1").await.is_some());
    t.pass(Duration::from_secs(3600)).await;
    assert!(table.get("a", "1").await.is_none());
    assert!(table.get("a", "2").await.is_some());
}
