//! The local cloud over TCP.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::faults::Broken;
use crate::wire::{self, ServiceError};

/// Where the gateway says that it is there, and for which account and region.
pub const HEALTH: &str = "/_throughline/health";

/// Empties the cloud: `POST`. Under `dev` the template is booted again.
pub const RESET: &str = "/_throughline/reset";

/// The largest request, in bytes: room for a function's code as a zip file.
const LARGEST: usize = 256 * 1024 * 1024;

/// How long requests may go on after a shutdown: the waiting ones (long polls) would take much longer.
const GRACE: Duration = Duration::from_millis(500);

/// What a route answers with: whole, or as it comes.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Routes beside AWS's: answers a request, or leaves it (`None`) to the cloud.
pub type Routes = Arc<dyn Fn(&Request<Bytes>) -> Option<BoxFuture<'static, Response<Body>>> + Send + Sync>;

/// What is done after the cloud was emptied; an error says why it is not as it was at the start.
pub type Refill = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Why a gateway could not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Something else listens there.
    #[error("address {0} is taken by another program")]
    Taken(SocketAddr),
    /// Any other reason.
    #[error("could not listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// An open port in front of a cloud.
pub struct Gateway {
    cloud: Cloud,
    listener: TcpListener,
    address: SocketAddr,
    routes: Option<Routes>,
    refill: Option<Refill>,
}

/// A body that is all there.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

impl Gateway {
    /// Opens the port (0: any that is free) and makes it the cloud's endpoint. Requests wait until [`Gateway::serve`].
    ///
    /// # Errors
    /// [`GatewayError::Taken`] when another program listens there.
    pub async fn bind(cloud: &Cloud, address: SocketAddr) -> Result<Self, GatewayError> {
        let error = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => GatewayError::Taken(address),
            _ => GatewayError::Listen { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        cloud.set_endpoint(format!("http://{address}"));
        Ok(Self { cloud: cloud.clone(), listener, address, routes: None, refill: None })
    }

    /// The same, with further routes, which are asked first.
    #[must_use]
    pub fn routes(mut self, routes: Routes) -> Self {
        self.routes = Some(routes);
        self
    }

    /// The same, with what is done after a reset emptied the cloud.
    #[must_use]
    pub fn refill(mut self, refill: Refill) -> Self {
        self.refill = Some(refill);
        self
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown`; then lets those under way end, for half a second.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let server = Server { cloud: self.cloud, routes: self.routes, refill: self.refill, resetting: Arc::default() };
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(connection(server.clone(), stream, graceful.watcher()));
                    }
                    Err(error) => {
                        // Out of file descriptors, most likely: let connections end before the next one.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(self.listener);
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }
}

async fn connection(server: Server, stream: TcpStream, watcher: hyper_util::server::graceful::Watcher) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let server = server.clone();
        async move { server.answer(request).await }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a client's connection broke");
    }
}

#[derive(Clone)]
struct Server {
    cloud: Cloud,
    routes: Option<Routes>,
    refill: Option<Refill>,
    /// One reset at a time.
    resetting: Arc<tokio::sync::Mutex<()>>,
}

impl Server {
    /// An error closes the connection without an answer.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        // Said before a byte of it is read, so that a client that waits for `100 Continue` need not send it.
        if body.size_hint().lower() > LARGEST as u64 {
            return Ok(too_large());
        }
        let body = match Limited::new(body, LARGEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Ok(too_large()),
            // Whoever broke it off does not read the answer.
            Err(error) => return Ok(refuse(StatusCode::BAD_REQUEST, "IncompleteBody", &error.to_string())),
        };
        let request = Request::from_parts(parts, body);
        if request.uri().path() == HEALTH {
            let health = json!({ "status": "up", "account": self.cloud.account(), "region": self.cloud.region() });
            return Ok(wire::json_response(StatusCode::OK, &health, "1.0").map(full));
        }
        if request.uri().path() == RESET {
            return Ok(self.reset(request.method()).await);
        }
        match self.routes.as_ref().and_then(|routes| routes(&request)) {
            Some(answer) => Ok(answer.await),
            None => {
                let response = self.cloud.handle(request).await;
                let broken = response.extensions().get::<Broken>().copied();
                broken.map_or_else(|| Ok(response.map(full)), Err)
            }
        }
    }

    /// Answers when the cloud is empty, or filled again.
    async fn reset(&self, method: &Method) -> Response<Body> {
        if *method != Method::POST {
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "a reset is a POST");
        }
        let _one = self.resetting.lock().await;
        self.cloud.reset().await;
        let refilled = match &self.refill {
            Some(refill) => refill().await,
            None => Ok(()),
        };
        match refilled {
            Ok(()) => wire::json_response(StatusCode::OK, &json!({ "status": "reset" }), "1.0").map(full),
            Err(reason) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "ResetFailed", &reason),
        }
    }
}

fn too_large() -> Response<Body> {
    let message = format!("a request may have {LARGEST} bytes");
    refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", &message)
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    wire::error_response(&ServiceError::new(code, message).status(status.as_u16()), "1.0").map(full)
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("address", &self.address).finish_non_exhaustive()
    }
}
