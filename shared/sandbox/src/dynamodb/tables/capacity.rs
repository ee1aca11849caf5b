//! What a table is ready for
//! ([warm throughput](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html)), and since
//! when it is on demand.
//!
//! Warm throughput is never less than what was provisioned once, than 12,000 reads and 4,000 writes a second once the table
//! was on demand, and than what was asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::invalid;
use crate::wire::{ServiceError, set_member};

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Units {
    reads: u64,
    writes: u64,
}

const ON_DEMAND: Units = Units { reads: 12_000, writes: 4_000 };

/// The table itself, or one of its indexes.
type Of = Option<String>;

#[derive(Default)]
pub(super) struct Facts {
    on_demand_since: Option<f64>,
    on_demand: bool,
    warm: BTreeMap<Of, Units>,
    /// What was provisioned for indexes by changes of the table: dynoxide keeps only what they were created with.
    provisioned: BTreeMap<String, Units>,
}

#[derive(Default)]
pub(super) struct Change {
    warm: BTreeMap<Of, Units>,
    provisioned: BTreeMap<String, Units>,
    on_demand: Option<bool>,
}

impl Change {
    /// Whether warm throughput was asked for.
    pub(super) fn asked(&self) -> bool {
        !self.warm.is_empty()
    }
}

/// Takes what is asked for; `facts` are those of the table when it is there already.
pub(super) fn take(facts: Option<&Facts>, input: &mut Value) -> Result<Change, ServiceError> {
    let mode = input.get("BillingMode").and_then(Value::as_str);
    let mut change = Change { on_demand: mode.map(|mode| mode == "PAY_PER_REQUEST"), ..Change::default() };
    let on_demand = change.on_demand.unwrap_or_else(|| facts.is_some_and(|facts| facts.on_demand));
    let provisioned = provisioned(input);
    let asked = input.as_object_mut().and_then(|members| members.shift_remove("WarmThroughput"));
    if let Some(units) = asked.as_ref().and_then(|asked| units(asked, facts, &None, on_demand)) {
        match facts {
            Some(facts) => facts.not_less(&None, units)?,
            None => not_too_little(units, on_demand, provisioned, "table")?,
        }
        change.warm.insert(None, units);
    }
    for index in indexes(input) {
        let name = index.get("IndexName").and_then(Value::as_str).map(str::to_owned);
        if let Some(name) = name.clone().filter(|_| facts.is_some() && index.get("ProvisionedThroughput").is_some()) {
            change.provisioned.insert(name, self::provisioned(index));
        }
        let asked = index.as_object_mut().and_then(|members| members.shift_remove("WarmThroughput"));
        let Some(units) = asked.as_ref().and_then(|asked| units(asked, facts, &name, on_demand)) else { continue };
        match facts.filter(|facts| facts.warm.contains_key(&name)) {
            Some(facts) => facts.not_less(&name, units)?,
            None => {
                let place = format!("index {}", name.as_deref().unwrap_or_default());
                not_too_little(units, on_demand, self::provisioned(index), &place)?;
            }
        }
        change.warm.insert(name, units);
    }
    drop_empty(input);
    Ok(change)
}

/// The indexes that a request creates or changes.
fn indexes(input: &mut Value) -> Vec<&mut Value> {
    let Some(members) = input.as_object_mut() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, member) in members {
        let Some(list) = member.as_array_mut() else { continue };
        match name.as_str() {
            "GlobalSecondaryIndexes" => found.extend(list),
            "GlobalSecondaryIndexUpdates" => {
                let actions = list.iter_mut().filter_map(Value::as_object_mut);
                found.extend(actions.flat_map(|actions| actions.values_mut()));
            }
            _ => {}
        }
    }
    found
}

/// A change of an index that asked for nothing else is none for dynoxide.
fn drop_empty(input: &mut Value) {
    let Some(Value::Array(updates)) = input.get_mut("GlobalSecondaryIndexUpdates") else { return };
    updates.retain(|update| {
        let members = update.get("Update").and_then(Value::as_object);
        members.is_none_or(|members| members.keys().any(|name| name != "IndexName"))
    });
    if updates.is_empty() {
        input.as_object_mut().map(|members| members.shift_remove("GlobalSecondaryIndexUpdates"));
    }
}

fn number(value: &Value, name: &str) -> Option<u64> {
    value.get(name).and_then(Value::as_u64)
}

fn provisioned(of: &Value) -> Units {
    let given = of.get("ProvisionedThroughput").unwrap_or(&Value::Null);
    let number = |name| number(given, name).unwrap_or_default();
    Units { reads: number("ReadCapacityUnits"), writes: number("WriteCapacityUnits") }
}

