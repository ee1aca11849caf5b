//! The tables, and the expressions that requests are drawn from.

use serde_json::{Value, json};

pub(super) fn tables() -> Vec<Value> {
    let attribute = |name: &str, kind: &str| json!({ "AttributeName": name, "AttributeType": kind });
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let index = |name: &str, keys: Value, projection: Value| json!({ "IndexName": name, "KeySchema": keys, "Projection": projection });
    vec![
        json!({
            "TableName": "simple", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH")], "AttributeDefinitions": [attribute("pk", "S")],
        }),
        json!({
            "TableName": "numbered", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": [attribute("pk", "S"), attribute("sk", "N"), attribute("g", "S"), attribute("h", "N")],
            "GlobalSecondaryIndexes": [
                index("by-g", json!([key("g", "HASH"), key("h", "RANGE")]), json!({ "ProjectionType": "ALL" })),
                index("by-h", json!([key("h", "HASH")]), json!({ "ProjectionType": "KEYS_ONLY" })),
            ],
            "LocalSecondaryIndexes": [
                index("by-own-h", json!([key("pk", "HASH"), key("h", "RANGE")]),
                    json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "m"] })),
            ],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        }),
        json!({
            "TableName": "texts", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": [attribute("pk", "S"), attribute("sk", "S"), attribute("g", "S")],
            "GlobalSecondaryIndexes": [
                index("by-g", json!([key("g", "HASH"), key("sk", "RANGE")]),
                    json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"] })),
            ],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "OLD_IMAGE" },
        }),
    ]
}

pub(super) const CONDITIONS: &[&str] = &[
    "attribute_not_exists(pk)",
    "attribute_exists(#pk)",
    "attribute_exists(a) AND a > :n",
    "attribute_not_exists(b) OR b < :n",
    "#a = :n",
    "a <> :x",
    "NOT a = :n",
    "(a = :n OR b = :n) AND NOT attribute_exists(c)",
    "a BETWEEN :n AND :n2",
    "a IN (:n, :x, b)",
    "begins_with(s, :s)",
    "contains(s, :s)",
    "contains(l, :x)",
    "contains(ss, :s)",
    "contains(ns, :n)",
    "attribute_type(a, :s)",
    "size(s) > :n",
    "size(l) >= size(s)",
    "m.x = :x",
    "m.#a.y = :n",
    "l[0] = :x",
    "m = :m",
    "l = :l AND ss = :ss",
    "ns = :ns",
    "a >= b",
    // What is refused.
    "a = ",
    "name = :x",
    "((a = :n))",
    "contains(s, s)",
    "unknown(a)",
    "",
];

pub(super) const UPDATES: &[&str] = &[
    "SET a = :n",
    "SET #a = :x, b = :x2",
    "SET a = a + :n",
    "SET a = if_not_exists(a, :n) + :n2",
    "SET a = :n - b",
    "SET b = a, a = b",
    "SET l = list_append(l, :l)",
    "SET l = list_append(if_not_exists(l, :l2), :l)",
    "SET m.x = :x",
    "SET m.#a.y = :x",
    "SET m = :m REMOVE a, b",
    "SET g = :g, h = :n",
    "REMOVE g, h",
    "REMOVE m.x",
    "ADD a :n",
    "ADD a :n, ss :ss SET s = :s",
    "ADD ns :ns",
    "DELETE ss :ss",
    "DELETE ns :ns REMOVE s",
    "SET s = :s ADD b :n",
    "SET a = (b + :n)",
    "SET l[1] = :x",
    "REMOVE l[0]",
    // What is refused, always or often.
    "SET a = :n, a = :x",
    "SET m.x = :x, m = :m",
    "SET pk = :s",
    "ADD a :s",
    "SET a = :s + :n",
    "SET list = :x",
    "SET a",
    "",
];

pub(super) const KEY_CONDITIONS: &[&str] = &[
    "pk = :pk",
    "#pk = :pk",
    "pk = :pk AND sk = :sk",
    "pk = :pk AND sk > :sk",
    "pk = :pk AND sk <= :sk",
    "pk = :pk AND sk BETWEEN :sk AND :sk2",
    "pk = :pk AND begins_with(sk, :s)",
    "(pk = :pk) AND (sk >= :sk)",
    "sk < :sk AND pk = :pk",
    "g = :g",
    "g = :g AND h >= :n",
    "g = :g AND sk = :sk",
    "h = :n",
    "pk = :pk AND h < :n",
    // What is refused.
    "pk > :pk",
    "pk = :pk OR sk = :sk",
    "pk = :pk AND a = :x",
];

pub(super) const PROJECTIONS: &[&str] =
    &["a", "pk, a, #a", "#a, s", "m.x, l[0]", "a, a", "pk, sk, g", "m, ss, ns", "status"];
