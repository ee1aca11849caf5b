//! The registry as it was: at a git revision, or in a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::folder;
use crate::error::CliError;

/// Where the older schemas are.
pub(super) enum Older {
    /// In a folder like `events`.
    Folder(PathBuf),
    /// In the same folder, at a revision of the repository that it is in.
    Revision { registry: PathBuf, revision: String },
}

impl Older {
    /// `against` is a folder if there is one of that name, else a revision.
    pub(super) fn open(against: &str, registry: &Path) -> Result<Self, CliError> {
        if Path::new(against).is_dir() {
            return Ok(Self::Folder(against.into()));
        }
        let commit = format!("{against}^{{commit}}");
        git(registry, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).map_err(|why| {
            let why = if why.is_empty() { "there is no such folder and no such revision".to_owned() } else { why };
            no_revision(against, &why)
        })?;
        Ok(Self::Revision { registry: registry.to_owned(), revision: against.to_owned() })
    }

    /// Every version's schema, by its path in the registry.
    pub(super) fn schemas(&self) -> Result<BTreeMap<String, Value>, CliError> {
        let mut schemas = BTreeMap::new();
        for path in self.paths()?.into_iter().filter(|path| folder::is_schema(path)) {
            if let Some(schema) = self.schema(&path)? {
                schemas.insert(path, schema);
            }
        }
        Ok(schemas)
    }

    fn paths(&self) -> Result<Vec<String>, CliError> {
        match self {
            Self::Folder(folder) => {
                let mut paths = Vec::new();
                for event_type in folder::names(folder)? {
                    let names = folder::names(&folder.join(&event_type))?;
                    paths.extend(names.into_iter().map(|name| format!("{event_type}/{name}")));
                }
                Ok(paths)
            }
            Self::Revision { registry, revision } => {
                let listed = git(registry, &["ls-tree", "-r", "-z", "--name-only", revision]);
                let listed = listed.map_err(|why| no_revision(revision, &why))?;
                Ok(listed.split('\0').map(str::to_owned).collect())
            }
        }
    }

    fn schema(&self, path: &str) -> Result<Option<Value>, CliError> {
        match self {
            Self::Folder(folder) => folder::json(&folder.join(path)),
            Self::Revision { registry, revision } => {
                let name = format!("{revision}:./{path}");
                let text = git(registry, &["show", &name]).map_err(|why| no_revision(revision, &why))?;
                folder::parse(&name, &text).map(Some)
            }
        }
    }
}

/// Runs git in the registry's folder, so that paths are relative to it. Fails with what git says.
fn git(registry: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new("git").arg("-C").arg(registry).args(args).output();
    let output = output.map_err(|error| format!("git could not be run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn no_revision(against: &str, why: &str) -> CliError {
    let message = format!("nothing to compare with at {against:?}: {why}");
    CliError::environment("no_revision", message, "--against takes a commit, branch or tag, or a folder like `events`.")
}
