//! The `throughline` command: runs the workflow in the local cloud, and follows events there or in an account.
//!
//! Data goes to standard output, everything else to standard error. Exit codes are in [`error::Exit`].

mod args;
mod aws;
mod contracts;
mod demo;
mod dev;
mod error;
mod explain;
mod failures;
mod local;
mod output;
mod overview;
mod redrive;
mod send;
mod trace;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use error::CliError;

/// What `dev` allocates most is small and short-lived; docs/performance.md has what this allocator brings.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(args)),
        Err(error) => Err(CliError::environment(
            "runtime",
            format!("could not start: {error}"),
            "Free some memory or file handles.",
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

async fn run(args: Args) -> Result<(), CliError> {
    let target = args.target;
    match args.command {
        Command::Demo(options) => demo::run(options, &target).await,
        Command::Dev(options) => dev::run(options, &target).await,
        Command::Send(options) => send::run(options, &target).await,
        Command::Trace(options) => trace::run(options, &target).await,
        Command::Failures(options) => failures::run(options, &target).await,
        Command::Redrive(options) => redrive::run(options, &target).await,
        Command::Discard(options) => redrive::discard(options, &target).await,
        Command::Skip(options) => redrive::skip(options, &target).await,
        Command::Functions(options) => overview::functions(options, &target).await,
        Command::Queues(options) => overview::queues(options, &target).await,
        Command::Contracts(options) => contracts::run(options),
        Command::Explain(options) => explain::run(&options),
    }
}
