//! Arguments.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Event-driven workflows on AWS Lambda that stay debuggable.
///
/// Exit codes: 0 done; 1 what was checked does not hold; 2 wrong usage; 3 the environment is not as it has to be (a port is taken,
/// a template is broken, a build failed); 4 nothing was found; 5 AWS refused.
#[derive(Debug, Parser)]
#[command(name = "throughline", version, about, long_about, propagate_version = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which stack, and where.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Target {
    /// The stack's name.
    #[arg(long, global = true, env = "THROUGHLINE_STACK", default_value = "orders")]
    pub(crate) stack: String,
    /// The endpoint of all AWS services. Without it, and without any AWS configuration in the environment, the local cloud of
    /// `throughline dev` is asked.
    #[arg(long, global = true, env = "AWS_ENDPOINT_URL")]
    pub(crate) endpoint_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the order workflow in a local cloud, or where it is deployed, and tell five stories; exits 0 if all ended as they must.
    Demo(Demo),
    /// Keep a local cloud up: AWS protocols on one port, functions rebuilt as they change.
    Dev(Dev),
    /// Send a sample: a command, an event, or any text into a queue.
    Send(Send),
    /// Show what became of a workflow, by any id of it.
    Trace(Trace),
    /// Show what could not be handled.
    Failures(Failures),
    /// Send what could not be handled to where it failed: one failure, or a parked key in order.
    Redrive(Redrive),
    /// Settle a failure without sending it again. Of a parked key, those behind it go on.
    Discard(Discard),
    /// Say that a sequence of a parked key never existed: the events that wait for it go on without it.
    Skip(Skip),
    /// List the stack's functions.
    Functions(Overview),
    /// List the stack's queues and what waits in them.
    Queues(Overview),
    /// Check or generate the event registry.
    Contracts(Contracts),
    /// Explain an error code.
    Explain(Explain),
}

/// What is booted locally.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Boot {
    /// The SAM template.
    #[arg(long, default_value = "infra/template.yaml")]
    pub(crate) template: PathBuf,
    /// A parameter of the template, `Name=Value`; may be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Do not build the functions first.
    #[arg(long)]
    pub(crate) no_build: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) boot: Boot,
    /// Tell the stories at this endpoint, where the template is deployed (`throughline dev`, LocalStack), instead of in a local
    /// cloud of their own. Their orders and articles get names that nobody has used there.
    #[arg(long, value_name = "URL", conflicts_with_all = ["template", "parameters", "no_build"])]
    pub(crate) endpoint: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Dev {
    #[command(flatten)]
    pub(crate) boot: Boot,
    /// Boot no template and build nothing: an empty account to deploy to, with any tool that knows `AWS_ENDPOINT_URL`.
    #[arg(long, conflicts_with_all = ["template", "parameters", "no_build"])]
    pub(crate) empty: bool,
    /// The port of the AWS protocols.
    #[arg(long, default_value_t = 4566)]
    pub(crate) port: u16,
    /// The port that `cargo lambda invoke` asks.
    #[arg(long, default_value_t = 9000)]
    pub(crate) invoke_port: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    /// The sample's file; `-` for standard input.
    pub(crate) sample: PathBuf,
    /// Send it this often.
    #[arg(long, default_value_t = 1)]
    pub(crate) times: u32,
    /// Send it as it is into this queue, by its name in the stack: `notify-customer`.
    #[arg(long)]
    pub(crate) queue: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    /// A correlation, event, saga, failure, request or SQS message id, or a business key such as an order's id.
    pub(crate) id: String,
    /// Print it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Stay, and print it again when something happens, until it has its final outcome.
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Failures {
    /// Show this one whole: a failure's id, or SQS's id of its message.
    pub(crate) id: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What draining a parked key takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Drain {
    /// The function at which the key is parked, where there are several.
    #[arg(long)]
    pub(crate) function: Option<String>,
    /// Seconds that each event of a parked key may take to get through.
    #[arg(long, default_value_t = 60)]
    pub(crate) patience: u64,
    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Redrive {
    /// A failure's id, or a parked key: the message group, such as an order's id.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) drain: Drain,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Discard {
    /// A failure's id, or a parked key: then the event that it is parked for.
    pub(crate) id: String,
    /// Why it can be left out. Kept with the failure.
    #[arg(long)]
    pub(crate) because: String,
    #[command(flatten)]
    pub(crate) drain: Drain,
}

/// Say that a sequence of a parked key never existed: the events that wait for it go on without it, one after the other.
///
/// For a gap that nothing will fill: the event was lost, or never made. An event that is in `failures` is redriven or discarded. It is
/// refused while the event store has the sequence, while it is parked, and where no later one is parked. The journal keeps who waited
/// for it, and why it was skipped.
///
/// Exit codes: 0 skipped, and the key is not parked any more; 1 it is not missing, or the key is parked still; 4 no such key is parked;
/// 5 AWS refused.
#[derive(Debug, clap::Args)]
pub(crate) struct Skip {
    /// The parked key: the message group, such as an order's id.
    pub(crate) key: String,
    /// The sequence that is missing.
    pub(crate) sequence: u64,
    /// Why it never existed. Kept in the journal.
    #[arg(long)]
    pub(crate) because: String,
    #[command(flatten)]
    pub(crate) drain: Drain,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Overview {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Contracts {
    #[command(subcommand)]
    pub(crate) command: ContractsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContractsCommand {
    /// Check that the registry is what the code says, that samples keep to it, and that no committed schema changed incompatibly.
    Check {
        /// What the schemas are compared with: a git revision, or a folder like `events`.
        #[arg(long, default_value = "HEAD")]
        against: String,
        /// The registry's folder.
        #[arg(long, default_value = "events")]
        registry: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the registry's generated files.
    Generate {
        /// The registry's folder.
        #[arg(long, default_value = "events")]
        registry: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The code; without one, all codes are listed.
    pub(crate) code: Option<String>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}
