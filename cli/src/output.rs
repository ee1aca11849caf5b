//! Standard output: a reader that goes away ends the command quietly.

use std::io::Write as _;

/// Prints text as it is.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    print(&format!("{text}\n"));
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl serde::Serialize) {
    line(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Says something to the person who waits.
pub(crate) fn note(text: &str) {
    anstream::eprintln!("{text}");
}
