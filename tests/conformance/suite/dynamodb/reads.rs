//! DynamoDB: queries, scans, indexes, batches of reads.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, KeysAndAttributes, Projection,
    ProjectionType, ScalarAttributeType, Select,
};
use throughline_conformance::{Account, Case, case};

use crate::given::{Item, Table, code, eventually, item, n, s, table};

const QUERY: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html";
const PAGES: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html";
const FILTER: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html";
const INDEX: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html";
const BATCH: &str = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_query_is_in_order_of_the_sort_key,
        "A query answers in the order of the sort key, or with ScanIndexForward false in reverse.",
        QUERY
    ),
    case!(
        begins_with_and_between_on_the_sort_key,
        "A key condition takes begins_with and BETWEEN, both ends included, on the sort key.",
        QUERY
    ),
    case!(
        pages_go_on_where_the_last_one_ended,
        "With Limit a query answers LastEvaluatedKey, and goes on from ExclusiveStartKey.",
        PAGES
    ),
    case!(
        a_filter_works_after_the_limit,
        "A filter is applied after the read: ScannedCount counts what was read, Count what is left.",
        FILTER
    ),
    case!(
        an_index_has_the_items_with_its_key,
        "A global secondary index has the items that have its key attributes, and only those.",
        INDEX
    ),
    case!(an_index_is_never_read_consistently, "A consistent read of a global secondary index is refused.", INDEX),
    case!(a_batch_reads_a_key_once, "BatchGetItem refuses a key that is named twice.", BATCH),
    case!(
        a_batch_answers_what_there_is,
        "BatchGetItem answers the items that exist and says nothing of the others.",
        BATCH
    ),
];

async fn filled(t: &Account) -> Table {
    let table = table(t).await;
    for sk in ["a3", "a1", "b1", "a2"] {
        table.put(item("p", sk, &[("v", n(i64::from(sk.as_bytes()[1] - b'0')))])).await;
    }
    table.put(item("other", "a1", &[])).await;
    table
}

fn keys(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item["sk"].as_s().unwrap().as_str()).collect()
}

async fn a_query_is_in_order_of_the_sort_key(t: Account) {
    let table = filled(&t).await;
    let query = || {
        let query = t.dynamodb.query().table_name(&table.name).key_condition_expression("pk = :p");
        query.expression_attribute_values(":p", s("p"))
    };
    assert_eq!(keys(query().send().await.unwrap().items()), ["a1", "a2", "a3", "b1"]);
    let reverse = query().scan_index_forward(false).send().await.unwrap();
    assert_eq!(keys(reverse.items()), ["b1", "a3", "a2", "a1"]);
}

async fn begins_with_and_between_on_the_sort_key(t: Account) {
    let table = filled(&t).await;
    let query = t.dynamodb.query().table_name(&table.name).expression_attribute_values(":p", s("p"));
    let begins = query.clone().key_condition_expression("pk = :p AND begins_with(sk, :a)");
    let begins = begins.expression_attribute_values(":a", s("a")).send().await.unwrap();
    assert_eq!(keys(begins.items()), ["a1", "a2", "a3"]);
    let between = query.key_condition_expression("pk = :p AND sk BETWEEN :a AND :b");
    let between = between.expression_attribute_values(":a", s("a2")).expression_attribute_values(":b", s("b1"));
    assert_eq!(keys(between.send().await.unwrap().items()), ["a2", "a3", "b1"]);
}

async fn pages_go_on_where_the_last_one_ended(t: Account) {
    let table = filled(&t).await;
    let query = t.dynamodb.query().table_name(&table.name).key_condition_expression("pk = :p").limit(3);
    let query = query.expression_attribute_values(":p", s("p"));
    let first = query.clone().send().await.unwrap();
    assert_eq!(keys(first.items()), ["a1", "a2", "a3"]);
    let last = first.last_evaluated_key().unwrap().clone();
    assert_eq!(last, item("p", "a3", &[]));
    let second = query.set_exclusive_start_key(Some(last)).send().await.unwrap();
    assert_eq!(keys(second.items()), ["b1"]);
    assert_eq!(second.last_evaluated_key(), None);
}

