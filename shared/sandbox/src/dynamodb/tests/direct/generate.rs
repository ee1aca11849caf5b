//! Requests drawn from a seed: valid, conditional, failing and odd ones.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use super::pools::{CONDITIONS, KEY_CONDITIONS, PROJECTIONS, UPDATES};

pub(super) struct Generator(StdRng);

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(super) fn request(&mut self) -> (&'static str, Value) {
        match self.0.random_range(0..100) {
            0..24 => ("PutItem", self.put(true)),
            24..44 => ("UpdateItem", self.update(true)),
            44..50 => ("DeleteItem", self.delete(true)),
            50..60 => ("GetItem", self.get()),
            60..76 => ("TransactWriteItems", self.transaction()),
            76..87 => ("Query", self.query()),
            87..90 => ("Scan", self.scan()),
            90..95 => ("BatchWriteItem", self.batch()),
            _ => ("BatchGetItem", self.batch_get()),
        }
    }

    fn odd(&mut self) -> bool {
        self.0.random_ratio(1, 80)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.random_range(0..from.len())]
    }

    fn table(&mut self) -> &'static str {
        if self.odd() { "missing" } else { self.pick(&["simple", "numbered", "texts"]) }
    }

    fn key(&mut self, table: &str) -> Map<String, Value> {
        let mut key = Map::new();
        key.insert("pk".into(), json!({ "S": self.pick(&["p1", "p2", "p3", "p4"]) }));
        match table {
            "numbered" => key.insert("sk".into(), json!({ "N": self.pick(&["1", "2", "-3", "10", "0.5"]) })),
            "texts" => key.insert("sk".into(), json!({ "S": self.pick(&["a", "ab", "b", "B", "é"]) })),
            _ => None,
        };
        if self.odd() {
            let wrong = self.value();
            key.insert("pk".into(), wrong);
        }
        if self.odd() {
            key.insert("extra".into(), json!({ "S": "x" }));
        }
        if self.odd() {
            key.shift_remove("sk");
        }
        key
    }

    fn number(&mut self) -> Value {
        let plain = ["0", "1", "2", "-1", "10", "0.5", "1700000000", "123456789012345678901234567890"];
        let odd = ["1.0", "1e2", "007", "+4", "x", ""];
        json!({ "N": if self.odd() { self.pick(&odd) } else { self.pick(&plain) } })
    }

    fn text(&mut self) -> Value {
        json!({ "S": self.pick(&["", "a", "ab", "abc", "N", "é", "zz", "order"]) })
    }

    fn value(&mut self) -> Value {
        match self.0.random_range(0..12) {
            0..3 => self.number(),
            3..6 => self.text(),
            6 => json!({ "BOOL": self.0.random_bool(0.5) }),
            7 => json!({ "NULL": true }),
            8 => self.list(),
            9 => self.map(),
            10 => {
                if self.0.random_bool(0.5) {
                    self.strings()
                } else {
                    self.numbers()
                }
            }
            _ => self.pick_odd_value(),
        }
    }

    fn pick_odd_value(&mut self) -> Value {
        match self.0.random_range(0..20) {
            0 => json!({ "NULL": false }),
            1 => json!({ "S": "a", "N": "1" }),
            2 => json!({}),
            3 => json!({ "SS": [] }),
            4 => json!({ "SS": ["b", "a"] }),
            5 => json!({ "NS": ["2", "1"] }),
            6 => json!({ "SS": ["a", "a"] }),
            7 => json!({ "BOOL": "true" }),
            8 => json!({ "M": { "": { "S": "x" } } }),
            9..12 => json!({ "B": "AAEC" }),
            12 => json!({ "BS": ["AAEC", "/w=="] }),
            _ => json!({ "S": "plain" }),
        }
    }

    fn list(&mut self) -> Value {
        let items: Vec<Value> = (0..self.0.random_range(0..3)).map(|_| self.text()).collect();
        json!({ "L": items })
    }

    fn map(&mut self) -> Value {
        let inner = json!({ "M": { "y": self.number() } });
        match self.0.random_bool(0.5) {
            true => json!({ "M": { "x": self.text(), "a": inner } }),
            false => json!({ "M": { "x": self.number() } }),
        }
    }

    fn strings(&mut self) -> Value {
        json!({ "SS": self.pick(&[&["a"][..], &["a", "b"], &["ab", "z"], &["b"]]) })
    }

    fn numbers(&mut self) -> Value {
        json!({ "NS": self.pick(&[&["1"][..], &["1", "2"], &["-1", "0.5", "10"], &["2"]]) })
    }

    fn item(&mut self, table: &str) -> Map<String, Value> {
        let mut item = self.key(table);
        for name in ["a", "b", "c", "#odd"] {
            if self.0.random_bool(0.5) {
                let value = if self.0.random_bool(0.5) { self.number() } else { self.value() };
                item.insert(name.into(), value);
            }
        }
        let mut maybe = |name: &str, value: Value, keep: bool| {
            if keep {
                item.insert(name.into(), value);
            }
        };
        maybe("s", self.text(), self.0.random_bool(0.5));
        maybe("l", self.list(), self.0.random_bool(0.5));
        maybe("m", self.map(), self.0.random_bool(0.5));
        maybe("ss", self.strings(), self.0.random_bool(0.4));
        maybe("ns", self.numbers(), self.0.random_bool(0.4));
        let wrong = self.odd();
        maybe(
            "g",
            if wrong { self.value() } else { json!({ "S": self.pick(&["g1", "g2"]) }) },
            self.0.random_bool(0.6),
        );
        let wrong = self.odd();
        maybe(
            "h",
            if wrong { self.value() } else { json!({ "N": self.pick(&["1", "5", "20"]) }) },
            self.0.random_bool(0.6),
        );
        item
    }

    /// Defines what expressions name, but for oddities.
    fn define(&mut self, input: &mut Map<String, Value>, expressions: &[&str], key: &Map<String, Value>) {
        let (mut names, mut values) = (Map::new(), Map::new());
        let words =
            expressions.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && !"#:_".contains(c)));
        for word in words {
            if let Some(name) = word.strip_prefix('#') {
                names.insert(word.into(), json!(name));
            } else if word.starts_with(':') {
                let value = match word.trim_end_matches('2') {
                    ":n" => self.number(),
                    ":s" => self.text(),
                    ":l" => self.list(),
                    ":m" => self.map(),
                    ":ss" => self.strings(),
                    ":ns" => self.numbers(),
                    ":g" => json!({ "S": self.pick(&["g1", "g2"]) }),
                    ":pk" | ":sk" => key
                        .get(word.trim_start_matches(':').trim_end_matches('2'))
                        .cloned()
                        .unwrap_or_else(|| self.value()),
                    _ => self.value(),
                };
                let value = if self.odd() { self.value() } else { value };
                values.insert(word.into(), value);
            }
        }
        if self.odd() {
            names.insert("#unused".into(), json!("unused"));
        }
        if self.odd() {
            values.insert(":unused".into(), self.text());
        }
        if self.odd() {
            let last = values.keys().next_back().cloned().unwrap_or_default();
            values.remove(&last);
        }
        for (member, defined) in [("ExpressionAttributeNames", names), ("ExpressionAttributeValues", values)] {
            if !defined.is_empty() || self.odd() {
                input.insert(member.into(), Value::Object(defined));
            }
        }
    }

    fn condition(&mut self) -> Option<&'static str> {
        self.0.random_bool(0.6).then(|| self.pick(CONDITIONS))
    }

    fn guarded(&mut self, mut input: Map<String, Value>, update: Option<&'static str>, single: bool) -> Value {
        let condition = self.condition();
        let expressions: Vec<&str> = condition.into_iter().chain(update).collect();
        self.define(&mut input, &expressions, &Map::new());
        if let Some(condition) = condition {
            input.insert("ConditionExpression".into(), json!(condition));
        }
        if self.0.random_bool(0.5) {
            input.insert("ReturnValuesOnConditionCheckFailure".into(), json!(self.pick(&["ALL_OLD", "NONE"])));
        }
        if single && self.0.random_bool(0.5) {
            let returns = match update {
                Some(_) => self.pick(&["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "NONE"]),
                None => self.pick(&["ALL_OLD", "NONE", "ALL_NEW"]),
            };
            input.insert("ReturnValues".into(), json!(returns));
        }
        if single && self.odd() {
            input.insert("ReturnConsumedCapacity".into(), json!(self.pick(&["TOTAL", "NONE", "INDEXES"])));
        }
        Value::Object(input)
    }

    fn put(&mut self, single: bool) -> Value {
        let table = self.table();
        let item = self.item(table);
        self.guarded(object(json!({ "TableName": table, "Item": item })), None, single)
    }

    fn update(&mut self, single: bool) -> Value {
        let table = self.table();
        let key = self.key(table);
        let update = self.pick(UPDATES);
        let input = json!({ "TableName": table, "Key": key, "UpdateExpression": update });
        self.guarded(object(input), Some(update), single)
    }

    fn delete(&mut self, single: bool) -> Value {
        let table = self.table();
        let key = self.key(table);
        self.guarded(object(json!({ "TableName": table, "Key": key })), None, single)
    }

    fn check(&mut self) -> Value {
        let table = self.table();
        let condition = self.pick(CONDITIONS);
        let mut input = object(json!({ "TableName": table, "Key": self.key(table), "ConditionExpression": condition }));
        self.define(&mut input, &[condition], &Map::new());
        Value::Object(input)
    }

    fn transaction(&mut self) -> Value {
        let actions = (0..self.0.random_range(1..4)).map(|_| match self.0.random_range(0..10) {
            0..4 => json!({ "Put": self.put(false) }),
            4..7 => json!({ "Update": self.update(false) }),
            7 => json!({ "Delete": self.delete(false) }),
            _ => json!({ "ConditionCheck": self.check() }),
        });
        json!({ "TransactItems": actions.collect::<Vec<_>>() })
    }

    fn get(&mut self) -> Value {
        let table = self.table();
        let mut input = object(json!({ "TableName": table, "Key": self.key(table) }));
        if self.0.random_bool(0.5) {
            let projection = self.pick(PROJECTIONS);
            self.define(&mut input, &[projection], &Map::new());
            input.insert("ProjectionExpression".into(), json!(projection));
        }
        if self.0.random_bool(0.3) {
            input.insert("ConsistentRead".into(), json!(self.0.random_bool(0.5)));
        }
        Value::Object(input)
    }

    fn query(&mut self) -> Value {
        let condition = self.pick(KEY_CONDITIONS);
        let table = match condition {
            _ if self.odd() => self.table(),
            _ if condition.contains("h ") => "numbered",
            _ if condition.contains("begins_with") || condition.contains("g = :g AND sk") => "texts",
            _ if condition.contains("sk") || condition.contains('g') => self.pick(&["numbered", "texts"]),
            _ => self.pick(&["simple", "numbered", "texts"]),
        };
        let mut input = object(json!({ "TableName": table }));
        let key = self.key(table);
        input.insert("KeyConditionExpression".into(), json!(condition));
        let filter = self.0.random_bool(0.3).then(|| self.pick(CONDITIONS));
        let projection = self.0.random_bool(0.3).then(|| self.pick(PROJECTIONS));
        let expressions: Vec<&str> = [Some(condition), filter, projection].into_iter().flatten().collect();
        self.define(&mut input, &expressions, &key);
        let index = match condition {
            _ if self.odd() => Some("by-g"),
            "h = :n" => Some("by-h"),
            "pk = :pk AND h < :n" => Some("by-own-h"),
            _ if condition.starts_with('g') => Some("by-g"),
            _ => None,
        };
        let members = [
            ("FilterExpression", filter.map(Value::from)),
            ("ProjectionExpression", projection.map(Value::from)),
            ("IndexName", index.map(Value::from)),
            ("Limit", self.0.random_bool(0.4).then(|| json!(self.pick(&[1, 2, 3, 100])))),
            ("ScanIndexForward", self.0.random_bool(0.4).then(|| json!(self.0.random_bool(0.5)))),
            ("ConsistentRead", self.0.random_ratio(1, 10).then(|| json!(true))),
            ("Select", self.0.random_bool(0.1).then(|| json!(self.pick(&["COUNT", "ALL_ATTRIBUTES"])))),
            ("ExclusiveStartKey", self.0.random_bool(0.1).then(|| Value::Object(self.item(table)))),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                input.insert(name.into(), value);
            }
        }
        Value::Object(input)
    }

    fn scan(&mut self) -> Value {
        let mut input = self.query();
        let members = input.as_object_mut().unwrap();
        members.remove("KeyConditionExpression");
        members.remove("ScanIndexForward");
        let texts: Vec<String> = ["FilterExpression", "ProjectionExpression"]
            .iter()
            .filter_map(|name| Some(members.get(*name)?.as_str()?.to_owned()))
            .collect();
        members.remove("ExpressionAttributeNames");
        members.remove("ExpressionAttributeValues");
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.define(members, &texts, &Map::new());
        input
    }

    fn batch(&mut self) -> Value {
        let table = self.table();
        let requests = (0..self.0.random_range(1..5)).map(|_| match self.0.random_ratio(1, 4) {
            true => json!({ "DeleteRequest": { "Key": self.key(table) } }),
            false => json!({ "PutRequest": { "Item": self.item(table) } }),
        });
        let requests: Vec<Value> = requests.collect();
        json!({ "RequestItems": { table: requests } })
    }

    fn batch_get(&mut self) -> Value {
        let table = self.table();
        let keys: Vec<Value> = (0..self.0.random_range(1..4)).map(|_| Value::Object(self.key(table))).collect();
        json!({ "RequestItems": { table: { "Keys": keys } } })
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
