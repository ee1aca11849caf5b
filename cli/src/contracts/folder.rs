//! Reading a registry's folder.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::error::CliError;

/// The folder has to be there: without it, everything would seem to be deleted.
pub(super) fn must_be(folder: &Path) -> Result<(), CliError> {
    if folder.is_dir() {
        return Ok(());
    }
    let message = format!("{} is not a folder", folder.display());
    Err(CliError::environment(
        "registry_unreadable",
        message,
        "Run it where the registry is, or name it with --registry.",
    ))
}

/// A JSON file; `None` when there is no such file.
pub(super) fn json(path: &Path) -> Result<Option<Value>, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Parses JSON that was read from `name`.
pub(super) fn parse(name: &str, text: &str) -> Result<Value, CliError> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!("{name} is not JSON: {error}");
        CliError::environment(
            "registry_unreadable",
            message,
            "`throughline contracts generate` writes the schemas again.",
        )
    })
}

/// The names in a folder, sorted; none when there is no such folder.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, CliError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Whether `path`, in a registry's folder, is a version's schema: `<type>/v<N>.schema.json`.
pub(super) fn is_schema(path: &str) -> bool {
    let mut parts = path.split('/');
    let (Some(_), Some(name), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let version = name.strip_prefix('v').and_then(|rest| rest.strip_suffix(".schema.json"));
    version.is_some_and(|version| version.parse::<u32>().is_ok())
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    let message = format!("{} could not be read: {error}", path.display());
    CliError::environment("registry_unreadable", message, "Is it a file or folder that you may read?")
}
