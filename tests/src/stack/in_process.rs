//! The local cloud in this process, with the whole workflow in it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use throughline_doubles::{Faults, PaymentGateway};
use throughline_envelope::Ambient;
use throughline_runtime::Function;
use throughline_sandbox::connector;
use throughline_sandbox::gateway::Gateway;
use throughline_sandbox::lambda::Code;
use throughline_sandbox::template::{ResolveOptions, Template, boot};
use throughline_sandbox::{Clock, Cloud};
use throughline_simulation::workflow::{Code as HostedCode, Host};

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
    seed: u64,
}

impl Local {
    pub(super) async fn boot(seed: u64, faults: Faults) -> Self {
        Self::on(cloud(seed), seed, faults).await
    }

    /// The same behind a port of this machine, and where that is.
    pub(super) async fn listening(seed: u64) -> (Self, String) {
        let cloud = cloud(seed);
        let gateway = Gateway::bind(&cloud, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let gateway = gateway.unwrap_or_else(|error| panic!("{error}"));
        let endpoint = format!("http://{}", gateway.address());
        tokio::spawn(gateway.serve(std::future::pending()));
        (Self::on(cloud, seed, Faults::default()).await, endpoint)
    }

    async fn on(cloud: Cloud, seed: u64, faults: Faults) -> Self {
        let template = Template::load(samples::template()).unwrap_or_else(|error| panic!("{error}"));
        let options = ResolveOptions::new(&cloud, NAME).parameter("PaymentGatewayUrl", format!("http://{GATEWAY}"));
        let topology = template.resolve(&options).unwrap_or_else(|errors| panic!("{errors}"));
        let gateway = PaymentGateway::new(faults);
        let crashes = Arc::<Crashes>::default();
        let host = Arc::new(host(&cloud, Arc::new(code::function), &gateway, &crashes, seed));
        let code = |name: &str| Code::InProcess(host.function(name).unwrap_or_else(|error| panic!("{error}")));
        let booted = boot(&cloud, &topology, |function| Ok(code(&function.short_name))).await;
        booted.unwrap_or_else(|error| panic!("{error}"));
        Self { cloud, gateway, crashes, seed }
    }

    /// Gives a function of the template other code.
    pub(super) fn replace(&self, make: impl Fn() -> Function + Send + Sync + 'static) {
        let short = make().name();
        let host = host(&self.cloud, Arc::new(move |_| Some(make())), &self.gateway, &self.crashes, self.seed);
        let code = Arc::new(host).function(short).unwrap_or_else(|error| panic!("{error}"));
        let replaced = self.cloud.lambda().replace_code(&self.cloud, &format!("{NAME}-{short}"), Code::InProcess(code));
        replaced.unwrap_or_else(|error| panic!("{short}: {error}"));
    }

    /// The cloud's clock, with randomness of its own.
    pub(super) fn ambient(&self) -> Ambient {
        Ambient::with_clock(Arc::new(Follows(self.cloud.clock())), !self.seed)
    }

    pub(super) fn sdk_config(&self) -> aws_types::SdkConfig {
        connector::sdk_config(&self.cloud, connector::in_process(&self.cloud))
    }

    pub(super) async fn settle(&self) {
        self.settle_within(LIMIT).await;
    }

    pub(super) async fn settle_within(&self, limit: Duration) {
        if let Err(what) = self.cloud.settle(limit).await {
            panic!("still under way: {what}");
        }
    }
}

fn cloud(seed: u64) -> Cloud {
    Cloud::builder(Clock::starting_at(ORIGIN.parse().unwrap())).seed(seed).build()
}

fn host(cloud: &Cloud, code: HostedCode, gateway: &PaymentGateway, crashes: &Arc<Crashes>, seed: u64) -> Host {
    Host::new(cloud, code, seed).outside(GATEWAY, answers(gateway)).hook(Crashes::hook(crashes))
}

struct Follows(Clock);

impl throughline_envelope::Clock for Follows {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}
