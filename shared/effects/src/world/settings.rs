//! Environment variables, read once.

use std::collections::BTreeMap;
use std::ops::Bound;

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

    /// A whole number; `None` when it is not set.
    ///
    /// # Errors
    /// `Malformed`, with the variable's name, when it is not a whole number.
    pub fn number(&self, variable: &str) -> Result<Option<u64>, SettingsError> {
        let parse = |text: &str| text.parse();
        self.get(variable).map(parse).transpose().map_err(|error: std::num::ParseIntError| SettingsError::Malformed {
            variable: variable.to_owned(),
            reason: error.to_string(),
        })
    }

    /// The name of a business table, from `THROUGHLINE_TABLE_<NAME>`.
    ///
    /// # Errors
    /// `Missing`, with the variable's name.
    pub fn table(&self, logical: &str) -> Result<&str, SettingsError> {
        self.named("THROUGHLINE_TABLE_", logical)
    }

    /// The ARN of a saga's state machine, from `THROUGHLINE_SAGA_<NAME>`.
    ///
    /// # Errors
    /// `Missing`, with the variable's name.
    pub fn saga(&self, name: &str) -> Result<&str, SettingsError> {
        self.named("THROUGHLINE_SAGA_", name)
    }

    /// Asked for each event: the few variables with this prefix are looked through, and none of their names is put together.
    fn named(&self, prefix: &str, name: &str) -> Result<&str, SettingsError> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let mut with_prefix =
            self.0.range::<str, _>(from).map_while(|(variable, text)| Some((variable.strip_prefix(prefix)?, text)));
        let found = with_prefix.find(|(end, text)| is_shouted(end, name) && !text.is_empty());
        let missing = || SettingsError::Missing { variable: prefix.chars().chain(shouted(name)).collect() };
        found.map(|(_, text)| text.as_str()).ok_or_else(missing)
    }

    /// The URLs of the queues that get every ordered event.
    #[must_use]
    pub fn ordered_queues(&self) -> Vec<&str> {
        self.get("THROUGHLINE_ORDERED_QUEUES").unwrap_or_default().split_whitespace().collect()
    }
}

/// Whether a part of a variable's name is this name's; of ASCII, as almost all are, without a look at what else there is.
fn is_shouted(end: &str, name: &str) -> bool {
    if !name.is_ascii() {
        return end.chars().eq(shouted(name));
    }
    let letter = |letter: u8| if letter == b'-' { b'_' } else { letter.to_ascii_uppercase() };
    end.len() == name.len() && end.bytes().zip(name.bytes()).all(|(end, name)| end == letter(name))
}

/// `order-views` as a part of a variable's name: `ORDER_VIEWS`.
fn shouted(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_uppercase).map(|letter| if letter == '-' { '_' } else { letter })
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

    #[test]
    fn a_table_is_found_by_its_whole_name_in_capitals() {
        let variables =
            [("ORDERS", "o"), ("ORDER_VIEWS", "v"), ("ORDER", ""), ("STRASSE", "s"), ("É", "e"), ("Order", "x")];
        let named = |(end, text): (&str, &str)| (format!("THROUGHLINE_TABLE_{end}"), text.to_owned());
        let settings = Settings::from_map(variables.map(named).into());
        for (name, table) in
            [("orders", "o"), ("Orders", "o"), ("order-views", "v"), ("order_views", "v"), ("straße", "s"), ("é", "e")]
        {
            assert_eq!(settings.table(name).unwrap(), table);
        }
        for name in ["order", "order-view", "views", ""] {
            assert!(settings.table(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_number_is_read_absent_or_refused() {
        let settings = Settings::from_map([("SECONDS".into(), "90".into()), ("WRONG".into(), "soon".into())].into());
        assert_eq!(settings.number("SECONDS"), Ok(Some(90)));
        assert_eq!(settings.number("ABSENT"), Ok(None));
        let error = settings.number("WRONG").unwrap_err().to_string();
        assert!(error.starts_with("the environment variable WRONG is malformed"), "{error}");
    }
}
