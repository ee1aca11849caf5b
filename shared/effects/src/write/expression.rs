//! From data to DynamoDB's expressions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};

use super::{Condition, Update};
use crate::failure::Failure;

/// Expressions under construction: attribute names and values get placeholders, so that no name is a reserved word.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    names: Vec<String>,
    values: Vec<AttributeValue>,
}

impl Expressions {
    pub(crate) fn name(&mut self, name: &str) -> String {
        let known = self.names.iter().position(|known| known == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        numbered("#n", index)
    }

    pub(crate) fn attribute_value(&mut self, value: AttributeValue) -> String {
        self.values.push(value);
        numbered(":v", self.values.len() - 1)
    }

    fn value(&mut self, value: &Value) -> Result<String, Failure> {
        Ok(self.attribute_value(attribute(value)))
    }

    /// All conditions must hold; `None` when there are none.
    pub(crate) fn all(&mut self, conditions: &[Condition]) -> Result<Option<String>, Failure> {
        if let [one] = conditions {
            return self.condition(one).map(Some);
        }
        let parts = conditions.iter().map(|condition| self.condition(condition)).collect::<Result<Vec<_>, _>>()?;
        Ok((!parts.is_empty()).then(|| parts.join(" AND ")))
    }

    fn condition(&mut self, condition: &Condition) -> Result<String, Failure> {
        Ok(match condition {
            Condition::Present(name) => ["attribute_exists(", &self.name(name), ")"].concat(),
            Condition::Absent(name) => ["attribute_not_exists(", &self.name(name), ")"].concat(),
            Condition::Equals(name, value) => format!("{} = {}", self.name(name), self.value(value)?),
            Condition::Differs(name, value) => format!("{} <> {}", self.name(name), self.value(value)?),
            Condition::AtLeast(name, number) => format!("{} >= {}", self.name(name), self.value(&(*number).into())?),
            Condition::Any(any) => {
                let parts = any.iter().map(|one| self.condition(one)).collect::<Result<Vec<_>, _>>()?;
                format!("({})", parts.join(" OR "))
            }
        })
    }

    /// The update expression, with further attributes to set.
    pub(crate) fn update(&mut self, update: &Update, stamps: &[(&str, &str)]) -> Result<String, Failure> {
        let mut sets = Vec::new();
        for (name, value) in &update.sets {
            sets.push(format!("{} = {}", self.name(name), self.value(value)?));
        }
        for (name, text) in stamps {
            let value = self.attribute_value(AttributeValue::S((*text).to_owned()));
            sets.push(format!("{} = {value}", self.name(name)));
        }
        for (name, value) in &update.defaults {
            let name = self.name(name);
            sets.push(format!("{name} = if_not_exists({name}, {})", self.value(value)?));
        }
        for (name, value) in &update.appends {
            let (name, empty) = (self.name(name), self.attribute_value(AttributeValue::L(Vec::new())));
            let one = self.attribute_value(AttributeValue::L(vec![attribute(value)]));
            sets.push(format!("{name} = list_append(if_not_exists({name}, {empty}), {one})"));
        }
        let mut clauses = vec![format!("SET {}", sets.join(", "))];
        let mut adds = Vec::new();
        for (name, number) in &update.adds {
            adds.push(format!("{} {}", self.name(name), self.value(&(*number).into())?));
        }
        if !adds.is_empty() {
            clauses.push(format!("ADD {}", adds.join(", ")));
        }
        if !update.removes.is_empty() {
            let names: Vec<String> = update.removes.iter().map(|name| self.name(name)).collect();
            clauses.push(format!("REMOVE {}", names.join(", ")));
        }
        Ok(clauses.join(" "))
    }

    /// The placeholders' names and values, as the SDK takes them.
    pub(crate) fn into_placeholders(self) -> (Option<Placeholders<String>>, Option<Placeholders<AttributeValue>>) {
        (placeholders("#n", self.names), placeholders(":v", self.values))
    }
}

type Placeholders<T> = HashMap<String, T>;

fn placeholders<T>(prefix: &str, of: Vec<T>) -> Option<Placeholders<T>> {
    if of.is_empty() {
        return None;
    }
    Some(of.into_iter().enumerate().map(|(index, of)| (numbered(prefix, index), of)).collect())
}

/// `#n7`. Most have one digit.
fn numbered(prefix: &str, index: usize) -> String {
    match char::from_digit(u32::try_from(index).unwrap_or(u32::MAX), 10) {
        Some(digit) => {
            let mut text = String::with_capacity(prefix.len() + 1);
            text.push_str(prefix);
            text.push(digit);
            text
        }
        None => format!("{prefix}{index}"),
    }
}

/// JSON as DynamoDB has it. Written out here, not left to a serializer: with `serde_json`'s feature `arbitrary_precision`, which
/// any crate of a build can turn on, a number would be serialized as a map.
pub(crate) fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(members) => AttributeValue::M(item(members)),
    }
}

/// An object as an item.
#[must_use]
pub fn item(members: &Map<String, Value>) -> HashMap<String, AttributeValue> {
    attributes(members).collect()
}

pub(crate) fn attributes(members: &Map<String, Value>) -> impl Iterator<Item = (String, AttributeValue)> {
    members.iter().map(|(name, value)| (name.clone(), attribute(value)))
}
