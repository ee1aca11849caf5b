//! From text to a state machine, with every mistake reported where it is.

mod choice;
mod errors;
mod fields;
mod flow;
mod report;
mod service;
mod state;

use serde_json::Value;

use crate::diagnostic::{InvalidDefinition, Rule};
use crate::json::{json_mistake, json_place};
use crate::limits::{DEFINITION_BYTES, SECONDS};
use crate::machine::{QueryLanguage, StateMachine};
use fields::Fields;
use report::Report;

pub(crate) fn parse(definition: &str) -> Result<StateMachine, InvalidDefinition> {
    let report = Report::default();
    let machine = read(definition, &report);
    let (warnings, failed) = report.finish();
    match machine {
        Some(machine) if !failed => Ok(StateMachine { warnings, ..machine }),
        _ => Err(InvalidDefinition { diagnostics: warnings }),
    }
}

fn read(definition: &str, report: &Report) -> Option<StateMachine> {
    if definition.len() > DEFINITION_BYTES {
        report.error(Rule::WrongValue, "/", format!("the definition is larger than {DEFINITION_BYTES} bytes"));
        return None;
    }
    let value: Value = match serde_json::from_str(definition) {
        Ok(value) => value,
        Err(error) => {
            let place = json_place(definition, &error);
            let message = format!("{}\n at {place}", json_mistake(definition, &error));
            report.error(Rule::Json, &place, message);
            return None;
        }
    };
    let mut fields = Fields::of(&value, "", report)?;
    let comment = fields.string("Comment");
    fields.string("Version");
    let query_language = language(&mut fields, QueryLanguage::JsonPath);
    let timeout_seconds = fields.integer("TimeoutSeconds", 1, SECONDS);
    report.default_language(query_language);
    let flow = flow::parse(&mut fields, query_language);
    fields.finish();
    flow::unique_names(&flow, report);
    let references = crate::references::of(&value);
    Some(StateMachine { comment, query_language, timeout_seconds, flow, warnings: Vec::new(), references })
}

/// `QueryLanguage`. A state of a JSONata machine cannot go back to JSONPath.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>
fn language(fields: &mut Fields<'_>, default: QueryLanguage) -> QueryLanguage {
    match fields.string("QueryLanguage").as_deref() {
        None => default,
        Some("JSONata") => QueryLanguage::Jsonata,
        Some("JSONPath") if default == QueryLanguage::JsonPath => QueryLanguage::JsonPath,
        Some("JSONPath") => {
            let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            fields.report.error(Rule::WrongValue, fields.here(), message);
            default
        }
        Some(other) => {
            let message = format!("'QueryLanguage' must be 'JSONPath' or 'JSONata', not '{other}'");
            fields.error(Rule::WrongValue, "QueryLanguage", message);
            default
        }
    }
}
