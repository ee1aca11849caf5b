//! The order workflow, as it is simulated: what orders come in, what has to be true of them.

mod invariants;
mod old;
mod workload;

use std::sync::Arc;

use futures::FutureExt as _;
use throughline_doubles::PaymentGateway;
use throughline_sandbox::connector::HostHandler;
use throughline_simulation::workflow::{RunError, Simulation, Workflow};

use crate::{code, samples};

/// The host that the payment gateway's double answers for.
pub(crate) const GATEWAY: &str = "payments.invalid";

/// A simulation of the order workflow.
///
/// # Errors
/// `infra/template.yaml` cannot be read.
pub fn simulation() -> Result<Simulation, RunError> {
    Ok(Simulation::new(samples::template(), workflow)?.called("cargo run --bin simulate --"))
}

/// The order workflow with all its invariants, and a payment gateway of its own.
pub fn workflow() -> Workflow {
    let gateway = PaymentGateway::default();
    let workflow = Workflow::new(code::function, workload::order)
        .old_code(old::function)
        .parameter("PaymentGatewayUrl", &format!("http://{GATEWAY}"))
        .outside(GATEWAY, answers(&gateway))
        .may_be_down("relay", &["relay-outbox"])
        .may_be_down("journal", &["record-journal", "record-changes", "journal"]);
    invariants::all(workload::stock(workflow), &gateway)
}

/// The gateway as the handler of a host.
pub(crate) fn answers(gateway: &PaymentGateway) -> HostHandler {
    let gateway = gateway.clone();
    Arc::new(move |request| {
        let gateway = gateway.clone();
        async move { gateway.answer(request).await }.boxed()
    })
}
