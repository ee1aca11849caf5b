//! A reason worked out from the last journal line and Lambda's report of that invocation.

use throughline_telemetry::{JournalLine, Stage};

use super::{Failure, FailureClass};
use crate::row::Report;

/// Fills in the reason of a failure whose message does not say it.
pub(super) fn derive(failure: &mut Failure, last: Option<&JournalLine>, report: Option<&Report>) {
    failure.derived = true;
    if let Some(line) = last {
        adopt(failure, line);
    }
    let (class, code, cause) = reason(last, report);
    (failure.class, failure.code, failure.cause) = (class, code, cause);
}

/// Adds to what the function said of earlier runs how the last of them ended.
pub(super) fn add_report(failure: &mut Failure, report: Option<&Report>) {
    let Some(report) = report else { return };
    let kind = report.error_type.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    failure.cause = format!("{}; the last of them: {}{kind}", failure.cause, crash(None, report));
    failure.derived = true;
}

fn adopt(failure: &mut Failure, line: &JournalLine) {
    if failure.function.is_empty() || failure.function == "unknown" {
        failure.function.clone_from(&line.function);
    }
    failure.attempt = failure.attempt.or(line.attempt);
    failure.request_id = failure.request_id.take().or_else(|| line.request_id.clone());
    failure.correlation_id = failure.correlation_id.take().or_else(|| line.correlation_id.clone());
    failure.subject = failure.subject.take().or_else(|| line.subject.clone());
}

fn reason(last: Option<&JournalLine>, report: Option<&Report>) -> (FailureClass, String, String) {
    match (last, report) {
        // The function said why it would be tried again; then the deliveries were used up.
        (Some(line), _) if line.code.is_some() => {
            let code = line.code.clone().unwrap_or_default();
            let said = line.cause.as_deref().unwrap_or("no cause was given");
            (class_of(line), code, format!("{said} (last journal line: {}, {})", line.stage, line.time))
        }
        (_, Some(report)) if !report.succeeded() => {
            let code = report.error_type.clone().unwrap_or_else(|| report.status.clone());
            (FailureClass::Crashed, code, crash(last, report))
        }
        (Some(line), _) => {
            let cause =
                format!("the function ended without saying why (last journal line: {}, {})", line.stage, line.time);
            (FailureClass::Crashed, "crashed".into(), cause)
        }
        (None, _) => {
            let cause =
                "no function left a journal line of this message: it was never taken up, or crashed at its start";
            (FailureClass::Crashed, "never_received".into(), cause.into())
        }
    }
}

fn class_of(line: &JournalLine) -> FailureClass {
    match (line.class.as_deref(), line.stage) {
        (Some("poison"), _) | (_, Stage::Rejected) => FailureClass::Poison,
        (Some("permanent"), _) | (_, Stage::Failed) => FailureClass::Permanent,
        _ => FailureClass::Exhausted,
    }
}

fn crash(last: Option<&JournalLine>, report: &Report) -> String {
    let after = report.duration_ms.map(|ms| format!(" after {ms:.0} ms")).unwrap_or_default();
    let line = last.map(|line| format!("; last journal line: {}, {}", line.stage, line.time)).unwrap_or_default();
    format!("the invocation ended with status `{}`{after}{line}", report.status)
}
