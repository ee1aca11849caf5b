//! Where the local cloud differs from AWS, shown. `docs/local-cloud.md` names these tests in its table. They are no cases
//! of the suite: on AWS they fail.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, KeySchemaElement, KeyType, PointInTimeRecoverySpecification, ProvisionedThroughput,
    ScalarAttributeType, TransactWriteItem, Update,
};
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use throughline_conformance::account::FunctionCode;
use throughline_conformance::{Account, Backend, Case, case};
use throughline_sandbox::Cloud;
use throughline_sandbox::lambda::{Code, FunctionError, FunctionSpec, Invocation};

use crate::given::{bus, fifo, function, item, n, payload, queue, s, streamed_table, table, target};

const PAGE: &str = "docs/local-cloud.md";

const ALL: &[Case] = &[
    case!(policies_are_not_checked, "A policy that denies everything denies nothing.", PAGE),
    case!(standard_queues_keep_order_and_deliver_once, "Messages come in order, once.", PAGE),
    case!(events_are_delivered_once_in_order_of_rules, "Rules deliver once, in the order of their names.", PAGE),
    case!(transactions_never_conflict, "Transactions that meet at an item both go through.", PAGE),
    case!(an_index_is_never_behind, "An index has an item as soon as its table has it.", PAGE),
    case!(capacity_is_not_limited, "A table with one unit takes a hundred writes at once.", PAGE),
    case!(a_stream_has_one_shard_for_good, "A stream has one shard, open after a day.", PAGE),
    case!(backups_are_a_setting_only, "Recovery is kept as a setting; nothing can be restored.", PAGE),
    case!(memory_is_not_limited, "A function uses more memory than MemorySize.", PAGE),
    case!(a_cold_start_takes_no_time, "The first invocation takes as long as the next.", PAGE),
    case!(what_is_new_works_at_once, "A mapping reads as soon as it is made.", PAGE),
    case!(subscriptions_are_sent_at_once, "A subscription gets a line in the moment that it is written.", PAGE),
    case!(no_rates_of_the_account, "A FIFO queue takes more messages a second than an account may send.", PAGE),
];

const OF_PROCESSES: &[Case] =
    &[case!(an_eleventh_invocation_waits_for_a_process, "A function without a reservation has ten processes.", PAGE)];

/// The tests, in process and over TCP.
pub(crate) fn trials(backends: &[Backend]) -> Vec<Trial> {
    let in_process = backends.iter().find(|backend| backend.has_virtual_time());
    let over_tcp = backends.iter().find(|backend| !backend.has_virtual_time());
    let tests =
        in_process.map(|backend| (backend, ALL)).into_iter().chain(over_tcp.map(|backend| (backend, OF_PROCESSES)));
    let tests = tests.flat_map(|(backend, cases)| cases.iter().map(move |case| (backend, case)));
    let trials = tests.enumerate().map(|(number, (backend, case))| {
        let backend = backend.clone();
        Trial::test(format!("divergences::{}", case.name), move || {
            backend.run(case, 900 + number).map_err(|failure| Failed::from(format!("{failure}\nhere: {}", case.fact)))
        })
    });
    trials.collect()
}

fn cloud(t: &Account) -> &Cloud {
    match &t.code {
        FunctionCode::InProcess(cloud) => cloud,
        FunctionCode::Zip(_) => panic!("divergences are shown in process"),
    }
}

async fn policies_are_not_checked(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let statement = json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue.arn });
    queue.set("Policy", &json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()).await;
    queue.send("hello").await;
    assert_eq!(queue.take(&t, 1).await, ["hello"]);
}

async fn standard_queues_keep_order_and_deliver_once(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let bodies: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    for body in &bodies {
        queue.send(body).await;
    }
    assert_eq!(queue.take(&t, 200).await, bodies);
    assert!(queue.receive().await.is_empty());
}

