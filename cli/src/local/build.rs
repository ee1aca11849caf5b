//! Building the functions with cargo, in the profile that this command was built with.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::error::CliError;
use crate::output;

/// The folder of this command's own binary: the functions' binaries are beside it.
pub(super) fn folder() -> Result<PathBuf, CliError> {
    let own = std::env::current_exe().ok().and_then(|path| path.parent().map(Path::to_owned));
    own.ok_or_else(|| {
        CliError::environment("build_failed", "cannot tell where this command's binary is", "Run it with cargo.")
    })
}

/// Builds every binary of the workspace: cargo then picks the same features as when it built this command, so that nothing is
/// compiled twice.
pub(super) async fn functions() -> Result<(), CliError> {
    let folder = folder()?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--workspace", "--bins", "--quiet"]).stdin(Stdio::null()).kill_on_drop(true);
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => {}
        Some(profile) => {
            cargo.args(["--profile", profile]);
        }
    }
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    output::note("building the functions …");
    let status = cargo.status().await;
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(CliError::environment("build_failed", "the functions did not build", "Mend the errors above.")),
        Err(error) => Err(CliError::environment(
            "build_failed",
            format!("cargo could not be run: {error}"),
            "Install Rust from https://rustup.rs.",
        )),
    }
}

/// Asks a binary for its self-description.
pub(super) async fn describes_itself(binary: &Path, name: &str) -> Result<(), CliError> {
    let failed = |what: String| {
        CliError::environment(
            "function_crashed",
            format!("{name} does not start: {what}"),
            "Run its binary with the word `describe` to see why.",
        )
    };
    if !binary.exists() {
        return Err(CliError::environment(
            "build_failed",
            format!("{name} has no binary: {} is not there", binary.display()),
            "Name its package as the last folder of the function's CodeUri, and build it: leave out --no-build.",
        ));
    }
    let mut command = Command::new(binary);
    command.arg("describe").stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(10), command.output()).await;
    let output = output.map_err(|_| failed("no answer within 10 s".to_owned()))?.map_err(|e| failed(e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned();
    Err(failed(format!("{}: {said}", output.status)))
}
