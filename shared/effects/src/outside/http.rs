//! HTTP to an outside party, through the same connector as the AWS clients.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::world::World;

/// An HTTP client for outside parties: JSON in, JSON out. Handlers take it as an argument.
#[derive(Debug, Clone)]
pub struct Outside {
    world: World,
    timeout: Duration,
}

/// What an outside party answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as a value.
    ///
    /// # Errors
    /// Transient `unreadable_reply`: whoever answered may be a proxy in the way.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::transient("unreadable_reply", format!("status {}: {error}", self.status)))
    }
}

impl Outside {
    /// A client with a timeout of three seconds a request.
    #[must_use]
    pub fn new(world: &World) -> Self {
        Self { world: world.clone(), timeout: Duration::from_secs(3) }
    }

    /// The same with another timeout.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// A setting of the function: an address.
    ///
    /// # Errors
    /// It is not set.
    pub fn setting(&self, variable: &str) -> Result<String, Failure> {
        Ok(self.world.settings().text(variable)?.to_owned())
    }

    /// Sends JSON. Any status is an answer.
    ///
    /// # Errors
    /// Transient: `outside_unreachable` or `outside_timeout`. After a timeout it is not known whether the request took effect.
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: &impl Serialize) -> Result<Reply, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| Failure::permanent("not_json", e.to_string()))?;
        let mut request = http::Request::post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(SdkBody::from(body))).await
    }

    /// Asks.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn get(&self, url: &str) -> Result<Reply, Failure> {
        self.send(http::Request::get(url).body(SdkBody::empty())).await
    }

    async fn send(&self, request: http::Result<http::Request<SdkBody>>) -> Result<Reply, Failure> {
        let request = request.map_err(|e| Failure::permanent("bad_request", e.to_string()))?;
        let request = HttpRequest::try_from(request).map_err(|e| Failure::permanent("bad_request", e.to_string()))?;
        let exchange = async {
            let response = self.world.http().call(request).await.map_err(|e| unreached(&e))?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map_err(|e| unreached(&*e))?;
            Ok(Reply { status, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(self.timeout, exchange).await.unwrap_or_else(|_| {
            let cause =
                format!("no answer within {} ms; it is not known whether it took effect", self.timeout.as_millis());
            Err(Failure::transient("outside_timeout", cause))
        })
    }
}

fn unreached(error: &dyn std::error::Error) -> Failure {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Failure::transient("outside_unreachable", format!("{error}{source}"))
}
