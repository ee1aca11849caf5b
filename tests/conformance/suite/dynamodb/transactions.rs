//! DynamoDB: transactions.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Get, Put, ReturnValuesOnConditionCheckFailure, TransactGetItem, TransactWriteItem, Update,
};
use throughline_conformance::{Account, Case, case};

use crate::given::{Item, Table, code, item, n, refusal, table};

const WRITE: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html";
const APIS: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html";
const GET: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html";

pub(crate) const CASES: &[Case] = &[
    case!(all_of_it_or_nothing, "One failed condition cancels the whole transaction: nothing is written.", WRITE),
    case!(
        reasons_are_in_the_order_of_the_actions,
        "CancellationReasons has an entry per action, in their order: None for those that would have gone through.",
        WRITE
    ),
    case!(
        a_reason_can_hold_the_item,
        "ReturnValuesOnConditionCheckFailure ALL_OLD puts the item into the action's reason.",
        WRITE
    ),
    case!(the_message_lists_the_reasons, "The error's message lists the codes in brackets.", WRITE),
    case!(an_item_is_touched_once, "Two actions on one item are refused with a ValidationException.", WRITE),
    case!(a_hundred_actions_at_most, "A transaction has 100 actions and no more.", WRITE),
    case!(
        a_token_makes_it_once,
        "A ClientRequestToken that was used within ten minutes succeeds without writing again.",
        APIS
    ),
    case!(
        a_token_stands_for_its_parameters,
        "A token with other parameters fails with IdempotentParameterMismatchException.",
        APIS
    ),
    case!(a_check_without_a_write, "ConditionCheck is an action that only holds a condition.", APIS),
    case!(
        reads_of_many_items_at_one_time,
        "TransactGetItems answers in the order of the keys, with an empty entry where there is no item.",
        GET
    ),
];

fn put(table: &Table, item: Item, condition: Option<&str>) -> TransactWriteItem {
    let put = Put::builder().table_name(&table.name).set_item(Some(item));
    let put = put.set_condition_expression(condition.map(str::to_owned)).build().unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn transact(table: &Table, actions: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
    table.dynamodb.transact_write_items().set_transact_items(Some(actions))
}

fn cancelled(error: &TransactWriteItemsError) -> &TransactionCanceledException {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled,
        other => panic!("not a cancelled transaction: {other:?}"),
    }
}

const NEW: Option<&str> = Some("attribute_not_exists(pk)");

async fn all_of_it_or_nothing(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "2", &[])).await;
    let actions = vec![put(&table, item("a", "1", &[]), NEW), put(&table, item("a", "2", &[]), NEW)];
    assert_eq!(code(transact(&table, actions).send().await), "TransactionCanceledException");
    assert_eq!(table.get("a", "1").await, None);
    let actions = vec![put(&table, item("a", "1", &[]), NEW), put(&table, item("a", "3", &[]), NEW)];
    transact(&table, actions).send().await.unwrap();
    assert!(table.get("a", "1").await.is_some() && table.get("a", "3").await.is_some());
}

async fn reasons_are_in_the_order_of_the_actions(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "2", &[])).await;
    table.put(item("a", "4", &[])).await;
    let actions = ["1", "2", "3", "4"].map(|sk| put(&table, item("a", sk, &[]), NEW));
    let error = transact(&table, actions.into()).send().await.unwrap_err().into_service_error();
    let cancelled = cancelled(&error);
    let codes: Vec<&str> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None", "ConditionalCheckFailed"]);
    let messages: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.message()).collect();
    let failed = Some("The conditional request failed");
    assert_eq!(messages, [None, failed, None, failed]);
}

