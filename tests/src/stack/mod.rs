//! The stack: a cloud with the template in it, and the clients that a story has of it.

mod crash;
mod deployed;
mod in_process;
mod settle;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use throughline_doubles::{Account, Faults, Marks, PaymentGateway};
use throughline_envelope::Ambient;
use throughline_journal::{Reader, Redriver, Tables};
use throughline_runtime::Function;
use throughline_sandbox::Cloud;

use crate::recollection::Recollection;
pub(crate) use crash::{Crashes, Doom};
use deployed::Deployed;
use in_process::Local;

/// The stack's name; physical names start with it.
const NAME: &str = "orders";

/// Where the workflow is.
#[derive(Debug)]
enum Place {
    /// In this process, on virtual time.
    InProcess(Local),
    /// Behind an endpoint, on real time, with other stories.
    Deployed(Deployed),
}

/// A cloud with the whole workflow in it.
#[derive(Debug)]
pub struct Stack {
    place: Place,
    pub(crate) marks: Marks,
    /// In process, what was found whenever nothing was under way, if it is to be remembered; in a deployment, what is to be
    /// found the next times.
    recollections: Option<Mutex<VecDeque<Recollection>>>,
    dynamodb: aws_sdk_dynamodb::Client,
    events: aws_sdk_eventbridge::Client,
    lambda: aws_sdk_lambda::Client,
    sfn: aws_sdk_sfn::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Stack {
    /// Boots the template in the local cloud, on a clock that shows the samples' time. Needs a runtime whose time is paused.
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
        let local = Local::boot(seed, faults).await;
        let config = local.sdk_config();
        Self::at(&config, Place::InProcess(local), Marks::none())
    }

    /// The same behind a port, and its address, for a command to be run against. Time is real: the runtime's must not be paused.
    ///
    /// # Panics
    /// The template cannot be booted, or there is no port.
    pub async fn listening() -> (Self, String) {
        let (local, endpoint) = Local::listening(1).await;
        let config = local.sdk_config();
        (Self::at(&config, Place::InProcess(local), Marks::none()), endpoint)
    }

    /// The deployment behind an endpoint, where what is found has to become what is remembered.
    pub(crate) async fn deployed(endpoint: &str, recollections: VecDeque<Recollection>) -> Self {
        let config = deployed::sdk_config(endpoint);
        let place = Deployed::find(&aws_sdk_lambda::Client::new(&config), &format!("{NAME}-charge-payment")).await;
        let marks = Marks::new(Ambient::system().random_u64());
        let stack = Self::at(&config, Place::Deployed(place), marks);
        Self { recollections: Some(Mutex::new(recollections)), ..stack }
    }

    fn at(config: &aws_types::SdkConfig, place: Place, marks: Marks) -> Self {
        Self {
            place,
            marks,
            recollections: None,
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            events: aws_sdk_eventbridge::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
        }
    }

    /// From now on, what is found whenever nothing is under way is remembered.
    pub(crate) fn remember(&mut self) {
        self.recollections = Some(Mutex::default());
    }

    /// What was remembered.
    pub(crate) fn recollections(self) -> VecDeque<Recollection> {
        let recollections = self.recollections.unwrap_or_default();
        recollections.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// A queue's, table's or function's name in the cloud.
    #[must_use]
    pub fn name(&self, short: &str) -> String {
        format!("{NAME}-{short}")
    }

    /// What the payment gateway knows of an order.
    ///
    /// # Panics
    /// It cannot be asked.
    pub async fn account_of(&self, order: &str) -> Account {
        let order = self.marks.text(order);
        match &self.place {
            Place::InProcess(local) => local.gateway.account_of(&order),
            Place::Deployed(deployed) => {
                let account = throughline_doubles::account_at(&deployed.payments, &order).await;
                account.unwrap_or_else(|error| panic!("{error}"))
            }
        }
    }

    pub(crate) fn gateway(&self) -> &PaymentGateway {
        match &self.place {
            Place::InProcess(local) => &local.gateway,
            Place::Deployed(_) => panic!("a deployed gateway is shared by all stories: tell the story in process"),
        }
    }

    fn local(&self) -> &Local {
        match &self.place {
            Place::InProcess(local) => local,
            Place::Deployed(_) => panic!("this can be done to the local cloud only: tell the story in process"),
        }
    }

    pub(crate) fn crashes(&self) -> &Crashes {
        &self.local().crashes
    }

    /// A function of the template has other code. In process only.
    ///
    /// # Panics
    /// The template has no function of this name.
    pub fn given_code(&self, make: impl Fn() -> Function + Send + Sync + 'static) {
        self.local().replace(make);
    }

    /// What sends failures to where they failed. In process only.
    ///
    /// # Panics
    /// The stack is a deployment.
    #[must_use]
    pub fn redriver(&self) -> Redriver {
        let ambient = self.local().ambient();
        Redriver::new(self.dynamodb.clone(), self.sqs.clone(), Tables::of_stack(NAME), ambient)
    }

    /// What reads journal and failures.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.dynamodb.clone(), Tables::of_stack(NAME))
    }

    /// The local cloud, to ask or tell it what stories have no words for. In process only.
    ///
    /// # Panics
    /// The stack is a deployment.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.local().cloud
    }

    /// Keeps SQS's id of a message that carries no id of the story.
    pub(crate) fn sent(&self, message_id: Option<&str>) {
        if let (Place::Deployed(deployed), Some(id)) = (&self.place, message_id) {
            deployed.sent(id.to_owned());
        }
    }

    /// In a deployment, SQS's ids of what was sent that carries no id of the story.
    pub(crate) fn messages(&self) -> Vec<String> {
        match &self.place {
            Place::InProcess(_) => Vec::new(),
            Place::Deployed(deployed) => deployed.messages(),
        }
    }

    pub(crate) fn is_deployed(&self) -> bool {
        matches!(self.place, Place::Deployed(_))
    }

    /// The queues of the stack: name and URL.
    pub(crate) async fn queues(&self) -> Vec<(String, String)> {
        let listed = self.sqs.list_queues().queue_name_prefix(format!("{NAME}-")).send().await.unwrap();
        let name = |url: &String| url.rsplit('/').next().unwrap_or_default().to_owned();
        listed.queue_urls().iter().map(|url| (name(url), url.clone())).collect()
    }

    /// A queue's URL.
    ///
    /// # Panics
    /// There is no such queue.
    pub async fn queue_url(&self, short: &str) -> String {
        let asked = self.sqs.get_queue_url().queue_name(self.name(short)).send().await;
        asked.unwrap_or_else(|error| panic!("{short}: {error:?}")).queue_url.unwrap_or_default()
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
    pub(crate) fn sfn(&self) -> &aws_sdk_sfn::Client {
        &self.sfn
    }
    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }
}
