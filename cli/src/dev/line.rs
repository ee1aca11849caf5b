//! A line that a function logged, as a terminal shows it.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What is shown of a journal line. Its other members are passed over, not read: `dev` does this to every line.
#[derive(Deserialize)]
struct Shown {
    journal: Option<IgnoredAny>,
    #[serde(rename = "_aws")]
    metrics: Option<IgnoredAny>,
    #[serde(rename = "type")]
    kind: Option<String>,
    level: Option<String>,
    function: Option<String>,
    stage: Option<String>,
    subject: Option<String>,
    event_type: Option<String>,
    message_id: Option<String>,
    code: Option<String>,
    cause: Option<String>,
    duration_ms: Option<f64>,
}

/// Journal lines shortened, others as they are; nothing of metrics and of what the platform reports.
pub(super) fn shorten(message: &str) -> Option<String> {
    let message = message.trim_end();
    let Ok(shown) = serde_json::from_str::<Shown>(message) else { return Some(message.to_owned()) };
    if shown.metrics.is_some() || shown.kind.as_deref().is_some_and(|kind| kind.starts_with("platform.")) {
        return None;
    }
    if shown.journal.is_none() {
        return Some(message.to_owned());
    }
    let style = match shown.level.as_deref() {
        Some("ERROR") => anstyle::AnsiColor::Red,
        Some("WARN") => anstyle::AnsiColor::Yellow,
        _ => anstyle::AnsiColor::Green,
    }
    .on_default();
    let took = shown.duration_ms.map(|ms| format!(" {ms:.1} ms")).unwrap_or_default();
    let why = [shown.code.unwrap_or_default(), shown.cause.unwrap_or_default()].join(" ");
    Some(format!(
        "{:<18} {}{:<12}{} {} {}{took} {}",
        shown.function.unwrap_or_default(),
        style.render(),
        shown.stage.unwrap_or_default(),
        style.render_reset(),
        shown.event_type.or(shown.message_id).unwrap_or_default(),
        shown.subject.unwrap_or_default(),
        why.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_line_is_shortened_and_others_are_as_they_are() {
        let line = r#"{"journal":1,"level":"INFO","function":"reserve-stock","stage":"handled","event_type":"a.b.c","subject":"ord_1","duration_ms":1.25,"more":{"x":[1]}}"#;
        let shown = anstream::adapter::strip_str(&shorten(line).unwrap()).to_string();
        assert_eq!(shown.trim_end(), "reserve-stock      handled      a.b.c ord_1 1.2 ms");
        assert_eq!(shorten("plain\n").unwrap(), "plain");
        assert_eq!(shorten(r#"{"level":30,"msg":"own"}"#).unwrap(), r#"{"level":30,"msg":"own"}"#);
        assert_eq!(shorten(r#"{"time":"…","type":"platform.report","record":{}}"#), None);
        assert_eq!(shorten(r#"{"_aws":{"Timestamp":1},"count":1}"#), None);
    }
}
