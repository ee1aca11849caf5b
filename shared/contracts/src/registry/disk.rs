//! Reading and writing the registry's folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::files::changelog;
use super::{Entry, Registry};
use crate::ContractError;

/// Why the registry's folder could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A contract is broken itself.
    #[error("the registry has a broken contract")]
    Contract(#[from] ContractError),
    /// A file or folder could not be read or written.
    #[error("{} could not be accessed", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Registry {
    /// Writes what is generated into `folder`, and begins the changelogs that are missing. Returns what it changed.
    ///
    /// # Errors
    /// A contract that is broken itself, or a file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, RegistryError> {
        let mut files = self.files()?;
        for entry in self.entries() {
            let path = changelog_path(entry);
            if read(&folder.join(&path))?.is_none() {
                files.insert(path, changelog(entry));
            }
        }
        let mut changed = Vec::new();
        for (path, text) in files {
            let at = folder.join(&path);
            if read(&at)?.as_deref() != Some(&text) {
                write(&at, &text)?;
                changed.push(path);
            }
        }
        Ok(changed)
    }
}

pub(super) fn changelog_path(entry: &Entry) -> PathBuf {
    Path::new(&entry.info.event_type).join("CHANGELOG.md")
}

/// The file's text; `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, RegistryError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RegistryError::Io { path: path.to_owned(), source }),
    }
}

fn write(path: &Path, text: &str) -> Result<(), RegistryError> {
    let failed = |source| RegistryError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

/// The names in a folder, sorted; none when there is no such folder.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, RegistryError> {
    let failed = |source| RegistryError::Io { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