async fn events_are_delivered_once_in_order_of_rules(t: Account) {
    let (bus, queue) = (bus(&t).await, queue(&t, "q", &[]).await);
    for label in ["b", "c", "a"] {
        let mut target = target("q", &queue.arn);
        target.input = Some(json!(label).to_string());
        bus.rule(&t, label, json!({ "source": ["shop"] }), vec![target]).await;
    }
    bus.put("shop", json!({})).await;
    assert_eq!(queue.take(&t, 3).await, [r#""a""#, r#""b""#, r#""c""#]);
    assert!(queue.receive().await.is_empty());
}

async fn transactions_never_conflict(t: Account) {
    let table = table(&t).await;
    let add = || {
        let update = Update::builder().table_name(&table.name).set_key(Some(item("a", "1", &[])));
        let update = update.update_expression("ADD v :one").expression_attribute_values(":one", n(1)).build().unwrap();
        t.dynamodb.transact_write_items().transact_items(TransactWriteItem::builder().update(update).build()).send()
    };
    for answer in join_all((0..50).map(|_| add())).await {
        answer.unwrap();
    }
    assert_eq!(table.get("a", "1").await.unwrap()["v"], n(50));
}

async fn an_index_is_never_behind(t: Account) {
    let table = crate::dynamodb::reads::indexed(&t).await;
    for number in 0..20 {
        let owner = format!("owner {number}");
        let put = t.dynamodb.put_item().table_name(&table).item("pk", s("1")).item("owner", s(&owner));
        put.send().await.unwrap();
        let query = t.dynamodb.query().table_name(&table).index_name("by-owner").key_condition_expression("#o = :o");
        let query = query.expression_attribute_names("#o", "owner").expression_attribute_values(":o", s(&owner));
        assert_eq!(query.send().await.unwrap().count(), 1);
    }
}

async fn capacity_is_not_limited(t: Account) {
    let (name, one) =
        (t.name("table"), ProvisionedThroughput::builder().read_capacity_units(1).write_capacity_units(1));
    let definition = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let create = t.dynamodb.create_table().table_name(&name).attribute_definitions(definition.build().unwrap());
    create.key_schema(key).provisioned_throughput(one.build().unwrap()).send().await.unwrap();
    let put = |number: usize| t.dynamodb.put_item().table_name(&name).item("pk", s(&number.to_string())).send();
    for answer in join_all((0..100).map(put)).await {
        answer.unwrap();
    }
}

async fn a_stream_has_one_shard_for_good(t: Account) {
    let table = streamed_table(&t).await;
    for number in 0..100 {
        table.put(item(&number.to_string(), "1", &[])).await;
    }
    t.pass(Duration::from_secs(24 * 3600)).await;
    let stream =
        t.streams.describe_stream().stream_arn(&table.stream).send().await.unwrap().stream_description.unwrap();
    let [shard] = stream.shards() else { panic!("{stream:?}") };
    assert_eq!(shard.sequence_number_range().unwrap().ending_sequence_number(), None);
}

async fn backups_are_a_setting_only(t: Account) {
    let table = table(&t).await;
    let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().unwrap();
    let update = t.dynamodb.update_continuous_backups().table_name(&table.name);
    update.point_in_time_recovery_specification(on).send().await.unwrap();
    let restore = t.dynamodb.restore_table_to_point_in_time().source_table_name(&table.name);
    let refused = restore.target_table_name(t.name("restored")).use_latest_restorable_time(true).send().await;
    assert_eq!(crate::given::code(refused), "UnknownOperationException");
}

async fn memory_is_not_limited(t: Account) {
    let code = Code::in_process(|_: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        async { Ok(vec![1_u8; 200 << 20].len().into()) }.boxed()
    });
    let mut spec = FunctionSpec::new(t.name("f"), code);
    spec.memory_mb = 128;
    cloud(&t).lambda().add_function(cloud(&t), spec).unwrap();
    let answer = t.lambda.invoke().function_name(t.name("f")).send().await.unwrap();
    assert_eq!((answer.function_error(), payload(&answer)), (None, json!(200 << 20)));
}

async fn a_cold_start_takes_no_time(t: Account) {
    let function = function(&t, "f", "").await;
    let start = tokio::time::Instant::now();
    function.invoke(json!({})).await;
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

async fn what_is_new_works_at_once(t: Account) {
    let (queue, function) = (queue(&t, "q", &[]).await, function(&t, "f", "").await);
    queue.send("hello").await;
    let request = t.lambda.create_event_source_mapping().event_source_arn(&queue.arn);
    request.function_name(&function.name).send().await.unwrap();
    t.pass(Duration::from_millis(100)).await;
    assert_eq!(function.events(&t).await.len(), 1);
}

async fn subscriptions_are_sent_at_once(t: Account) {
    let group = crate::logs::group(&t).await;
    let function = crate::logs::subscribe(&t, &group, "").await;
    crate::logs::put(&t, &group, &["hello"]).await;
    t.pass(Duration::from_secs(1)).await;
    assert_eq!(function.events(&t).await.len(), 1);
}

async fn no_rates_of_the_account(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    // An account may send 300 a second to a queue, one by one.
    let send = |number: usize| {
        let request = t.sqs.send_message().queue_url(&queue.url).message_body("x").message_group_id("g");
        request.message_deduplication_id(number.to_string()).send()
    };
    for answer in join_all((0..400).map(send)).await {
        answer.unwrap();
    }
}

/// Functions without a reservation have ten processes; AWS would start an eleventh.
async fn an_eleventh_invocation_waits_for_a_process(t: Account) {
    let function = function(&t, "f", "").await;
    let start = tokio::time::Instant::now();
    join_all((0..11).map(|_| function.invoke(json!({ "do": "wait", "seconds": 1 })))).await;
    assert!(start.elapsed() > Duration::from_secs(2), "{:?}", start.elapsed());
}
