//! Whether the stock adds up: what is held is what reservations hold, and nothing came or went.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::judge::Check;
use super::place::Place;
use crate::aws::Aws;
use crate::error::CliError;

type Item = HashMap<String, AttributeValue>;

/// One check for each article of the seed, against the stock and the reservations as they are now.
pub(super) async fn adds_up(place: &Place<'_>) -> Result<Vec<Check>, CliError> {
    let aws = &place.aws;
    let stock = rows(aws, "stock").await?;
    let stock: BTreeMap<_, _> =
        stock.iter().map(|item| (text(item, "sku"), (number(item, "available"), number(item, "reserved")))).collect();
    let held = held(&rows(aws, "reservations").await?);
    Ok(seeded(place).into_iter().map(|(sku, total)| check(sku, total, &stock, &held)).collect())
}

fn check(sku: String, total: i64, stock: &BTreeMap<String, (i64, i64)>, held: &BTreeMap<String, i64>) -> Check {
    let reserved = held.get(&sku).copied().unwrap_or_default();
    let expected = format!("{} to sell, {reserved} held", total - reserved);
    let found = stock.get(&sku).map(|(available, reserved)| format!("{available} to sell, {reserved} held"));
    Check::new(format!("stock of {sku}"), expected, found.unwrap_or_else(|| "nothing".to_owned()))
}

/// How many of each article there were before the first story.
fn seeded(place: &Place<'_>) -> BTreeMap<String, i64> {
    let text = std::fs::read_to_string(Path::new("events/seed/stock.json")).unwrap_or_default();
    let rows: Vec<Value> = serde_json::from_str(&place.marks.text(&text)).unwrap_or_default();
    let count = |row: &Value, name: &str| row.get(name).and_then(Value::as_i64).unwrap_or_default();
    let sku = |row: &Value| row.get("sku").and_then(Value::as_str).unwrap_or_default().to_owned();
    rows.iter().map(|row| (sku(row), count(row, "available") + count(row, "reserved"))).collect()
}

/// How many of each article the reservations hold that were not released.
fn held(reservations: &[Item]) -> BTreeMap<String, i64> {
    let mut held = BTreeMap::new();
    for item in reservations.iter().filter(|item| text(item, "status") == "reserved") {
        let lines = item.get("lines").and_then(|lines| lines.as_l().ok()).into_iter().flatten();
        for line in lines.filter_map(|line| line.as_m().ok()) {
            *held.entry(text(line, "sku")).or_default() += number(line, "quantity");
        }
    }
    held
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn number(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}

async fn rows(aws: &Aws, table: &str) -> Result<Vec<Item>, CliError> {
    let scan = aws.dynamodb().scan().table_name(aws.name(table)).consistent_read(true);
    let rows: Result<Vec<Item>, _> = scan.into_paginator().items().send().collect().await;
    rows.map_err(|error| CliError::aws(&format!("failed to read {table}"), &error))
}
