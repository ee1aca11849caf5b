//! What the tests of this crate share.

use aws_types::SdkConfig;

use crate::{Clock, Cloud, connector};

/// A cloud at noon on 2026-11-24.
pub(crate) fn cloud() -> Cloud {
    Cloud::builder(Clock::starting_at("2026-11-24T12:00:00Z".parse().unwrap())).build()
}

/// Settings for SDK clients that call `cloud` in process.
pub(crate) fn config(cloud: &Cloud) -> SdkConfig {
    connector::sdk_config(cloud, connector::in_process(cloud))
}
