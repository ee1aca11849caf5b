//! A wrong handler is a compile error that a person can act on.
//!
//! Every `tests/ui/*.rs` has to fail with the message in the `.stderr` beside it. Nothing is built anew for that: a case is given to
//! `rustc` with the library `tests/ui/crates`, which `cargo test` has built as an example together with this test.
//! After a change that is meant, `UI_WRITE=1 cargo test -p throughline-runtime` writes the messages.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn wrong_handlers_are_readable_errors() {
    let mut cases: Vec<PathBuf> = fs::read_dir("tests/ui")
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases");
    let wrong: Vec<String> = cases.iter().filter_map(|case| difference(case).unwrap()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How the message of a case differs from the one beside it.
fn difference(case: &Path) -> Result<Option<String>, Box<dyn Error>> {
    let expected_at = case.with_extension("stderr");
    let message = compile(case)?;
    if variable("UI_WRITE").is_some() {
        fs::write(&expected_at, &message)?;
    }
    let expected = fs::read_to_string(&expected_at)?;
    let differs = message != expected;
    Ok(differs.then(|| format!("{}\nexpected:\n{expected}\nactual:\n{message}", case.display())))
}

/// The message with which a case fails to compile.
fn compile(case: &Path) -> Result<String, Box<dyn Error>> {
    let tests = std::env::current_exe()?;
    let deps = tests.parent().ok_or("this test is in no folder")?;
    let library = deps.with_file_name("examples").join("libui.rlib");
    if !library.exists() {
        return Err(format!("no {}: it is built with all targets, not with --test alone", library.display()).into());
    }
    let compiled = Command::new(variable("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--verbose", "--diagnostic-width=300", "-o"])
        .arg(deps.join("ui-case.rmeta"))
        .arg("-L")
        .arg(joined("dependency=", deps))
        .arg("--extern")
        .arg(joined("ui=", &library))
        .arg(Path::new("shared/runtime").join(case))
        .current_dir("../..")
        .output()?;
    if compiled.status.success() {
        return Err(format!("{} compiles", case.display()).into());
    }
    Ok(steady(&String::from_utf8(compiled.stderr)?))
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut joined = OsString::from(prefix);
    joined.push(path);
    joined
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch, and the compiler that cargo names")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A message without what changes while it says the same: numbers of lines, columns in our own sources, the count at the end.
fn steady(message: &str) -> String {
    let mut lines = Vec::new();
    for line in message.lines() {
        if line.starts_with("error: aborting") {
            break;
        }
        let line = line.trim_end();
        let numbered =
            line.trim_start_matches([' ', '.']).trim_start_matches(|character: char| character.is_ascii_digit());
        let bar = numbered.trim_start();
        match (line.find("--> "), bar.starts_with('|')) {
            (Some(at), _) if line.contains("/src/") => lines.push(format!("  {}", without_place(&line[at..]))),
            (Some(at), _) => lines.push(format!("  {}", &line[at..])),
            (None, true) => lines.push(format!("   {bar}")),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// `--> path:line:column` without line and column.
fn without_place(line: &str) -> &str {
    line.split(':').next().unwrap_or(line)
}
