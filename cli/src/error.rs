//! Errors that a person sees: what happened, where, what to do.

use std::process::ExitCode;

/// Exit codes. 2 is wrong usage, by `clap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// What was checked does not hold.
    Failed = 1,
    /// A port is taken, a template is broken, a build failed, a function does not start.
    Environment = 3,
    /// Nothing was found.
    NotFound = 4,
    /// AWS, or the local cloud, refused or was not there.
    Aws = 5,
}

/// An error with a code that `throughline explain` knows.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CliError {
    code: &'static str,
    message: String,
    help: String,
    exit: Exit,
}

impl CliError {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: help.into(), exit }
    }

    pub(crate) fn environment(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Environment, code, message, help)
    }

    pub(crate) fn failed(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Exit::Failed, code, message, help)
    }

    /// An SDK call failed. The error's whole chain is in the message.
    pub(crate) fn aws(what: &str, error: &dyn std::error::Error) -> Self {
        let mut message = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(error) = source {
            message.push_str(&format!(": {error}"));
            source = error.source();
        }
        let help = "Is `throughline dev` running, or AWS_ENDPOINT_URL or a profile set? Is --stack the stack's name?";
        Self::new(Exit::Aws, "aws", message, help)
    }

    /// Prints it and gives its exit code.
    pub(crate) fn report(self) -> ExitCode {
        let exit = self.exit;
        let code = self.code;
        let message = &self.message;
        let help = &self.help;
        anstream::eprintln!("{}error[{code}]{}: {message}", ERROR.render(), ERROR.render_reset());
        if !help.is_empty() {
            anstream::eprintln!("  help: {help}");
        }
        anstream::eprintln!("  more: throughline explain {code}");
        ExitCode::from(exit as u8)
    }
}

const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
