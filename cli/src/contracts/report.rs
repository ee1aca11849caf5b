//! What a check found, for people.

use std::fmt::Write as _;

use super::Checked;
use super::compare::{Direction, Incompatible};

pub(super) fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for drift in &checked.drift {
        let _ = writeln!(text, "{drift}");
    }
    for incompatible in &checked.incompatible {
        one(&mut text, incompatible);
    }
    if checked.drift.is_empty() && checked.incompatible.is_empty() {
        let Checked { compared, against, .. } = checked;
        let _ =
            writeln!(text, "the registry says what the code says; {compared} schemas are compatible with {against}");
    }
    text
}

fn one(text: &mut String, found: &Incompatible) {
    let said = match found.direction {
        Direction::NewEventOldConsumer => "consumers of the old schema may refuse new events",
        Direction::OldEventNewConsumer => "consumers of the new schema may refuse stored events",
        Direction::Deleted => "consumers no longer understand stored events",
    };
    let _ = writeln!(text, "{}: {said}", found.schema);
    for change in &found.changes {
        let _ = writeln!(text, "  changed: {change}");
    }
    if let Some(witness) = &found.witness {
        for reason in &witness.refused {
            let _ = writeln!(text, "  refused: {reason}");
        }
        let event = serde_json::to_string_pretty(&witness.event).unwrap_or_default();
        let _ = writeln!(text, "  witness: {}", event.replace('\n', "\n  "));
    }
    if let Some(reason) = &found.reason {
        let _ = writeln!(text, "  not shown to be compatible: {reason}");
    }
}
