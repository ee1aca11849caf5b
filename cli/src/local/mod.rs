//! A local cloud with the workflow in it: built, booted, seeded.

mod build;
mod seed;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use throughline_doubles::PaymentGateway;
use throughline_sandbox::gateway::{Gateway, GatewayError, Refill};
use throughline_sandbox::lambda::Code;
use throughline_sandbox::template::{ResolveOptions, Template, TemplateErrors, Topology};
use throughline_sandbox::{Clock, Cloud, CloudBuilder};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::args::Boot;
use crate::error::CliError;
use crate::output;

/// What runs: the cloud, its gateway, the payment gateway's double. Ends with [`Local::shutdown`].
pub(crate) struct Local {
    pub(crate) cloud: Cloud,
    pub(crate) topology: Topology,
    pub(crate) payments: PaymentGateway,
    pub(crate) binaries: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    double: JoinHandle<()>,
}

/// Builds the functions that the template names, unless told not to. Answers the folder of the binaries.
pub(crate) async fn build(boot: &Boot) -> Result<PathBuf, CliError> {
    let binaries = build::folder()?;
    if !boot.no_build {
        build::functions().await?;
    }
    Ok(binaries)
}

/// A new local cloud on real time with nothing in it, and the gateway that will serve it. `port` 0 is any that is free.
pub(crate) async fn bind(cloud: CloudBuilder, port: u16) -> Result<(Cloud, Gateway), CliError> {
    let cloud = cloud.build();
    let gateway = Gateway::bind(&cloud, SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(taken)?;
    Ok((cloud, gateway))
}

/// Boots the template in a new local cloud. `port` 0 is any that is free.
pub(crate) async fn start(boot: &Boot, stack: &str, port: u16, binaries: PathBuf) -> Result<Local, CliError> {
    let (cloud, gateway) = bind(Cloud::builder(Clock::wall()), port).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener
        .map_err(|e| CliError::environment("port_taken", format!("no free port: {e}"), "Close some programs."))?;
    let payments = PaymentGateway::default();
    let address = listener.local_addr().map_err(|e| CliError::environment("port_taken", e.to_string(), ""))?;
    let double = tokio::spawn(throughline_doubles::serve(payments.clone(), listener));
    let topology = resolve(boot, &cloud, stack, &format!("http://{address}"))?;

    let gateway = gateway.refill(refill(&cloud, &topology, &binaries));
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(gateway.serve(async move { drop(stopped.await) }));
    let local = Local { cloud, topology, payments, binaries, stop: Some(stop), served, double };
    match fill(&local.cloud, &local.topology, &local.binaries).await {
        Ok(()) => Ok(local),
        Err(error) => {
            local.shutdown().await;
            Err(error)
        }
    }
}

/// What the gateway does after a reset: fills the cloud as at the start.
fn refill(cloud: &Cloud, topology: &Topology, binaries: &Path) -> Refill {
    let (cloud, topology, binaries) = (cloud.clone(), topology.clone(), binaries.to_owned());
    Arc::new(move || {
        let (cloud, topology, binaries) = (cloud.clone(), topology.clone(), binaries.clone());
        Box::pin(async move { fill(&cloud, &topology, &binaries).await.map_err(|error| error.to_string()) })
    })
}

/// Boots the template in an empty cloud, and seeds it.
async fn fill(cloud: &Cloud, topology: &Topology, binaries: &Path) -> Result<(), CliError> {
    let code = |function: &throughline_sandbox::template::FunctionResource| {
        Ok(Code::Binary(binaries.join(&function.short_name)))
    };
    throughline_sandbox::template::boot(cloud, topology, code).await.map_err(|error| {
        CliError::environment(
            "boot_failed",
            error.to_string(),
            "Mend the resource in the template, or see docs/local-cloud.md for what the local cloud has.",
        )
    })?;
    for function in &topology.functions {
        cloud.lambda().set_alias(&function.short_name, &function.name);
    }
    seed::seed(cloud, topology, Path::new("events/seed")).await
}

impl Local {
    /// Where the cloud answers.
    pub(crate) fn endpoint(&self) -> &str {
        self.cloud.endpoint()
    }

    /// Invokes every function's binary once for its self-description: one that crashes at start is found now, not by its first event.
    pub(crate) async fn check_functions(&self) -> Result<(), CliError> {
        for function in &self.topology.functions {
            build::describes_itself(&self.binaries.join(&function.short_name), &function.short_name).await?;
        }
        Ok(())
    }

    /// Ends every process, then the gateway.
    pub(crate) async fn shutdown(mut self) {
        self.cloud.lambda().shutdown().await;
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.double.abort();
        let _ = tokio::time::timeout(Duration::from_secs(2), self.served).await;
    }
}

fn resolve(boot: &Boot, cloud: &Cloud, stack: &str, payments: &str) -> Result<Topology, CliError> {
    let host = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let template = Template::load(&boot.template).map_err(|error| template_error(&TemplateErrors::from(error)))?;
    let mut options = ResolveOptions::new(cloud, stack);
    // What the local cloud knows better than the template's defaults, where the template asks for it.
    for (name, value) in [("Architecture", host), ("PaymentGatewayUrl", payments)] {
        if template.declares_parameter(name) {
            options = options.parameter(name, value);
        }
    }
    for (name, value) in &boot.parameters {
        options = options.parameter(name, value);
    }
    template.resolve(&options).map_err(|errors| template_error(&errors))
}

fn template_error(errors: &TemplateErrors) -> CliError {
    for error in errors.errors() {
        output::note(&error.to_string());
    }
    let help = errors.errors().first().and_then(throughline_sandbox::template::TemplateError::help);
    let count = errors.errors().len();
    let message = format!("the template cannot be booted: {count} error{}, above", if count == 1 { "" } else { "s" });
    CliError::environment("template_broken", message, help.unwrap_or("Mend the lines named above."))
}

fn taken(error: GatewayError) -> CliError {
    match error {
        GatewayError::Taken(address) => CliError::environment(
            "port_taken",
            format!("{address} is taken by another program"),
            "End it (another `throughline dev`? LocalStack?), or choose another port with --port.",
        ),
        error => CliError::environment("port_taken", error.to_string(), "Choose another port with --port."),
    }
}