/// What is asked for; what is left out stays.
fn units(asked: &Value, facts: Option<&Facts>, of: &Of, on_demand: bool) -> Option<Units> {
    let (reads, writes) = (number(asked, "ReadUnitsPerSecond"), number(asked, "WriteUnitsPerSecond"));
    if reads.is_none() && writes.is_none() {
        return None;
    }
    let least = if on_demand { ON_DEMAND } else { Units::default() };
    let now = facts.and_then(|facts| facts.warm.get(of)).copied().unwrap_or(least);
    Some(Units { reads: reads.unwrap_or(now.reads), writes: writes.unwrap_or(now.writes) })
}

fn not_too_little(units: Units, on_demand: bool, provisioned: Units, place: &str) -> Result<(), ServiceError> {
    let least = if on_demand { ON_DEMAND } else { provisioned };
    let Some((member, capacity)) = units.below(least) else { return Ok(()) };
    let than = if on_demand {
        "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial".to_owned()
    } else {
        format!("{capacity} of ProvisionedThroughput")
    };
    Err(invalid(format!("Requested {member} for WarmThroughput for {place} is lower than {than}")))
}

impl Units {
    /// The first member that is below, and the member of provisioned throughput that it corresponds to.
    fn below(self, least: Self) -> Option<(&'static str, &'static str)> {
        if self.reads < least.reads {
            return Some(("ReadUnitsPerSecond", "ReadCapacityUnits"));
        }
        (self.writes < least.writes).then_some(("WriteUnitsPerSecond", "WriteCapacityUnits"))
    }

    fn at_least(self, other: Self) -> Self {
        Self { reads: self.reads.max(other.reads), writes: self.writes.max(other.writes) }
    }
}

impl Facts {
    fn not_less(&self, of: &Of, units: Units) -> Result<(), ServiceError> {
        let now = self.warm.get(of).copied().unwrap_or_default();
        let Some((member, _)) = units.below(now) else { return Ok(()) };
        let place = of.as_ref().map_or("table".to_owned(), |index| format!("index {index}"));
        Err(invalid(format!(
            "Requested {member} for WarmThroughput for {place} is lower than current WarmThroughput, decreasing \
             WarmThroughput is not supported"
        )))
    }

    pub(super) fn describe(&mut self, operation: &str, change: &Change, now: f64, table: &mut Value) {
        if let Some(on_demand) = change.on_demand {
            if on_demand && !self.on_demand {
                self.on_demand_since = Some(now);
            }
            self.on_demand = on_demand;
        }
        if operation != "CreateTable" {
            self.billing(table);
        }
        self.provisioned.extend(change.provisioned.clone());
        if self.on_demand {
            self.provisioned.clear();
        }
        self.warm(None, operation, change, table);
        for index in table.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut).into_iter().flatten() {
            let name = index.get("IndexName").and_then(Value::as_str).map(str::to_owned);
            if let Some(units) = name.as_ref().and_then(|name| self.provisioned.get(name)) {
                set_member(
                    index,
                    "ProvisionedThroughput",
                    json!({
                        "NumberOfDecreasesToday": 0, "ReadCapacityUnits": units.reads, "WriteCapacityUnits": units.writes,
                    }),
                );
            }
            self.warm(name, operation, change, index);
        }
    }

    /// Once a table was on demand, it says since when.
    fn billing(&self, table: &mut Value) {
        let Some(since) = self.on_demand_since else { return };
        let mode = if self.on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" };
        let summary = json!({ "BillingMode": mode, "LastUpdateToPayPerRequestDateTime": since });
        set_member(table, "BillingModeSummary", summary);
    }

    fn warm(&mut self, of: Of, operation: &str, change: &Change, described: &mut Value) {
        let least = if self.on_demand { ON_DEMAND } else { provisioned(described) };
        let asked = change.warm.get(&of).copied();
        let now = self.warm.entry(of).or_default();
        *now = now.at_least(least).at_least(asked.unwrap_or_default());
        let status = match (operation, asked) {
            ("CreateTable" | "UpdateTable", Some(_)) => "UPDATING",
            ("UpdateTable" | "DescribeTable", None) => "ACTIVE",
            _ => return,
        };
        let warm = json!({ "ReadUnitsPerSecond": now.reads, "WriteUnitsPerSecond": now.writes, "Status": status });
        set_member(described, "WarmThroughput", warm);
    }
}
