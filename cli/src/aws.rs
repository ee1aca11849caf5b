//! The AWS clients of the command, and the names of a stack's resources.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::args::Target;

/// Where `throughline dev` listens.
pub(crate) const LOCAL: &str = "http://127.0.0.1:4566";

/// One stack behind one endpoint. Nothing but AWS APIs is used, so the endpoint may be anything that has them.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    config: SdkConfig,
    stack: String,
}

impl Aws {
    /// The stack that the arguments name, by AWS configuration (environment, profiles). Without any, the local cloud.
    pub(crate) async fn new(target: &Target) -> Self {
        match &target.endpoint_url {
            Some(url) => Self::at(url, &target.stack).await,
            None if configured() => Self { config: base().load().await, stack: target.stack.clone() },
            None => Self::at(LOCAL, &target.stack).await,
        }
    }

    /// A stack behind an endpoint; credentials and region have defaults when the environment has none.
    pub(crate) async fn at(endpoint: &str, stack: &str) -> Self {
        let mut loader = base().endpoint_url(endpoint);
        if !configured() {
            loader = loader
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("test", "test", None, None, "local"));
        }
        Self { config: loader.load().await, stack: stack.to_owned() }
    }

    pub(crate) fn stack(&self) -> &str {
        &self.stack
    }

    /// A resource's name in the stack: `orders-notify-customer`.
    pub(crate) fn name(&self, short: &str) -> String {
        format!("{}-{short}", self.stack)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    pub(crate) fn events(&self) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::new(&self.config)
    }

    pub(crate) fn lambda(&self) -> aws_sdk_lambda::Client {
        aws_sdk_lambda::Client::new(&self.config)
    }
}

fn base() -> aws_config::ConfigLoader {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http)
}

/// Whether the environment says which account is meant.
fn configured() -> bool {
    ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