async fn a_filter_works_after_the_limit(t: Account) {
    let table = filled(&t).await;
    let query = t.dynamodb.query().table_name(&table.name).key_condition_expression("pk = :p").limit(3);
    let query = query.filter_expression("v > :v").expression_attribute_values(":p", s("p"));
    let answer = query.expression_attribute_values(":v", n(1)).send().await.unwrap();
    assert_eq!(keys(answer.items()), ["a2", "a3"]);
    assert_eq!((answer.count(), answer.scanned_count()), (2, 3));
    let count = t.dynamodb.scan().table_name(&table.name).select(Select::Count).send().await.unwrap();
    assert_eq!((count.count(), count.items().len()), (5, 0));
}

/// A table `indexed` with the partition key `pk`, and an index `by-owner` on `owner`.
pub(crate) async fn indexed(t: &Account) -> String {
    let name = t.name("indexed");
    let attribute = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let key = |name: &str| KeySchemaElement::builder().attribute_name(name).key_type(KeyType::Hash).build().unwrap();
    let index = GlobalSecondaryIndex::builder().index_name("by-owner").key_schema(key("owner"));
    let index = index.projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build());
    let request = t.dynamodb.create_table().table_name(&name).billing_mode(BillingMode::PayPerRequest);
    let request = request.attribute_definitions(attribute("pk")).attribute_definitions(attribute("owner"));
    let request = request.key_schema(key("pk")).global_secondary_indexes(index.build().unwrap());
    request.send().await.unwrap();
    t.at_end(t.dynamodb.delete_table().table_name(&name).send());
    eventually(t, "an active table", async || {
        let table = t.dynamodb.describe_table().table_name(&name).send().await.unwrap().table?;
        (table.table_status?.as_str() == "ACTIVE").then_some(())
    })
    .await;
    name
}

async fn an_index_has_the_items_with_its_key(t: Account) {
    let table = indexed(&t).await;
    for (pk, owner) in [("1", Some("ann")), ("2", Some("bob")), ("3", None)] {
        let request = t.dynamodb.put_item().table_name(&table).item("pk", s(pk)).item("v", n(1));
        let request = match owner {
            Some(owner) => request.item("owner", s(owner)),
            None => request,
        };
        request.send().await.unwrap();
    }
    let query = t.dynamodb.query().table_name(&table).index_name("by-owner").key_condition_expression("#o = :o");
    let query = query.expression_attribute_names("#o", "owner").expression_attribute_values(":o", s("ann"));
    let found = eventually(&t, "the item in the index", async || {
        query.clone().send().await.unwrap().items.filter(|items| !items.is_empty())
    })
    .await;
    // KEYS_ONLY: the keys of table and index, nothing else.
    assert_eq!(found, [[("pk".to_owned(), s("1")), ("owner".to_owned(), s("ann"))].into()]);
    let all = eventually(&t, "both items", async || {
        let scan = t.dynamodb.scan().table_name(&table).index_name("by-owner").send().await.unwrap();
        (scan.count() >= 2).then_some(scan.count())
    })
    .await;
    assert_eq!(all, 2);
}

async fn an_index_is_never_read_consistently(t: Account) {
    let table = indexed(&t).await;
    let scan = t.dynamodb.scan().table_name(&table).index_name("by-owner").consistent_read(true);
    assert_eq!(code(scan.send().await), "ValidationException");
}

async fn a_batch_reads_a_key_once(t: Account) {
    let table = table(&t).await;
    let twice = KeysAndAttributes::builder().keys(item("p", "1", &[])).keys(item("p", "1", &[])).build().unwrap();
    assert_eq!(code(t.dynamodb.batch_get_item().request_items(&table.name, twice).send().await), "ValidationException");
}

async fn a_batch_answers_what_there_is(t: Account) {
    let table = table(&t).await;
    table.put(item("p", "1", &[("v", n(1))])).await;
    let two = KeysAndAttributes::builder().keys(item("p", "1", &[])).keys(item("p", "2", &[])).consistent_read(true);
    let answer = t.dynamodb.batch_get_item().request_items(&table.name, two.build().unwrap()).send().await.unwrap();
    assert_eq!(answer.responses().unwrap()[&table.name], [item("p", "1", &[("v", n(1))])]);
    assert!(answer.unprocessed_keys().is_none_or(std::collections::HashMap::is_empty));
}
