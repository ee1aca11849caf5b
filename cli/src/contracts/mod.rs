//! `throughline contracts`: the event registry against the code, and against what it was before.

mod changes;
mod compare;
mod folder;
mod older;
mod report;
mod spots;
mod witness;

use std::path::Path;

use serde::Serialize;
use throughline_contracts::{Drift, RegistryError};

use crate::args;
use crate::error::CliError;
use crate::output;
use compare::Incompatible;
use older::Older;

/// Runs the subcommand.
///
/// # Errors
/// What does not hold, or a registry, folder or revision that cannot be read.
pub(crate) fn run(options: args::Contracts) -> Result<(), CliError> {
    match options.command {
        args::ContractsCommand::Check { against, registry, json } => check(&against, &registry, json),
        args::ContractsCommand::Generate { registry } => generate(&registry),
    }
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Checked {
    /// What the schemas were compared with.
    against: String,
    /// How many schemas were compared.
    compared: usize,
    /// Files that do not say what the code says, and samples that are not valid.
    drift: Vec<Drift>,
    /// Schemas that changed incompatibly.
    incompatible: Vec<Incompatible>,
}

fn check(against: &str, registry: &Path, json: bool) -> Result<(), CliError> {
    folder::must_be(registry)?;
    let drift = throughline_orders::registry().drift(registry).map_err(unusable)?;
    let schemas = Older::open(against, registry)?.schemas()?;
    let mut incompatible = Vec::new();
    for (path, old) in &schemas {
        incompatible.extend(compare::file(registry, path, old)?);
    }
    let checked = Checked { against: against.to_owned(), compared: schemas.len(), drift, incompatible };
    if json {
        output::json(&checked);
    } else {
        output::print(&report::text(&checked));
    }
    verdict(&checked)
}

fn verdict(checked: &Checked) -> Result<(), CliError> {
    let (drift, incompatible) = (checked.drift.len(), checked.incompatible.len());
    if incompatible > 0 {
        let message =
            format!("{incompatible} incompatible {} of a schema", if incompatible == 1 { "change" } else { "changes" });
        let help = "Undo the change, or make it a new version: keep the old struct and return it from `older()`.";
        return Err(CliError::failed("contract_incompatible", message, help));
    }
    if drift > 0 {
        let message = format!(
            "{drift} {} of the registry not what the code says",
            if drift == 1 { "file is" } else { "files are" }
        );
        let help =
            "`throughline contracts generate` writes the generated files; samples and changelogs are edited by hand.";
        return Err(CliError::failed("contract_drift", message, help));
    }
    Ok(())
}

fn generate(registry: &Path) -> Result<(), CliError> {
    let written = throughline_orders::registry().write(registry).map_err(unusable)?;
    for path in &written {
        output::line(&registry.join(path).display().to_string());
    }
    if written.is_empty() {
        output::note("the registry says what the code says");
    }
    Ok(())
}

fn unusable(error: RegistryError) -> CliError {
    let mut message = error.to_string();
    if let Some(source) = std::error::Error::source(&error) {
        message.push_str(&format!(": {source}"));
    }
    match error {
        RegistryError::Contract(_) => {
            CliError::failed("contract_broken", message, "Mend the Rust type or its `Contract` implementation.")
        }
        _ => CliError::environment(
            "registry_unreadable",
            message,
            "Is --registry the registry's folder, and may it be read and written?",
        ),
    }
}
