//! The settings of SDK clients that talk to a local cloud.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::clock::Clock;
use crate::cloud::Cloud;

/// A cloud's clock as the time source of an SDK client, so that both agree on virtual time too.
#[derive(Debug, Clone, Copy)]
pub struct CloudTime(pub Clock);

impl TimeSource for CloudTime {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

/// Settings for SDK clients of `cloud` that send through `http`: its region and clock, made-up credentials, no retries.
///
/// ```
/// # use throughline_sandbox::{Clock, Cloud, connector};
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # let _guard = runtime.enter();
/// let cloud = Cloud::builder(Clock::wall()).build();
/// let config = connector::sdk_config(&cloud, connector::in_process(&cloud));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn sdk_config(cloud: &Cloud, http: impl HttpClient + 'static) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "local cloud");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(cloud.region().to_owned()))
        .endpoint_url(cloud.endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .time_source(CloudTime(cloud.clock()))
        .sleep_impl(TokioSleep::new())
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build()
}
