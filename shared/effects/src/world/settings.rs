//! Environment variables, read once.

use std::collections::BTreeMap;

/// The settings of a function; `docs/wire.md` lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

/// A setting that is needed is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It is not set, or empty.
    #[error("the environment variable {variable} is not set")]
    Missing {
        /// Its name.
        variable: String,
    },
    /// Its text is not what it has to be.
    #[error("the environment variable {variable} is malformed: {reason}")]
    Malformed {
        /// Its name.
        variable: String,
        /// What is wrong.
        reason: String,
    },
}

impl Settings {
    /// The process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// Given variables.
    #[must_use]
    pub fn from_map(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// A variable, unless it is absent or empty.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<&str> {
        self.0.get(variable).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A variable that has to be there.
    ///
    /// # Errors
    /// `Missing`, with its name.
    pub fn text(&self, variable: &str) -> Result<&str, SettingsError> {
        self.get(variable).ok_or_else(|| SettingsError::Missing { variable: variable.to_owned() })
    }

    /// The name of a business table, from `THROUGHLINE_TABLE_<NAME>`.
    ///
    /// # Errors
    /// `Missing`, with the variable's name.
    pub fn table(&self, logical: &str) -> Result<&str, SettingsError> {
        self.text(&format!("THROUGHLINE_TABLE_{}", shouted(logical)))
    }

    /// The ARN of a saga's state machine, from `THROUGHLINE_SAGA_<NAME>`.
    ///
    /// # Errors
    /// `Missing`, with the variable's name.
    pub fn saga(&self, name: &str) -> Result<&str, SettingsError> {
        self.text(&format!("THROUGHLINE_SAGA_{}", shouted(name)))
    }

    /// The URLs of the queues that get every ordered event.
    #[must_use]
    pub fn ordered_queues(&self) -> Vec<&str> {
        self.get("THROUGHLINE_ORDERED_QUEUES").unwrap_or_default().split_whitespace().collect()
    }
}

/// `order-views` as a part of a variable's name: `ORDER_VIEWS`.
fn shouted(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_is_named() {
        let settings = Settings::from_map([("THROUGHLINE_TABLE_ORDER_VIEWS".into(), "s-order-views".into())].into());
        assert_eq!(settings.table("order-views").unwrap(), "s-order-views");
        let error = settings.saga("fulfil-order").unwrap_err();
        assert_eq!(error.to_string(), "the environment variable THROUGHLINE_SAGA_FULFIL_ORDER is not set");
    }
}
