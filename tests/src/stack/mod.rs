//! The stack: a cloud, its functions, the gateway.

mod crash;
mod environment;
mod functions;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use throughline_doubles::{Faults, PaymentGateway};
use throughline_sandbox::connector::{self, HostHandler, InProcess};
use throughline_sandbox::lambda::Code;
use throughline_sandbox::template::{ResolveOptions, Template, Topology, boot};
use throughline_sandbox::{Clock, Cloud};

use crate::samples;
pub(crate) use crash::Crashes;

/// When every story begins: the time that the samples tell.
const ORIGIN: &str = "2026-11-24T10:00:00Z";
/// The stack's name; physical names start with it.
const NAME: &str = "throughline";
/// The host that the payment gateway's double answers for.
const GATEWAY: &str = "payments.invalid";
/// How long a story may take on virtual time until nothing is under way.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// The local cloud with the whole workflow in it.
#[derive(Debug)]
pub struct Stack {
    cloud: Cloud,
    topology: Topology,
    gateway: PaymentGateway,
    crashes: Arc<Crashes>,
    dynamodb: aws_sdk_dynamodb::Client,
    events: aws_sdk_eventbridge::Client,
    lambda: aws_sdk_lambda::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Stack {
    /// Boots the template on a clock that shows the samples' time. Needs a runtime whose time is paused.
    ///
    /// # Panics
    /// The template cannot be booted.
    pub async fn start() -> Self {
        Self::with(1, Faults::default()).await
    }

    /// The same, with another choice of every id and every wait, and trouble at the payment gateway.
    ///
    /// # Panics
    /// The template cannot be booted.
    pub async fn with(seed: u64, faults: Faults) -> Self {
        let cloud = Cloud::builder(Clock::starting_at(ORIGIN.parse().unwrap())).seed(seed).build();
        let template = Template::load(samples::template()).unwrap_or_else(|error| panic!("{error}"));
        let options = ResolveOptions::new(&cloud, NAME).parameter("PaymentGatewayUrl", format!("http://{GATEWAY}"));
        let topology = template.resolve(&options).unwrap_or_else(|errors| panic!("{errors}"));
        let gateway = PaymentGateway::new(faults);
        let http = InProcess::new(&cloud).host(GATEWAY, answers(&gateway));
        let crashes = Arc::<Crashes>::default();
        let code = |name: &str| Code::InProcess(environment::hosted(&cloud, name, &http, &crashes, seed));
        let booted = boot(&cloud, &topology, |function| Ok(code(&function.short_name))).await;
        booted.unwrap_or_else(|error| panic!("{error}"));
        let config = connector::sdk_config(&cloud, connector::in_process(&cloud));
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            cloud,
            topology,
            gateway,
            crashes,
        }
    }

    /// Waits until nothing is under way.
    ///
    /// # Panics
    /// Something still is after two hours.
    pub async fn settle(&self) {
        if let Err(what) = self.cloud.settle(LIMIT).await {
            panic!("still under way: {what}");
        }
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What the template describes.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The payment gateway's double.
    #[must_use]
    pub fn gateway(&self) -> &PaymentGateway {
        &self.gateway
    }

    /// A queue's, table's or function's name in the cloud.
    #[must_use]
    pub fn name(&self, short: &str) -> String {
        format!("{NAME}-{short}")
    }

    pub(crate) fn queue_url(&self, short: &str) -> &str {
        let name = self.name(short);
        let queue = self.topology.queues.iter().find(|queue| queue.name == name);
        &queue.unwrap_or_else(|| panic!("there is no queue {name}")).url
    }

    pub(crate) fn crashes(&self) -> &Crashes {
        &self.crashes
    }
    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamodb
    }
    pub(crate) fn events(&self) -> &aws_sdk_eventbridge::Client {
        &self.events
    }
    pub(crate) fn lambda(&self) -> &aws_sdk_lambda::Client {
        &self.lambda
    }
    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }
}

fn answers(gateway: &PaymentGateway) -> HostHandler {
    let gateway = gateway.clone();
    Arc::new(move |request| {
        let gateway = gateway.clone();
        async move { gateway.answer(request).await }.boxed()
    })
}
