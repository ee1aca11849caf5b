//! Reading the members of a request, and pages of answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{buses, errors};
use crate::wire::ServiceError;

/// How many entries a page has unless the request says.
const PAGE: i64 = 100;

/// A request, or a part of one.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Value);

impl<'a> Input<'a> {
    pub(super) fn optional(self, member: &str) -> Option<&'a str> {
        self.0.get(member).and_then(Value::as_str)
    }

    pub(super) fn text(self, member: &str) -> Result<&'a str, ServiceError> {
        self.optional(member).ok_or_else(|| errors::missing(&camel(member)))
    }

    /// A text that has to be a name: letters, digits and `.-_`.
    pub(super) fn name(self, member: &str, longest: usize) -> Result<&'a str, ServiceError> {
        let name = self.text(member)?;
        check_name(name, &camel(member), longest).map(|()| name)
    }

    /// A text of at most `longest` characters, if there is one.
    pub(super) fn at_most(self, member: &str, longest: usize) -> Result<Option<&'a str>, ServiceError> {
        let text = self.optional(member);
        match text {
            Some(text) if text.chars().count() > longest => Err(too_long(text, &camel(member), longest)),
            _ => Ok(text),
        }
    }

    pub(super) fn flag(self, member: &str) -> bool {
        self.0.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn integer(self, member: &str) -> Option<i64> {
        self.0.get(member).and_then(Value::as_i64)
    }

    /// A time: seconds since 1970, or RFC 3339 text.
    pub(super) fn time(self, member: &str) -> Result<Option<Timestamp>, ServiceError> {
        match self.0.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read_time(value)
                .map(Some)
                .ok_or_else(|| ServiceError::new("SerializationException", format!("{member} is not a time"))),
        }
    }

    pub(super) fn list(self, member: &str) -> impl Iterator<Item = Self> {
        self.0.get(member).and_then(Value::as_array).into_iter().flatten().map(Input)
    }

    pub(super) fn texts(self, member: &str) -> Vec<String> {
        self.list(member).filter_map(|item| item.0.as_str()).map(str::to_owned).collect()
    }

    pub(super) fn part(self, member: &str) -> Option<Self> {
        self.0.get(member).filter(|part| part.is_object()).map(Input)
    }

    pub(super) fn map(self, member: &str) -> Option<&'a Map<String, Value>> {
        self.0.get(member).and_then(Value::as_object)
    }

    /// The bus's name, also where its ARN is given.
    pub(super) fn bus(self) -> &'a str {
        self.optional("EventBusName").filter(|name| !name.is_empty()).map_or(buses::DEFAULT, buses::name_of)
    }

    /// One page of `entries`, each with its name, as the member `member`.
    pub(super) fn page(self, member: &str, entries: Vec<(String, Value)>) -> Result<Value, ServiceError> {
        let limit = self.integer("Limit").unwrap_or(PAGE);
        if !(1..=PAGE).contains(&limit) {
            let wanted = if limit < 1 { "greater than or equal to 1" } else { "less than or equal to 100" };
            return Err(errors::constraint(format!("'{limit}'"), "limit", &format!("Member must have value {wanted}")));
        }
        let after = self.optional("NextToken").map(read_token).transpose()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let seen = after.map_or(0, |after| seen(&entries, &after));
        let mut left = entries.into_iter().skip(seen);
        let page: Vec<(String, Value)> = left.by_ref().take(limit).collect();
        let last = page.last().map(|(name, _)| STANDARD.encode(name));
        let values: Vec<Value> = page.into_iter().map(|(_, value)| value).collect();
        let token = left.next().and(last).map(Value::from);
        Ok(with(json!({ member: values }), [("NextToken", token)]))
    }
}

/// How many entries come before the one after `last`, which may be gone by now.
fn seen(entries: &[(String, Value)], last: &String) -> usize {
    match entries.iter().position(|(name, _)| name == last) {
        Some(place) => place + 1,
        None => entries.partition_point(|(name, _)| name < last),
    }
}

fn read_token(token: &str) -> Result<String, ServiceError> {
    let bytes = STANDARD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| errors::validation("Parameter NextToken is not valid."))
}

fn read_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        _ => value
            .as_f64()
            .and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok())
            .and_then(|since| Timestamp::from_duration(since).ok()),
    }
}

pub(super) fn check_name(name: &str, member: &str, longest: usize) -> Result<(), ServiceError> {
    let shown = || format!("'{name}'");
    if name.is_empty() {
        return Err(errors::constraint(shown(), member, "Member must have length greater than or equal to 1"));
    }
    if name.chars().count() > longest {
        return Err(too_long(name, member, longest));
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)) {
        return Err(errors::constraint(
            shown(),
            member,
            r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ));
    }
    Ok(())
}

fn too_long(text: &str, member: &str, longest: usize) -> ServiceError {
    errors::constraint(format!("'{text}'"), member, &format!("Member must have length less than or equal to {longest}"))
}

/// AWS names members in errors with a small first letter.
pub(super) fn camel(member: &str) -> String {
    let mut chars = member.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// A time as answers have it: seconds since 1970.
pub(super) fn seconds(time: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double for 285,000 years")]
    let seconds = time.as_millisecond() as f64 / 1000.0;
    seconds.into()
}

/// An object with more members: those that are there.
pub(super) fn with<const N: usize>(mut object: Value, members: [(&str, Option<Value>); N]) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    object
}

/// The members that are there.
pub(super) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    with(Map::new().into(), members)
}
