//! What a story left behind, in a form in which two tellings can be compared: without times, without ids that somebody made
//! up, without how often something was tried again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use regex::Regex;
use serde_json::{Map, Value};

use crate::stack::Stack;

/// The tables that are compared row by row.
const TABLES: [&str; 9] =
    ["events", "failures", "notifications", "order-views", "orders", "payments", "reservations", "shipments", "stock"];

/// What is compared of a journal line.
const LINE: [&str; 19] = [
    "function",
    "stage",
    "outcome",
    "trigger",
    "event_type",
    "event_source",
    "schema_version",
    "subject",
    "partition_key",
    "sequence",
    "queue",
    "code",
    "class",
    "saga",
    "step",
    "direction",
    "emitted",
    "destinations",
    "dead_letter_queue",
];

/// What is compared of a change of a table.
const CHANGE: [&str; 6] = ["function", "table", "operation", "item_key", "before", "after"];

/// Stages that come as often as something is tried, or sent: a duplicate that comes at the same time sends it once more.
const REPEATED: [&str; 5] = ["received", "retrying", "handed_back", "published", "saga_started"];

/// What of a row hangs on the clock, or on a hash of an id.
const INCIDENTAL: [&str; 4] = ["expires_at", "unsent_shard", "inbox", "attributes"];

/// How much of it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// All.
    Whole,
    /// All but which order it was, and what was tried again.
    Anonymous,
}

/// What a story left behind: texts, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recollection {
    pub(crate) journal: Vec<String>,
    tables: BTreeMap<&'static str, Vec<String>>,
    charges: Vec<String>,
    /// Invocations that wrote a line and have no platform report.
    unreported: usize,
}

impl Recollection {
    /// Everything, as it is now.
    pub(crate) async fn of(stack: &Stack, detail: Detail) -> Self {
        let rows = stack.rows("journal").await;
        let neutral = Neutral::new(detail);
        let mut tables = BTreeMap::new();
        let mut charges = Vec::new();
        for table in TABLES {
            let rows = stack.rows(table).await;
            if table == "orders" {
                charges = charges_of(stack, &neutral, &rows).await;
            }
            tables.insert(table, sorted(rows.iter().map(|row| neutral.row(row))));
        }
        Self { journal: neutral.journal(&rows), tables, charges, unreported: unreported(&rows) }
    }

    /// The journal, as it is now.
    pub(crate) async fn journal_of(stack: &Stack, detail: Detail) -> Vec<String> {
        Neutral::new(detail).journal(&stack.lines_and_changes().await)
    }

    /// What `self` has and `found` has not, and the other way round.
    pub(crate) fn difference(&self, found: &Self) -> String {
        let mut text = String::new();
        let mut part = |name: &str, expected: &[String], found: &[String]| {
            for (sign, those, others) in [("missing", expected, found), ("too much", found, expected)] {
                for line in without(those, others) {
                    let _ = writeln!(text, "{name}, {sign}: {line}");
                }
            }
        };
        part("journal", &self.journal, &found.journal);
        part("charges", &self.charges, &found.charges);
        for (table, rows) in &self.tables {
            part(table, rows, found.tables.get(table).map_or(&[], Vec::as_slice));
        }
        let _ = writeln!(text, "invocations without a report: {}, in process {}", found.unreported, self.unreported);
        text
    }
}

async fn charges_of(stack: &Stack, neutral: &Neutral, orders: &[Value]) -> Vec<String> {
    let mut charges = Vec::new();
    for order in orders {
        let order = order["order_id"].as_str().unwrap_or_default();
        for charge in stack.account_of(order).await.charges {
            charges.push(
                neutral.text(&format!("{order} {} {} {:?}", charge.amount_cents, charge.currency, charge.status)),
            );
        }
    }
    sorted(charges)
}

fn unreported(rows: &[Value]) -> usize {
    let requests = |kind: &str| -> BTreeSet<&str> {
        rows.iter().filter(|row| row["kind"] == kind).filter_map(|row| row["request_id"].as_str()).collect()
    };
    requests("line").difference(&requests("report")).count()
}

fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_unstable();
    texts
}

/// The texts of a list that another has not, or has less often.
fn without<'a>(those: &'a [String], others: &[String]) -> Vec<&'a String> {
    let mut left: Vec<&String> = others.iter().collect();
    let mut missing = Vec::new();
    for text in those {
        match left.iter().position(|other| *other == text) {
            Some(place) => drop(left.swap_remove(place)),
            None => missing.push(text),
        }
    }
    missing
}

