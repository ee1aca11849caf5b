//! The stack's functions and queues.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName;
use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use serde::Serialize;

use crate::args::{Overview, Target};
use crate::aws::Aws;
use crate::error::{CliError, Exit};
use crate::output;

#[derive(Debug, Serialize)]
struct FunctionRow {
    name: String,
    triggers: Vec<String>,
    timeout_seconds: i32,
    memory_mb: i32,
    environment: BTreeMap<String, String>,
}

/// Lists the functions.
pub(crate) async fn functions(options: Overview, target: &Target) -> Result<(), CliError> {
    let aws = Aws::new(target).await;
    let mut triggers = triggers(&aws).await?;
    let mut pages = aws.lambda().list_functions().into_paginator().items().send();
    let prefix = aws.name("");
    let mut rows = Vec::new();
    while let Some(function) = pages.next().await {
        let function = function.map_err(|e| CliError::aws("failed to list functions", &e))?;
        let Some(name) = function.function_name().and_then(|name| name.strip_prefix(&prefix)) else { continue };
        let environment = function.environment.as_ref().and_then(|e| e.variables.clone()).unwrap_or_default();
        rows.push(FunctionRow {
            triggers: triggers.remove(function.function_arn().unwrap_or_default()).unwrap_or_default(),
            name: name.to_owned(),
            timeout_seconds: function.timeout.unwrap_or_default(),
            memory_mb: function.memory_size.unwrap_or_default(),
            environment: environment.into_iter().collect(),
        });
    }
    if rows.is_empty() {
        return Err(nothing("functions", &aws));
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    if options.json {
        output::json(&rows);
        return Ok(());
    }
    let mut table = table(&["function", "reads", "timeout", "memory"]);
    for row in &rows {
        table.add_row([
            row.name.clone(),
            row.triggers.join(", "),
            format!("{} s", row.timeout_seconds),
            format!("{} MB", row.memory_mb),
        ]);
    }
    output::line(&table.to_string());
    Ok(())
}

/// The names of what each function's mappings read, by the function's ARN.
async fn triggers(aws: &Aws) -> Result<BTreeMap<String, Vec<String>>, CliError> {
    let mut pages = aws.lambda().list_event_source_mappings().into_paginator().items().send();
    let mut triggers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(mapping) = pages.next().await {
        let mapping = mapping.map_err(|e| CliError::aws("failed to list event source mappings", &e))?;
        let (Some(function), Some(source)) = (mapping.function_arn, mapping.event_source_arn) else { continue };
        let name = match source.split_once(":table/") {
            Some((_, table)) => format!("{} (stream)", table.split('/').next().unwrap_or(table)),
            None => source.rsplit(':').next().unwrap_or(&source).to_owned(),
        };
        triggers.entry(function).or_default().push(name.trim_start_matches(&aws.name("")).to_owned());
    }
    Ok(triggers)
}

#[derive(Debug, Serialize)]
struct QueueRow {
    name: String,
    visible: u64,
    in_flight: u64,
    delayed: u64,
    dead_letter_queue: Option<String>,
}

/// Lists the queues.
pub(crate) async fn queues(options: Overview, target: &Target) -> Result<(), CliError> {
    let aws = Aws::new(target).await;
    let sqs = aws.sqs();
    let mut pages = sqs.list_queues().queue_name_prefix(aws.name("")).into_paginator().items().send();
    let mut rows = Vec::new();
    while let Some(url) = pages.next().await {
        let url = url.map_err(|e| CliError::aws("failed to list queues", &e))?;
        let attributes =
            sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All).send().await;
        let attributes =
            attributes.map_err(|e| CliError::aws("failed to read a queue", &e))?.attributes.unwrap_or_default();
        let number = |name: QueueAttributeName| attributes.get(&name).and_then(|n| n.parse().ok()).unwrap_or_default();
        let redrive = attributes.get(&QueueAttributeName::RedrivePolicy).map(String::as_str).unwrap_or_default();
        let redrive: serde_json::Value = serde_json::from_str(redrive).unwrap_or_default();
        let dead = redrive.get("deadLetterTargetArn").and_then(|arn| arn.as_str()?.rsplit(':').next());
        let short = |name: &str| name.strip_prefix(&aws.name("")).unwrap_or(name).to_owned();
        rows.push(QueueRow {
            name: short(url.rsplit('/').next().unwrap_or(&url)),
            visible: number(QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            delayed: number(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
            dead_letter_queue: dead.map(short),
        });
    }
    if rows.is_empty() {
        return Err(nothing("queues", &aws));
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    if options.json {
        output::json(&rows);
        return Ok(());
    }
    let mut table = table(&["queue", "visible", "in flight", "delayed", "dead letters go to"]);
    for row in rows {
        let counts = [row.visible, row.in_flight, row.delayed].map(|n| n.to_string());
        let [visible, in_flight, delayed] = counts;
        table.add_row([row.name, visible, in_flight, delayed, row.dead_letter_queue.unwrap_or_default()]);
    }
    output::line(&table.to_string());
    Ok(())
}

pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    let style = presets::UTF8_HORIZONTAL_ONLY.header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(style.row_separator(LineStyle::none()));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}

fn nothing(what: &str, aws: &Aws) -> CliError {
    let message = format!("the stack `{}` has no {what} there", aws.stack());
    CliError::new(
        Exit::NotFound,
        "not_found",
        message,
        "Name another stack with --stack, or start one with `throughline dev`.",
    )
}
