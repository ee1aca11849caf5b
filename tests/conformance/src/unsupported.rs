//! What a backend is known not to do.

use std::collections::BTreeMap;

use crate::case::Group;

/// The cases that fail on a backend, with the reasons.
#[derive(Debug, Clone, Default)]
pub struct Unsupported(BTreeMap<String, String>);

/// What is wrong with a list.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// A line that is not `topic::case: reason`.
    #[error("line {0} is not \"topic::case: reason\"")]
    Malformed(usize),
    /// A case that is listed twice.
    #[error("{0} is listed twice")]
    Twice(String),
    /// A case that does not exist.
    #[error("there is no case {0}")]
    Unknown(String),
    /// A case that does not run on the backend anyway.
    #[error("{0} runs on virtual time only")]
    VirtualTime(String),
}

impl Unsupported {
    /// Reads a list: `topic::case: reason` a line, `#` starts a comment.
    ///
    /// # Errors
    /// [`ListError::Malformed`] and [`ListError::Twice`].
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let mut listed = BTreeMap::new();
        for (number, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, reason) = line.split_once(": ").ok_or(ListError::Malformed(number + 1))?;
            if listed.insert(name.to_owned(), reason.trim().to_owned()).is_some() {
                return Err(ListError::Twice(name.to_owned()));
            }
        }
        Ok(Self(listed))
    }

    /// Holds the list against the cases that there are.
    ///
    /// # Errors
    /// The first name that is not a case of this backend.
    pub fn check(&self, groups: &[Group], virtual_time: bool) -> Result<(), ListError> {
        for name in self.0.keys() {
            let mut cases =
                groups.iter().flat_map(|group| group.cases.iter().map(|case| (group.full_name(case), case)));
            match cases.find(|(full, _)| full == name) {
                None => return Err(ListError::Unknown(name.clone())),
                Some((_, case)) if case.virtual_time && !virtual_time => {
                    return Err(ListError::VirtualTime(name.clone()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Why a case fails here, when it is known to.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The cases and reasons, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, reason)| (name.as_str(), reason.as_str()))
    }
}
