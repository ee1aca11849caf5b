//! Choice rules.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>

use serde_json::Value;

use super::fields::Fields;
use crate::diagnostic::Rule;
use crate::machine::{Choice, Comparison, Operand, Operator, Ordering, QueryLanguage, Test, ValueKind};

pub(super) fn parse(fields: &mut Fields<'_>, language: QueryLanguage) -> Vec<Choice> {
    fields.require("Choices");
    let place = fields.place("Choices");
    let values = fields.array("Choices").unwrap_or_default();
    if fields.has("Choices") && values.is_empty() {
        fields.error(Rule::WrongValue, "Choices", "'Choices' must not be empty");
    }
    if !fields.has("Default") {
        let message = "No 'Default': the execution fails with States.NoChoiceMatched when no choice matches";
        fields.report.warning(Rule::MissingField, fields.here(), message);
    }
    let mut choices = Vec::new();
    for (index, value) in values.iter().enumerate() {
        if let Some(rule) = Fields::of(value, &format!("{place}[{index}]"), fields.report) {
            choices.extend(choice(rule, language));
        }
    }
    choices
}

fn choice(mut rule: Fields<'_>, language: QueryLanguage) -> Option<Choice> {
    rule.require("Next");
    rule.string("Comment");
    let next = rule.string("Next");
    let (output, assign) = match language {
        QueryLanguage::JsonPath => (None, rule.json_path("Assign")),
        QueryLanguage::Jsonata => (rule.jsonata("Output"), rule.jsonata("Assign")),
    };
    let test = match language {
        QueryLanguage::JsonPath => test(&mut rule),
        QueryLanguage::Jsonata => {
            rule.require("Condition");
            rule.jsonata("Condition").map(Test::Condition)
        }
    };
    rule.finish();
    Some(Choice { test: test?, next: next?, output, assign })
}

fn nested(mut rule: Fields<'_>) -> Option<Test> {
    rule.string("Comment");
    let test = test(&mut rule);
    if rule.value("Next").is_some() {
        rule.error(Rule::UnknownField, "Next", "'Next' is only allowed in a top-level choice rule");
    }
    rule.finish();
    test
}

fn test(rule: &mut Fields<'_>) -> Option<Test> {
    if rule.has("And") || rule.has("Or") {
        rule.exclusive(&["And", "Or", "Not", "Variable"]);
        let name = if rule.has("And") { "And" } else { "Or" };
        let place = rule.place(name);
        let mut tests = Vec::new();
        for (index, value) in rule.array(name)?.iter().enumerate() {
            tests.extend(Fields::of(value, &format!("{place}[{index}]"), rule.report).and_then(nested));
        }
        if tests.is_empty() {
            rule.error(Rule::WrongValue, name, format!("'{name}' must not be empty"));
        }
        return Some(if name == "And" { Test::And(tests) } else { Test::Or(tests) });
    }
    if let Some(value) = rule.value("Not") {
        rule.exclusive(&["Not", "Variable"]);
        let inner = Fields::of(value, &rule.place("Not"), rule.report).and_then(nested)?;
        return Some(Test::Not(Box::new(inner)));
    }
    rule.require("Variable");
    let variable = rule.path("Variable");
    Some(Test::Compare(Comparison { operator: operator(rule)?, variable: variable? }))
}

fn operator(rule: &mut Fields<'_>) -> Option<Operator> {
    let mut found = Vec::new();
    for name in names() {
        if rule.has(&name) {
            found.push(name);
        }
    }
    match found.as_slice() {
        [name] => named(rule, name),
        [] => {
            rule.report.error(Rule::BadChoiceRule, rule.here(), "a choice rule needs a comparison operator");
            None
        }
        several => {
            for name in several {
                rule.value(name);
            }
            rule.report.error(Rule::BadChoiceRule, rule.here(), "a choice rule has only one comparison operator");
            None
        }
    }
}

const KINDS: [(&str, ValueKind); 4] = [
    ("String", ValueKind::String),
    ("Numeric", ValueKind::Numeric),
    ("Boolean", ValueKind::Boolean),
    ("Timestamp", ValueKind::Timestamp),
];

const ORDERINGS: [(&str, Ordering); 5] = [
    ("Equals", Ordering::Equals),
    ("LessThan", Ordering::LessThan),
    ("GreaterThan", Ordering::GreaterThan),
    ("LessThanEquals", Ordering::LessThanEquals),
    ("GreaterThanEquals", Ordering::GreaterThanEquals),
];

fn ordered() -> impl Iterator<Item = (String, ValueKind, Ordering)> {
    let all = KINDS.into_iter().flat_map(|(kind_name, kind)| {
        ORDERINGS.into_iter().map(move |(name, ordering)| (format!("{kind_name}{name}"), kind, ordering))
    });
    all.filter(|(_, kind, ordering)| *kind != ValueKind::Boolean || *ordering == Ordering::Equals)
}

fn names() -> impl Iterator<Item = String> {
    let tests = ["StringMatches", "IsPresent", "IsNull", "IsString", "IsNumeric", "IsBoolean", "IsTimestamp"];
    ordered().flat_map(|(name, ..)| [format!("{name}Path"), name]).chain(tests.map(str::to_owned))
}

fn named(rule: &mut Fields<'_>, name: &str) -> Option<Operator> {
    match name {
        "StringMatches" => return rule.string(name).map(Operator::Matches),
        "IsPresent" => return rule.boolean(name).map(Operator::IsPresent),
        "IsNull" => return rule.boolean(name).map(Operator::IsNull),
        "IsNumeric" => return rule.boolean(name).map(|yes| Operator::Is(ValueKind::Numeric, yes)),
        "IsString" => return rule.boolean(name).map(|yes| Operator::Is(ValueKind::String, yes)),
        "IsBoolean" => return rule.boolean(name).map(|yes| Operator::Is(ValueKind::Boolean, yes)),
        "IsTimestamp" => return rule.boolean(name).map(|yes| Operator::Is(ValueKind::Timestamp, yes)),
        _ => {}
    }
    let (base, by_path) = name.strip_suffix("Path").map_or((name, false), |base| (base, true));
    let (_, kind, ordering) = ordered().find(|(known, ..)| known == base)?;
    if by_path {
        return rule.path(name).map(|path| Operator::Ordered(kind, ordering, Operand::Path(path)));
    }
    let value = rule.value(name)?;
    if !is_kind(value, kind) {
        rule.error(Rule::WrongType, name, format!("'{name}' cannot compare with {value}"));
    }
    Some(Operator::Ordered(kind, ordering, Operand::Fixed(value.clone())))
}

fn is_kind(value: &Value, kind: ValueKind) -> bool {
    match kind {
        ValueKind::String => value.is_string(),
        ValueKind::Numeric => value.is_number(),
        ValueKind::Boolean => value.is_boolean(),
        ValueKind::Timestamp => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
    }
}
