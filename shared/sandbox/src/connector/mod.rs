//! The local cloud as the HTTP client of SDK clients in the same process.
//!
//! Requests to AWS's hosts, to the cloud's own endpoint and to this machine go to [`Cloud::handle`]. Requests to other
//! hosts go to the handler that [`InProcess::host`] names for them, as outside parties' test doubles; a host that nobody
//! named cannot be reached.

mod config;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;

use crate::cloud::Cloud;
use crate::faults::{self, Broken};

pub use config::{CloudTime, sdk_config};

/// Answers the requests of one host.
pub type HostHandler = Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, Response<Bytes>> + Send + Sync>;

type Answered = Result<Response<Bytes>, Broken>;

/// An HTTP client whose requests never leave the process. Cheap to clone.
#[derive(Clone)]
pub struct InProcess {
    cloud: Cloud,
    hosts: Arc<BTreeMap<String, HostHandler>>,
    read_timeout: Option<Duration>,
}

/// An HTTP client that reaches `cloud` and nothing else.
pub fn in_process(cloud: &Cloud) -> SharedHttpClient {
    InProcess::new(cloud).client()
}

impl InProcess {
    /// A client that reaches `cloud`.
    pub fn new(cloud: &Cloud) -> Self {
        Self { cloud: cloud.clone(), hosts: Arc::default(), read_timeout: None }
    }

    /// The same, and requests to `host` (a name without port) go to `handler`.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>, handler: HostHandler) -> Self {
        Arc::make_mut(&mut self.hosts).insert(host.into(), handler);
        self
    }

    /// The client, as the SDK takes it.
    pub fn client(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let (parts, body) = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?.into_parts();
        let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
        let answer = self.answer(Request::from_parts(parts, body))?;
        let answered = match self.read_timeout {
            Some(limit) => tokio::time::timeout(limit, answer).await.map_err(|e| ConnectorError::timeout(e.into()))?,
            None => answer.await,
        };
        let response = answered.map_err(|e| ConnectorError::io(e.into()))?;
        HttpResponse::try_from(response.map(SdkBody::from)).map_err(|e| ConnectorError::other(e.into(), None))
    }

    fn answer(&self, mut request: Request<Bytes>) -> Result<BoxFuture<'static, Answered>, ConnectorError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        if let Some(handler) = self.hosts.get(&host) {
            return Ok(handler(request).map(Ok).boxed());
        }
        if !self.is_cloud(&host) {
            return Err(ConnectorError::io(format!("no host named {host} in this process").into()));
        }
        let (cloud, run) = (self.cloud.clone(), faults::current());
        if let Some(run) = &run {
            request.extensions_mut().insert(run.clone());
        }
        Ok(Box::pin(async move {
            let response = cloud.handle(request).await;
            match response.extensions().get::<Broken>() {
                None => Ok(response),
                Some(Broken::Crashed) if let Some(run) = run => match run.crash().await {},
                Some(broken) => Err(*broken),
            }
        }))
    }

    fn is_cloud(&self, host: &str) -> bool {
        let endpoint = self.cloud.endpoint().parse::<http::Uri>().ok();
        host.ends_with(".amazonaws.com")
            || matches!(host, "localhost" | "127.0.0.1")
            || endpoint.as_ref().and_then(http::Uri::host) == Some(host)
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { read_timeout: settings.read_timeout(), ..self.clone() })
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("hosts", &self.hosts.keys()).finish_non_exhaustive()
    }
}
