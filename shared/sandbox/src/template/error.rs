//! What can be wrong with a template.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::node::Place;

/// Which kind of mistake a [`TemplateError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file, or one that it names, cannot be read.
    Unreadable,
    /// It is not YAML or JSON.
    Syntax,
    /// A value is missing or is not what belongs there.
    Shape,
    /// A resource type that the local cloud does not have.
    UnsupportedResource,
    /// A property, or a section, that the local cloud does not understand.
    UnsupportedProperty,
    /// An intrinsic function that the local cloud does not understand.
    UnsupportedIntrinsic,
    /// A name that the template does not declare.
    UnknownReference,
    /// A parameter has no value, or one that is not allowed.
    Parameter,
    /// Resources or conditions that depend on each other in a circle.
    Circular,
}

/// One mistake in a template, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {message}", path.display(), place.line, place.column)]
#[non_exhaustive]
pub struct TemplateError {
    kind: ErrorKind,
    path: Arc<Path>,
    place: Place,
    message: String,
    help: Option<String>,
}

impl TemplateError {
    pub(super) fn new(kind: ErrorKind, path: &Arc<Path>, place: Place, message: impl Into<String>) -> Self {
        Self { kind, path: Arc::clone(path), place, message: message.into(), help: None }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The kind of mistake.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The error's stable code: `template_unsupported_resource`.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Unreadable => "template_unreadable",
            ErrorKind::Syntax => "template_syntax",
            ErrorKind::Shape => "template_shape",
            ErrorKind::UnsupportedResource => "template_unsupported_resource",
            ErrorKind::UnsupportedProperty => "template_unsupported_property",
            ErrorKind::UnsupportedIntrinsic => "template_unsupported_intrinsic",
            ErrorKind::UnknownReference => "template_unknown_reference",
            ErrorKind::Parameter => "template_parameter",
            ErrorKind::Circular => "template_circular",
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.place.column
    }

    /// What is wrong, naming the resource and its type where it is about one.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// Every mistake that was found in a template, in the order of their places. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateErrors(Vec<TemplateError>);

impl TemplateErrors {
    pub(super) fn check(mut errors: Vec<TemplateError>) -> Result<(), Self> {
        errors.sort_by_key(|error| error.place);
        errors.dedup();
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// The mistakes.
    pub fn errors(&self) -> &[TemplateError] {
        &self.0
    }
}

impl From<TemplateError> for TemplateErrors {
    fn from(error: TemplateError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for TemplateErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TemplateErrors {}

/// Collects mistakes, so that a person sees all of them at once.
#[derive(Debug)]
pub(super) struct Errors {
    path: Arc<Path>,
    found: std::cell::RefCell<Vec<TemplateError>>,
}

impl Errors {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path: path.into(), found: std::cell::RefCell::default() }
    }

    pub(super) fn report(&self, kind: ErrorKind, place: Place, message: impl Into<String>) {
        self.push(TemplateError::new(kind, &self.path, place, message));
    }

    pub(super) fn report_with_help(
        &self,
        kind: ErrorKind,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(TemplateError::new(kind, &self.path, place, message).with_help(help));
    }

    fn push(&self, error: TemplateError) {
        self.found.borrow_mut().push(error);
    }

    pub(super) fn into_result(self) -> Result<(), TemplateErrors> {
        TemplateErrors::check(self.found.into_inner())
    }
}
