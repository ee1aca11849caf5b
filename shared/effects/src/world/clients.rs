//! The SDK clients of a function: one HTTP connector, no provider chain, no retries of their own.

use std::sync::OnceLock;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use throughline_envelope::Ambient;

use super::{Settings, SettingsError};

/// DynamoDB, SQS, EventBridge and Step Functions, each made when it is first asked for.
///
/// The SDK's retries are off: what is worth repeating is repeated by the commit and the publisher, which know what it means,
/// and everything else by the trigger.
#[derive(Debug, Clone)]
pub struct Clients {
    dynamodb: Lazy<aws_sdk_dynamodb::Client>,
    sqs: Lazy<aws_sdk_sqs::Client>,
    events: Lazy<aws_sdk_eventbridge::Client>,
    sfn: Lazy<aws_sdk_sfn::Client>,
}

/// A client, and what it is made with.
#[derive(Debug, Clone)]
struct Lazy<C> {
    config: SdkConfig,
    client: OnceLock<C>,
}

impl<C> Lazy<C> {
    fn new(config: SdkConfig) -> Self {
        Self { config, client: OnceLock::new() }
    }
}

#[derive(Debug)]
struct AmbientTime(Ambient);

impl TimeSource for AmbientTime {
    fn now(&self) -> std::time::SystemTime {
        self.0.now().into()
    }
}

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a call of an AWS service may take. A commit whose answer did not come in time is repeated with the same token.
const CALL: Duration = Duration::from_secs(5);

/// HTTPS on `ring`, kept open between requests; plain HTTP works too.
#[must_use]
pub fn https_connector() -> SharedHttpConnector {
    let provider: tls::Provider = Provider::Rustls(CryptoMode::Ring);
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    let connector = Connector::builder().connector_settings(settings).sleep_impl(TokioSleep::new());
    SharedHttpConnector::new(connector.tls_provider(provider).build())
}

/// What the clients of all services share.
fn config(settings: &Settings, http: &SharedHttpConnector, ambient: &Ambient) -> Result<SdkConfig, SettingsError> {
    let shared = http.clone();
    Ok(SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::new(settings.text("AWS_REGION")?.to_owned()))
        .http_client(http_client_fn(move |_, _| shared.clone()))
        .time_source(AmbientTime(ambient.clone()))
        .sleep_impl(TokioSleep::new())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(CALL).build())
        // A body that does not go on is ended by the timeout of the call, which covers reading it.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build())
}

/// A service's own endpoint, or that of all, if one is set.
fn at_endpoint(config: &SdkConfig, settings: &Settings, service: &str) -> SdkConfig {
    let own = settings.get(&format!("AWS_ENDPOINT_URL_{service}"));
    let mut builder = config.to_builder();
    builder.set_endpoint_url(own.or_else(|| settings.get("AWS_ENDPOINT_URL")).map(str::to_owned));
    builder.build()
}

/// The client of a service. One without credentials signs nothing; each service has a type of its own for saying so.
macro_rules! client {
    ($sdk:ident, $lazy:expr) => {
        $lazy.client.get_or_init(|| {
            let config = $sdk::config::Builder::from(&$lazy.config);
            $sdk::Client::from_conf(match $lazy.config.credentials_provider() {
                Some(_) => config.build(),
                None => config.allow_no_auth().build(),
            })
        })
    };
}

impl Clients {
    /// The clients, by `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL` and
    /// `AWS_ENDPOINT_URL_<SERVICE>`, as
    /// [the SDKs read them](https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
    ///
    /// # Errors
    /// Region or credentials are missing.
    pub fn new(settings: &Settings, http: &SharedHttpConnector, ambient: &Ambient) -> Result<Self, SettingsError> {
        let credentials = Credentials::new(
            settings.text("AWS_ACCESS_KEY_ID")?,
            settings.text("AWS_SECRET_ACCESS_KEY")?,
            settings.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let config = config(settings, http, ambient)?;
        let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        Ok(Self::of(&config, settings))
    }

    /// The same clients without signatures, for a cloud in the same process, which looks at none. No credentials are needed.
    ///
    /// # Errors
    /// The region is missing.
    pub fn unsigned(settings: &Settings, http: &SharedHttpConnector, ambient: &Ambient) -> Result<Self, SettingsError> {
        Ok(Self::of(&config(settings, http, ambient)?, settings))
    }

    fn of(config: &SdkConfig, settings: &Settings) -> Self {
        Self {
            dynamodb: Lazy::new(at_endpoint(config, settings, "DYNAMODB")),
            sqs: Lazy::new(at_endpoint(config, settings, "SQS")),
            events: Lazy::new(at_endpoint(config, settings, "EVENTBRIDGE")),
            sfn: Lazy::new(at_endpoint(config, settings, "SFN")),
        }
    }

    /// The same with another client of DynamoDB: one with interceptors, say.
    #[must_use]
    pub fn with_dynamodb(self, dynamodb: aws_sdk_dynamodb::Client) -> Self {
        let client = OnceLock::from(dynamodb);
        Self { dynamodb: Lazy { client, ..self.dynamodb }, ..self }
    }

    /// DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        client!(aws_sdk_dynamodb, self.dynamodb)
    }

    /// SQS.
    #[must_use]
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        client!(aws_sdk_sqs, self.sqs)
    }

    /// EventBridge.
    #[must_use]
    pub fn events(&self) -> &aws_sdk_eventbridge::Client {
        client!(aws_sdk_eventbridge, self.events)
    }

    /// Step Functions.
    #[must_use]
    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        client!(aws_sdk_sfn, self.sfn)
    }
}