async fn a_reason_can_hold_the_item(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("v", n(7))])).await;
    let update = Update::builder().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let update = update.update_expression("SET v = :v").condition_expression("v = :old");
    let update = update.expression_attribute_values(":v", n(2)).expression_attribute_values(":old", n(1));
    let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let action = TransactWriteItem::builder().update(update.build().unwrap()).build();
    let error = transact(&table, vec![action]).send().await.unwrap_err().into_service_error();
    let cancelled = cancelled(&error);
    assert_eq!(cancelled.cancellation_reasons()[0].item(), Some(&item("a", "1", &[("v", n(7))])));
}

async fn the_message_lists_the_reasons(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "2", &[])).await;
    let actions = vec![put(&table, item("a", "1", &[]), NEW), put(&table, item("a", "2", &[]), NEW)];
    let (_, message) = refusal(transact(&table, actions).send().await);
    let expected =
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]";
    assert_eq!(message, expected);
}

async fn an_item_is_touched_once(t: Account) {
    let table = table(&t).await;
    let delete = Delete::builder().table_name(&table.name).set_key(Some(item("a", "1", &[]))).build().unwrap();
    let actions = vec![put(&table, item("a", "1", &[]), None), TransactWriteItem::builder().delete(delete).build()];
    let (code, message) = refusal(transact(&table, actions).send().await);
    assert_eq!(code, "ValidationException");
    assert_eq!(message, "Transaction request cannot include multiple operations on one item");
}

async fn a_hundred_actions_at_most(t: Account) {
    let table = table(&t).await;
    let actions = |count: usize| (0..count).map(|n| put(&table, item("a", &n.to_string(), &[]), None)).collect();
    transact(&table, actions(100)).send().await.unwrap();
    assert_eq!(code(transact(&table, actions(101)).send().await), "ValidationException");
}

fn add(table: &Table, amount: i64) -> TransactWriteItem {
    let update = Update::builder().table_name(&table.name).set_key(Some(item("a", "1", &[])));
    let update = update.update_expression("ADD v :n").expression_attribute_values(":n", n(amount));
    TransactWriteItem::builder().update(update.build().unwrap()).build()
}

async fn a_token_makes_it_once(t: Account) {
    let table = table(&t).await;
    for _ in 0..2 {
        transact(&table, vec![add(&table, 5)]).client_request_token(t.name("token")).send().await.unwrap();
    }
    assert_eq!(table.get("a", "1").await.unwrap()["v"], n(5));
}

async fn a_token_stands_for_its_parameters(t: Account) {
    let table = table(&t).await;
    transact(&table, vec![add(&table, 5)]).client_request_token(t.name("token")).send().await.unwrap();
    let other = transact(&table, vec![add(&table, 6)]).client_request_token(t.name("token"));
    assert_eq!(code(other.send().await), "IdempotentParameterMismatchException");
}

async fn a_check_without_a_write(t: Account) {
    let table = table(&t).await;
    let check = || {
        let check = ConditionCheck::builder().table_name(&table.name).set_key(Some(item("a", "1", &[])));
        let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
        vec![put(&table, item("a", "2", &[]), None), TransactWriteItem::builder().condition_check(check).build()]
    };
    assert_eq!(code(transact(&table, check()).send().await), "TransactionCanceledException");
    table.put(item("a", "1", &[])).await;
    transact(&table, check()).send().await.unwrap();
    assert_eq!(table.get("a", "1").await, Some(item("a", "1", &[])));
}

async fn reads_of_many_items_at_one_time(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[])).await;
    table.put(item("a", "3", &[])).await;
    let get = |sk: &str| {
        let get = Get::builder().table_name(&table.name).set_key(Some(item("a", sk, &[]))).build().unwrap();
        TransactGetItem::builder().get(get).build()
    };
    let request = t.dynamodb.transact_get_items().set_transact_items(Some(["3", "2", "1"].map(get).into()));
    let answer = request.send().await.unwrap();
    let items: Vec<Option<Item>> =
        answer.responses().iter().map(|response| response.item().cloned().filter(|item| !item.is_empty())).collect();
    assert_eq!(items, [Some(item("a", "3", &[])), None, Some(item("a", "1", &[]))]);
}