/// Takes away from texts what differs between two tellings.
struct Neutral {
    rules: Vec<(Regex, &'static str)>,
    detail: Detail,
}

impl Neutral {
    fn new(detail: Detail) -> Self {
        let mut rules = vec![
            (r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "ID"),
            (r"\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d:\d\d(?:\.\d+)?Z)?)?", "TIME"),
            (r"[0-9a-f]{12,}", "HASH"),
        ];
        if detail == Detail::Anonymous {
            rules.extend([(r"(?:cus|ord|pay|shp|tok)_[0-9A-Za-z_-]+", "SOME"), (r"[a-z]+@example\.com", "SOMEONE")]);
        }
        let rules = rules.into_iter().map(|(rule, by)| (Regex::new(rule).unwrap(), by)).collect();
        Self { rules, detail }
    }

    fn text(&self, text: &str) -> String {
        self.rules.iter().fold(text.to_owned(), |text, (rule, by)| rule.replace_all(&text, *by).into_owned())
    }

    fn row(&self, row: &Value) -> String {
        let members = row.as_object().into_iter().flatten();
        let kept = members.filter(|(name, _)| !INCIDENTAL.contains(&name.as_str()));
        self.sorted_members(kept.map(|(name, value)| (name.clone(), value.clone())))
    }

    /// Items have no order of their attributes.
    fn sorted_members(&self, members: impl Iterator<Item = (String, Value)>) -> String {
        let mut members: Vec<_> = members.map(|(name, value)| (name, in_order(&value))).collect();
        members.sort_by(|one, other| one.0.cmp(&other.0));
        self.text(&Value::Object(members.into_iter().collect()).to_string())
    }

    fn journal(&self, rows: &[Value]) -> Vec<String> {
        let mut journal = Vec::new();
        let mut once = BTreeSet::new();
        for row in rows {
            let fields: &[&str] = if row["kind"] == "line" { &LINE } else { &CHANGE };
            let stage = row["stage"].as_str().unwrap_or_default();
            if row["kind"] == "report" || (self.detail == Detail::Anonymous && stage == "retrying") {
                continue;
            }
            let told = fields.iter().filter(|field| !row[**field].is_null());
            let text = self.sorted_members(told.map(|field| ((*field).to_owned(), row[*field].clone())));
            if !REPEATED.contains(&stage) || once.insert(text.clone()) {
                journal.push(text);
            }
        }
        sorted(journal)
    }
}

/// The same value with the members of its objects in the order of their names.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let incidental = |name: &&String| INCIDENTAL.contains(&name.as_str());
            let kept = members.into_iter().filter(|(name, _)| !incidental(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), in_order(value))).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.iter().map(in_order).collect()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(stage: &str, event: &str, time: &str) -> Value {
        json!({
            "kind": "line", "function": "project-order", "stage": stage, "event_id": event, "time": time,
            "subject": "ord_a", "duration_ms": 3,
        })
    }

    #[test]
    fn times_made_up_ids_and_tries_make_no_difference() {
        let neutral = Neutral::new(Detail::Whole);
        let one = [line("received", "evt_1", "2026-11-24T10:00:00Z"), line("handled", "evt_1", "2026-11-24T10:00:01Z")];
        let tries =
            [line("received", "evt_2", "2026-11-25T10:00:00Z"), line("received", "evt_2", "2026-11-25T10:00:09Z")];
        let other = [&tries[..], &[line("handled", "evt_2", "2026-11-25T10:00:10Z")]].concat();
        assert_eq!(neutral.journal(&one), neutral.journal(&other));
        let row = |id: &str, time: &str| neutral.row(&json!({ "pk": id, "created_at": time, "expires_at": 7 }));
        let ids = ["evt_01a20cff-7d00-7512-977b-d9d41405d88b", "evt_01a20cff-7d00-7512-977b-000000000000"];
        assert_eq!(row(ids[0], "2026-11-24T10:00:00.000000001Z"), row(ids[1], "2026-11-25T10:00:00.000000000Z"));
    }

    #[test]
    fn an_effect_that_happened_twice_or_not_at_all_is_a_difference() {
        let neutral = Neutral::new(Detail::Whole);
        let handled = || line("handled", "evt_1", "2026-11-24T10:00:00Z");
        let of = |rows: &[Value]| Recollection {
            journal: neutral.journal(rows),
            tables: BTreeMap::from([("orders", vec!["completed".to_owned()])]),
            charges: Vec::new(),
            unreported: 0,
        };
        let (once, twice) = (of(&[handled()]), of(&[handled(), handled()]));
        assert_ne!(once, twice);
        let difference = once.difference(&twice);
        assert_eq!(difference.matches("journal, too much").count(), 1, "{difference}");
        assert_eq!(twice.difference(&once).matches("journal, missing").count(), 1);
        let paid = Recollection { charges: vec!["ord_a 2500".into()], ..once.clone() };
        assert!(once.difference(&paid).contains("charges, too much: ord_a 2500"));
    }
}
