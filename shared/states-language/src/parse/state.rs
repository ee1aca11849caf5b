//! States, by type.

use super::fields::Fields;
use super::{choice, language, service};
use crate::diagnostic::Rule;
use crate::limits::SECONDS;
use crate::machine::{Amount, Fail, Kind, Next, Pass, QueryLanguage, State, Text, Wait};
use crate::path::Path;
use crate::template::Template;

/// `None` when not even the state's type or transitions are known.
pub(super) fn parse(mut fields: Fields<'_>, default: QueryLanguage) -> Option<State> {
    fields.require("Type");
    fields.string("Comment");
    let kind = fields.string("Type")?;
    let language = language(&mut fields, default);
    let next = match kind.as_str() {
        "Choice" => fields.string("Default").map(Next::State),
        "Succeed" | "Fail" => None,
        "Pass" | "Task" | "Wait" | "Parallel" | "Map" => transition(&mut fields),
        _ => None,
    };
    let mut state = State {
        language,
        input_path: Some(Path::root()),
        output_path: Some(Path::root()),
        output: None,
        assign: None,
        kind: Kind::Succeed,
        next,
    };
    if kind != "Fail" {
        common(&mut fields, &mut state, kind != "Succeed");
    }
    state.kind = match kind.as_str() {
        "Pass" => Kind::Pass(pass(&mut fields, language)),
        "Task" => Kind::Task(Box::new(service::task(&mut fields, language))),
        "Choice" => Kind::Choice(choice::parse(&mut fields, language)),
        "Wait" => Kind::Wait(wait(&mut fields, language)),
        "Succeed" => Kind::Succeed,
        "Fail" => Kind::Fail(fail(&mut fields, language)),
        "Parallel" => Kind::Parallel(service::parallel(&mut fields, language)),
        "Map" => Kind::Map(Box::new(service::map(&mut fields, language))),
        _ => {
            let message = "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
            fields.error(Rule::UnknownStateType, "Type", message);
            return None;
        }
    };
    fields.finish();
    Some(state)
}

fn common(fields: &mut Fields<'_>, state: &mut State, assigns: bool) {
    match state.language {
        QueryLanguage::JsonPath => {
            state.input_path = fields.path_or_null("InputPath");
            state.output_path = fields.path_or_null("OutputPath");
            if assigns {
                state.assign = fields.json_path("Assign");
            }
        }
        QueryLanguage::Jsonata => {
            state.output = fields.jsonata("Output");
            if assigns {
                state.assign = fields.jsonata("Assign");
            }
        }
    }
}

fn transition(fields: &mut Fields<'_>) -> Option<Next> {
    let next = fields.string("Next");
    let end = fields.boolean("End");
    match (next, end) {
        (Some(_), Some(true)) => {
            fields.report.error(Rule::NextAndEnd, fields.here(), "'Next' and 'End' exclude each other");
            Some(Next::End)
        }
        (Some(next), _) => Some(Next::State(next)),
        (None, Some(true)) => Some(Next::End),
        (None, _) => {
            if !fields.has("Next") {
                let message = "Missing required field 'Next': a state that is not terminal needs 'Next' or 'End'";
                fields.report.error(Rule::MissingTransition, fields.here(), message);
            }
            None
        }
    }
}

fn pass(fields: &mut Fields<'_>, language: QueryLanguage) -> Pass {
    if language == QueryLanguage::Jsonata {
        return Pass { result: None, parameters: None, result_path: None };
    }
    Pass {
        result: fields.value("Result").cloned(),
        parameters: fields.json_path("Parameters"),
        result_path: fields.result_path(),
    }
}

fn wait(fields: &mut Fields<'_>, language: QueryLanguage) -> Wait {
    let names: &[&str] = match language {
        QueryLanguage::JsonPath => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        QueryLanguage::Jsonata => &["Seconds", "Timestamp"],
    };
    fields.exclusive(names);
    if !names.iter().any(|name| fields.has(name)) {
        let message = format!("Missing required field: one of {}", names.join(", "));
        fields.report.error(Rule::MissingField, fields.here(), message);
    }
    let until = text(fields, "Timestamp", language);
    if let Some(Text::Fixed(at)) = &until
        && crate::execute::simple::timestamp(at).is_none()
    {
        fields.error(Rule::WrongValue, "Timestamp", "String does not match RFC3339 timestamp");
    }
    let seconds = amount(fields, "Seconds", 0, language);
    match (until, seconds) {
        (Some(until), _) => Wait::Until(until),
        (None, seconds) => Wait::Seconds(seconds.unwrap_or(Amount::Fixed(0))),
    }
}

fn fail(fields: &mut Fields<'_>, language: QueryLanguage) -> Fail {
    fields.exclusive(&["Error", "ErrorPath"]);
    fields.exclusive(&["Cause", "CausePath"]);
    Fail { error: text(fields, "Error", language), cause: text(fields, "Cause", language) }
}

/// `NAME`, or in JSONPath `NAMEPath`.
fn text(fields: &mut Fields<'_>, name: &str, language: QueryLanguage) -> Option<Text> {
    if language == QueryLanguage::Jsonata {
        return fields.jsonata(name).map(|template| match template {
            Template::Literal(serde_json::Value::String(text)) => Text::Fixed(text),
            template => Text::Computed(template),
        });
    }
    let computed = fields.reference(&format!("{name}Path")).map(Text::Computed);
    fields.string(name).map(Text::Fixed).or(computed)
}

/// `NAME`, or in JSONPath `NAMEPath`.
pub(super) fn amount(fields: &mut Fields<'_>, name: &str, least: u64, language: QueryLanguage) -> Option<Amount> {
    if language == QueryLanguage::Jsonata && fields.value(name).is_some_and(serde_json::Value::is_string) {
        return fields.jsonata(name).map(Amount::Expression);
    }
    let found = fields.integer(name, least, SECONDS).map(Amount::Fixed);
    if language == QueryLanguage::Jsonata {
        return found;
    }
    found.or(fields.path(&format!("{name}Path")).map(Amount::Path))
}
