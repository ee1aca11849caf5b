//! The direct path is dynoxide: the same requests on two engines, one with the direct path and one without.

mod generate;
mod pools;
mod requests;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::direct::KnownExpressions;
use super::super::dispatch;
use super::super::engine::Engine;
use crate::clock::Clock;
use crate::wire::Answer;

use generate::Generator;

/// Requests for each seed.
const REQUESTS: usize = 2000;

/// How often, at least, an operation succeeds and is refused on the direct path, among the requests of a seed.
const LEAST: &[(&str, [usize; 2])] = &[
    ("PutItem", [100, 80]),
    ("UpdateItem", [40, 40]),
    ("DeleteItem", [20, 15]),
    ("GetItem", [90, 0]),
    ("TransactWriteItems", [20, 50]),
    ("BatchWriteItem", [30, 0]),
    ("BatchGetItem", [50, 0]),
    ("Query", [70, 0]),
    ("Scan", [10, 0]),
    ("GetRecords", [2, 0]),
];

struct Both {
    direct: Engine,
    alone: Engine,
    /// How often each operation succeeded, and was refused, on the direct path.
    served: RefCell<BTreeMap<String, [usize; 2]>>,
}

impl Both {
    fn new() -> Self {
        let clock = Clock::starting_at("2026-11-24T12:00:00Z".parse().unwrap());
        let both = Self {
            direct: Engine::new(clock, KnownExpressions::default()).unwrap(),
            alone: Engine::without_direct_path(clock).unwrap(),
            served: RefCell::default(),
        };
        for table in pools::tables() {
            both.same("CreateTable", &table).unwrap();
        }
        both
    }

    /// Runs a request on both, whose answers have to be the same. Of several things that are wrong with a request, dynoxide says
    /// any one; so what is said of one that was handed over is not compared.
    fn same(&self, operation: &str, input: &Value) -> Answer {
        let run = |engine| {
            let streams = dispatch::STREAMS.contains(&operation);
            let run = if streams { dispatch::run_streams } else { dispatch::run };
            run(engine, operation, input.clone()).map(comparable)
        };
        let before = self.direct.served().directly;
        let (direct, alone) = (run(&self.direct), run(&self.alone));
        let directly = self.direct.served().directly > before;
        if directly {
            self.served.borrow_mut().entry(operation.to_owned()).or_default()[usize::from(direct.is_err())] += 1;
        } else if direct.is_err() && alone.is_err() {
            return direct;
        }
        let texts = [&direct, &alone].map(|answer| format!("{answer:#?}"));
        assert_eq!(texts[0], texts[1], "{operation} {input:#}");
        direct
    }

    /// All that both hold: items, entries of indexes, sizes, records of streams. Dynoxide reads them: the direct path does not count
    /// capacity.
    fn same_content(&self) {
        for table in pools::tables() {
            let name = &table["TableName"];
            self.same("Scan", &json!({ "TableName": name, "ReturnConsumedCapacity": "TOTAL" })).unwrap();
            self.same("DescribeTable", &json!({ "TableName": name })).unwrap();
            for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
                for index in table[kind].as_array().into_iter().flatten() {
                    let scan = json!({ "TableName": name, "IndexName": index["IndexName"], "ReturnConsumedCapacity": "TOTAL" });
                    self.same("Scan", &scan).unwrap();
                }
            }
            if table["StreamSpecification"]["StreamEnabled"] == true {
                self.same_stream(name.as_str().unwrap());
            }
        }
    }

    fn same_stream(&self, table: &str) {
        let described = self.same("DescribeTable", &json!({ "TableName": table })).unwrap();
        let arn = &described["Table"]["LatestStreamArn"];
        let shard = dynoxide::streams::shard_id(table);
        let from = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let mut iterator = self.same("GetShardIterator", &from).unwrap()["ShardIterator"].clone();
        loop {
            let page = self.same("GetRecords", &json!({ "ShardIterator": iterator, "Limit": 3 })).unwrap();
            if page["Records"].as_array().unwrap().is_empty() {
                return;
            }
            iterator = page["NextShardIterator"].clone();
        }
    }
}

/// Without what dynoxide draws: ids of records and tables; the wall clock; the size in bytes of a record, which is that of its text; the order of
/// members and tables.
fn comparable(mut answer: Value) -> Value {
    for record in answer.get_mut("Records").and_then(Value::as_array_mut).into_iter().flatten() {
        record.as_object_mut().unwrap().remove("eventID");
    }
    for described in ["Table", "TableDescription"] {
        if let Some(Value::Object(table)) = answer.get_mut(described) {
            for drawn in ["TableId", "CreationDateTime"] {
                table.remove(drawn);
            }
        }
    }
    answer.sort_all_objects();
    answer
}

fn run(seed: u64) {
    let both = Both::new();
    let mut generator = Generator::new(seed);
    for _ in 0..REQUESTS {
        let (operation, input) = generator.request();
        let answer = both.same(operation, &input);
        if let Ok(Some(after)) = answer.map(|answer| answer.get("LastEvaluatedKey").cloned()) {
            let mut next = input;
            next["ExclusiveStartKey"] = after;
            let _ = both.same(operation, &next);
        }
    }
    both.same_content();
    let served = both.served.into_inner();
    for (operation, least) in LEAST {
        let [done, refused] = served.get(*operation).copied().unwrap_or_default();
        assert!(done >= least[0] && refused >= least[1], "{operation} is served directly: {served:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_answers_and_content_one() {
    run(1);
}

#[tokio::test(start_paused = true)]
async fn the_same_answers_and_content_two() {
    run(2);
}

#[tokio::test(start_paused = true)]
async fn the_same_answers_and_content_three() {
    run(3);
}

#[tokio::test(start_paused = true)]
async fn the_same_answers_and_content_four() {
    run(4);
}
