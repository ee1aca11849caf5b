//! The mistakes found so far.

use std::cell::{Cell, RefCell};

use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::machine::QueryLanguage;

#[derive(Debug, Default)]
pub(super) struct Report {
    diagnostics: RefCell<Vec<Diagnostic>>,
    language: Cell<QueryLanguage>,
}

impl Report {
    /// The machine's language, which states have unless they say otherwise, those of branches and processors too.
    pub(super) fn language(&self) -> QueryLanguage {
        self.language.get()
    }

    pub(super) fn default_language(&self, language: QueryLanguage) {
        self.language.set(language);
    }

    pub(super) fn error(&self, rule: Rule, location: &str, message: impl Into<String>) {
        self.add(Severity::Error, rule, location, message.into());
    }

    pub(super) fn warning(&self, rule: Rule, location: &str, message: impl Into<String>) {
        self.add(Severity::Warning, rule, location, message.into());
    }

    fn add(&self, severity: Severity, rule: Rule, location: &str, message: String) {
        self.diagnostics.borrow_mut().push(Diagnostic { severity, rule, message, location: location.to_owned() });
    }

    /// All of them, and whether any is an error.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, bool) {
        let diagnostics = self.diagnostics.into_inner();
        let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
        (diagnostics, failed)
    }
}
