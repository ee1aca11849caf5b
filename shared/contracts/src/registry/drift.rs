//! Where the folder and the code no longer say the same.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use throughline_envelope::Event;

use super::disk::{changelog_path, names, read};
use super::{Entry, Registry, RegistryError};

/// A file that does not say what the code says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The file, in the registry's folder.
    pub path: PathBuf,
    /// How it differs.
    pub kind: DriftKind,
}

/// How a file differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DriftKind {
    /// It should be there.
    Missing,
    /// Its text is another than the code's.
    Changed,
    /// It describes a type or version that the code does not have.
    Unexpected,
    /// A sample that is no valid event of its type, and why.
    BadSample(String),
    /// The changelog has no heading for this version.
    NotInChangelog(u32),
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.path.display())?;
        match &self.kind {
            DriftKind::Missing => f.write_str("is missing"),
            DriftKind::Changed => f.write_str("does not say what the code says"),
            DriftKind::Unexpected => f.write_str("describes what the code does not have"),
            DriftKind::BadSample(why) => write!(f, "is not a valid sample: {why}"),
            DriftKind::NotInChangelog(version) => write!(f, "has no heading for version {version}"),
        }
    }
}

impl Registry {
    /// Every file of `folder` that does not say what the code says, hand-written samples and changelogs included.
    ///
    /// # Errors
    /// A contract that is broken itself, or a file that cannot be read.
    pub fn drift(&self, folder: &Path) -> Result<Vec<Drift>, RegistryError> {
        let mut drift = Vec::new();
        for (path, text) in self.files()? {
            match read(&folder.join(&path))? {
                None => drift.push(Drift { path, kind: DriftKind::Missing }),
                Some(found) if found != text => drift.push(Drift { path, kind: DriftKind::Changed }),
                Some(_) => {}
            }
        }
        for entry in self.entries() {
            drift.extend(entry.changelog_drift(folder)?);
            drift.extend(entry.unexpected_schemas(folder)?);
            drift.extend(self.bad_samples(entry, folder)?);
        }
        drift.extend(self.unexpected_types(folder)?);
        Ok(drift)
    }

    fn bad_samples(&self, entry: &Entry, folder: &Path) -> Result<Vec<Drift>, RegistryError> {
        let samples = Path::new(&entry.info.event_type).join("samples");
        let mut drift = Vec::new();
        for name in names(&folder.join(&samples))?.into_iter().filter(|name| name.ends_with(".json")) {
            let path = samples.join(name);
            let text = read(&folder.join(&path))?.unwrap_or_default();
            if let Err(why) = self.check_sample(entry, &text) {
                drift.push(Drift { path, kind: DriftKind::BadSample(why) });
            }
        }
        Ok(drift)
    }

    fn check_sample(&self, entry: &Entry, text: &str) -> Result<(), String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let event = Event::from_json(value).map_err(|error| error.to_string())?;
        if event.event_type != entry.info.event_type {
            return Err(format!("it is an event of type {}", event.event_type));
        }
        self.validate(&event).map_err(|error| error.to_string())
    }

    fn unexpected_types(&self, folder: &Path) -> Result<Vec<Drift>, RegistryError> {
        let mut drift = Vec::new();
        for name in names(folder)?.into_iter().filter(|name| self.get(name).is_none()) {
            let path = Path::new(&name).join("contract.json");
            if folder.join(&path).is_file() {
                drift.push(Drift { path, kind: DriftKind::Unexpected });
            }
        }
        Ok(drift)
    }
}

impl Entry {
    fn changelog_drift(&self, folder: &Path) -> Result<Vec<Drift>, RegistryError> {
        let path = changelog_path(self);
        let Some(text) = read(&folder.join(&path))? else {
            return Ok(vec![Drift { path, kind: DriftKind::Missing }]);
        };
        let told = |version: &u32| text.lines().any(|line| line.split_whitespace().eq(["##", &version.to_string()]));
        let missing = self.info.versions.iter().filter(|version| !told(version));
        Ok(missing.map(|version| Drift { path: path.clone(), kind: DriftKind::NotInChangelog(*version) }).collect())
    }

    fn unexpected_schemas(&self, folder: &Path) -> Result<Vec<Drift>, RegistryError> {
        let expected: Vec<_> = self.info.versions.iter().map(|version| super::files::schema_file(*version)).collect();
        let names = names(&folder.join(&self.info.event_type))?;
        let schemas = names.into_iter().filter(|name| name.ends_with(".schema.json") && !expected.contains(name));
        let path = |name| Path::new(&self.info.event_type).join(name);
        Ok(schemas.map(|name| Drift { path: path(name), kind: DriftKind::Unexpected }).collect())
    }
}
