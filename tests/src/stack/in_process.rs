//! The local cloud in this process, with the whole workflow in it.

use std::sync::Arc;
use std::time::Duration;

use throughline_doubles::{Faults, PaymentGateway};
use throughline_sandbox::connector;
use throughline_sandbox::lambda::Code;
use throughline_sandbox::template::{ResolveOptions, Template, boot};
use throughline_sandbox::{Clock, Cloud};
use throughline_simulation::workflow::Host;

use super::{Crashes, NAME};
use crate::simulation::{GATEWAY, answers};
use crate::{code, samples};

/// When every story begins: the time that the samples tell.
const ORIGIN: &str = "2026-11-24T10:00:00Z";
/// How long a story may take on virtual time until nothing is under way.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// The cloud, its functions' doom, the payment gateway's double.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) cloud: Cloud,
    pub(super) gateway: PaymentGateway,
    pub(super) crashes: Arc<Crashes>,
}

impl Local {
    pub(super) async fn boot(seed: u64, faults: Faults) -> Self {
        let cloud = Cloud::builder(Clock::starting_at(ORIGIN.parse().unwrap())).seed(seed).build();
        let template = Template::load(samples::template()).unwrap_or_else(|error| panic!("{error}"));
        let options = ResolveOptions::new(&cloud, NAME).parameter("PaymentGatewayUrl", format!("http://{GATEWAY}"));
        let topology = template.resolve(&options).unwrap_or_else(|errors| panic!("{errors}"));
        let gateway = PaymentGateway::new(faults);
        let crashes = Arc::<Crashes>::default();
        let host = Host::new(&cloud, Arc::new(code::function), seed).outside(GATEWAY, answers(&gateway));
        let host = Arc::new(host.hook(Crashes::hook(&crashes)));
        let code = |name: &str| Code::InProcess(host.function(name).unwrap_or_else(|error| panic!("{error}")));
        let booted = boot(&cloud, &topology, |function| Ok(code(&function.short_name))).await;
        booted.unwrap_or_else(|error| panic!("{error}"));
        Self { cloud, gateway, crashes }
    }

    pub(super) fn sdk_config(&self) -> aws_types::SdkConfig {
        connector::sdk_config(&self.cloud, connector::in_process(&self.cloud))
    }

    pub(super) async fn settle(&self) {
        if let Err(what) = self.cloud.settle(LIMIT).await {
            panic!("still under way: {what}");
        }
    }
}
