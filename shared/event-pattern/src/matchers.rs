//! What a pattern asks of one value.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use crate::cidr::{Cidr, parse_address};
use crate::numeric::{Number, Numeric};
use crate::wildcard::Wildcard;

/// One entry of a field's array in a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Matcher {
    Text(String),
    /// A text that is an IP address: it matches every way to write that address.
    Address(String, IpAddr),
    Number {
        text: String,
        number: Option<Number>,
    },
    Bool(bool),
    Null,
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    IgnoreCase(String),
    Wildcard(Wildcard),
    Numeric(Numeric),
    Cidr(Cidr),
    Exists,
    Absent,
    AnythingBut(AnythingBut),
}

/// What `anything-but` excludes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AnythingBut {
    Texts(Vec<String>),
    Numbers(Vec<Number>),
    Prefixes(Vec<String>),
    Suffixes(Vec<String>),
    IgnoreCase(Vec<String>),
    Wildcards(Vec<Wildcard>),
}

impl Matcher {
    /// Whether a leaf of an event is what this asks for. `Absent` never is: it is about fields that are not there.
    pub(crate) fn matches(&self, found: &Value) -> bool {
        match self {
            Self::Bool(wanted) => found.as_bool() == Some(*wanted),
            Self::Null => found.is_null(),
            Self::Number { text, number } => matches_number(text, *number, found),
            Self::Numeric(range) => as_number(found).is_some_and(|number| range.matches(number)),
            Self::Exists => true,
            Self::Absent => false,
            Self::AnythingBut(excluded) => !excluded.excludes(found),
            _ => found.as_str().is_some_and(|text| self.matches_text(text)),
        }
    }

    fn matches_text(&self, found: &str) -> bool {
        match self {
            Self::Text(wanted) => found == wanted,
            Self::Address(_, wanted) => parse_address(found) == Some(*wanted),
            Self::Prefix(prefix) => found.starts_with(prefix.as_str()),
            Self::PrefixIgnoreCase(prefix) => strip_prefix_ignoring_case(found, prefix).is_some(),
            Self::Suffix(suffix) => found.ends_with(suffix.as_str()),
            Self::SuffixIgnoreCase(suffix) => ends_ignoring_case(found, suffix),
            Self::IgnoreCase(wanted) => equals_ignoring_case(found, wanted),
            Self::Wildcard(wildcard) => wildcard.matches(found),
            Self::Cidr(block) => block.contains(found),
            _ => false,
        }
    }
}

impl AnythingBut {
    fn excludes(&self, found: &Value) -> bool {
        if let Self::Numbers(numbers) = self {
            return as_number(found).is_some_and(|number| numbers.contains(&number));
        }
        let Some(found) = found.as_str() else { return false };
        match self {
            Self::Texts(texts) => texts.iter().any(|text| text == found),
            Self::Prefixes(prefixes) => prefixes.iter().any(|prefix| found.starts_with(prefix.as_str())),
            Self::Suffixes(suffixes) => suffixes.iter().any(|suffix| found.ends_with(suffix.as_str())),
            Self::IgnoreCase(texts) => texts.iter().any(|text| equals_ignoring_case(found, text)),
            Self::Wildcards(wildcards) => wildcards.iter().any(|wildcard| wildcard.matches(found)),
            Self::Numbers(_) => false,
        }
    }
}

fn as_number(found: &Value) -> Option<Number> {
    found.as_number().and_then(Number::of)
}

/// Numbers that cannot be compared (account ids, say) are compared as they are written.
fn matches_number(text: &str, wanted: Option<Number>, found: &Value) -> bool {
    let Value::Number(found) = found else { return false };
    found.to_string() == text || wanted.is_some_and(|wanted| Number::of(found) == Some(wanted))
}

fn equals_ignoring_case(found: &str, wanted: &str) -> bool {
    strip_prefix_ignoring_case(found, wanted).is_some_and(str::is_empty)
}

/// Case is ignored character by character: each may stand in its lower or upper case form.
fn strip_prefix_ignoring_case<'a>(found: &'a str, prefix: &str) -> Option<&'a str> {
    prefix
        .chars()
        .try_fold(found, |rest, wanted| forms(wanted).iter().find_map(|form| rest.strip_prefix(form.as_str())))
}

fn ends_ignoring_case(found: &str, suffix: &str) -> bool {
    suffix
        .chars()
        .rev()
        .try_fold(found, |rest, wanted| forms(wanted).iter().find_map(|form| rest.strip_suffix(form.as_str())))
        .is_some()
}

fn forms(c: char) -> [String; 2] {
    [c.to_lowercase().to_string(), c.to_uppercase().to_string()]
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Address(text, _) => quoted(f, text),
            Self::Number { text, .. } => f.write_str(text),
            Self::Bool(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
            Self::Prefix(text) => operator(f, "prefix", text),
            Self::PrefixIgnoreCase(text) => ignoring_case(f, "prefix", text),
            Self::Suffix(text) => operator(f, "suffix", text),
            Self::SuffixIgnoreCase(text) => ignoring_case(f, "suffix", text),
            Self::IgnoreCase(text) => operator(f, "equals-ignore-case", text),
            Self::Wildcard(wildcard) => operator(f, "wildcard", &wildcard.to_string()),
            Self::Numeric(range) => write!(f, r#"{{"numeric":{range}}}"#),
            Self::Cidr(block) => operator(f, "cidr", &block.to_string()),
            Self::Exists => f.write_str(r#"{"exists":true}"#),
            Self::Absent => f.write_str(r#"{"exists":false}"#),
            Self::AnythingBut(excluded) => write!(f, r#"{{"anything-but":{excluded}}}"#),
        }
    }
}

impl fmt::Display for AnythingBut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Texts(texts) => write!(f, "{}", Value::from(texts.clone())),
            Self::Numbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", numbers.join(","))
            }
            Self::Prefixes(texts) => write!(f, r#"{{"prefix":{}}}"#, Value::from(texts.clone())),
            Self::Suffixes(texts) => write!(f, r#"{{"suffix":{}}}"#, Value::from(texts.clone())),
            Self::IgnoreCase(texts) => write!(f, r#"{{"equals-ignore-case":{}}}"#, Value::from(texts.clone())),
            Self::Wildcards(wildcards) => {
                let texts: Vec<String> = wildcards.iter().map(ToString::to_string).collect();
                write!(f, r#"{{"wildcard":{}}}"#, Value::from(texts))
            }
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "{}", Value::from(text))
}

fn operator(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    write!(f, r#"{{"{name}":{}}}"#, Value::from(text))
}

fn ignoring_case(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    write!(f, r#"{{"{name}":{{"equals-ignore-case":{}}}}}"#, Value::from(text))
}
