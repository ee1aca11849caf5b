//! What the environment says about a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables that the suite reads. See `docs/conformance.md`.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The process's own variables.
    pub fn from_env() -> Self {
        Self(std::env::vars().collect())
    }

    /// The endpoint to run against, in place of the local cloud.
    pub fn endpoint(&self) -> Option<&str> {
        self.text("THROUGHLINE_CONFORMANCE_ENDPOINT")
    }

    /// The name of that endpoint: its list is `unsupported/<name>.txt`. `localstack` unless set.
    pub fn backend(&self) -> &str {
        self.text("THROUGHLINE_CONFORMANCE_BACKEND").unwrap_or("localstack")
    }

    /// The role of functions and state machines; a made-up one of the account unless set.
    pub fn role(&self) -> String {
        let (key, ..) = self.credentials();
        let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
        let account = if is_account { key } else { "000000000000" };
        let made_up = || format!("arn:aws:iam::{account}:role/conformance");
        self.text("THROUGHLINE_CONFORMANCE_ROLE").map_or_else(made_up, str::to_owned)
    }

    /// The program of functions, where the one that was built for this machine does not run.
    pub fn function(&self) -> Option<PathBuf> {
        self.text("THROUGHLINE_CONFORMANCE_FUNCTION").map(PathBuf::from)
    }

    /// Whether to write the tables of `docs/conformance.md` instead of comparing them.
    pub fn writes_docs(&self) -> bool {
        self.text("THROUGHLINE_CONFORMANCE_WRITE").is_some()
    }

    /// The access key and secret; `test` unless set.
    pub fn credentials(&self) -> (&str, &str, Option<&str>) {
        (
            self.text("AWS_ACCESS_KEY_ID").unwrap_or("test"),
            self.text("AWS_SECRET_ACCESS_KEY").unwrap_or("test"),
            self.text("AWS_SESSION_TOKEN"),
        )
    }

    /// The region; `us-east-1` unless set.
    pub fn region(&self) -> &str {
        self.text("AWS_REGION").unwrap_or("us-east-1")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}
