//! Clients of an endpoint at which the template is deployed.

use std::sync::{Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// A deployment of the template, and what a story has told it so far.
#[derive(Debug)]
pub(super) struct Deployed {
    /// Where the payment gateway's double answers.
    pub(super) payments: String,
    /// SQS's ids for what was sent that is not an event, and so carries no id of the story.
    messages: Mutex<Vec<String>>,
}

impl Deployed {
    /// The gateway's address is the one that the functions were deployed with.
    pub(super) async fn find(lambda: &aws_sdk_lambda::Client, charge_payment: &str) -> Self {
        let asked = lambda.get_function_configuration().function_name(charge_payment).send().await;
        let configuration = asked.unwrap_or_else(|error| panic!("is the template deployed there? {error:?}"));
        let variables = configuration.environment.and_then(|environment| environment.variables).unwrap_or_default();
        let payments = variables.get("PAYMENT_GATEWAY_URL").cloned();
        Self { payments: payments.unwrap_or_default(), messages: Mutex::default() }
    }

    pub(super) fn sent(&self, message_id: String) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message_id);
    }

    pub(super) fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Any credentials do: no emulator checks them.
pub(super) fn sdk_config(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}
