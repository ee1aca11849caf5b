//! The Lambda Runtime API, version 2018-06-01, for one environment
//! ([Runtime API](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)).
//!
//! Each environment has a listener of its own: `AWS_LAMBDA_RUNTIME_API` is a host and a port, and runtimes put
//! `http://` before it and a path behind it.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::{End, Work};
use crate::lambda::limits::RESPONSE;
use crate::wire::set_member;

const PREFIX: &str = "/2018-06-01/runtime/";

/// The API of one environment. Dropping it closes every connection.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: AbortHandle,
}

struct Shared {
    state: Mutex<State>,
    submitted: Notify,
    init: watch::Sender<Init>,
}

#[derive(Debug, Clone, PartialEq)]
enum Init {
    Running,
    Done,
    Failed(String),
}

#[derive(Default)]
struct State {
    /// Not yet taken by the runtime.
    waiting: Option<(Work, oneshot::Sender<End>)>,
    /// Taken, and not yet answered.
    current: Option<(String, oneshot::Sender<End>)>,
}

impl RuntimeApi {
    pub(super) async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            submitted: Notify::new(),
            init: watch::Sender::new(Init::Running),
        });
        let server = tokio::spawn(serve(listener, shared.clone())).abort_handle();
        Ok(Self { address, shared, server })
    }

    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits for the first request for an event; an error is what the runtime reported about its initialization.
    pub(super) async fn ready(&self) -> Result<(), String> {
        let mut init = self.shared.init.subscribe();
        let outcome = init.wait_for(|init| *init != Init::Running).await.map(|init| init.clone());
        match outcome {
            Ok(Init::Failed(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Hands an event to the runtime.
    pub(super) fn submit(&self, work: Work) -> oneshot::Receiver<End> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.shared.state();
        state.current = None;
        state.waiting = Some((work, sender));
        drop(state);
        self.shared.submitted.notify_one();
        receiver
    }

    /// Takes the event back; true if the runtime had not taken it.
    pub(super) fn withdraw(&self) -> bool {
        let mut state = self.shared.state();
        state.current = None;
        state.waiting.take().is_some()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(path) = path.strip_prefix(PREFIX) else { return refuse(StatusCode::NOT_FOUND, "NotFound", &path) };
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, request).await,
            (&Method::POST, ["invocation", id, "error"]) => self.error(id, request).await,
            (&Method::POST, ["init", "error"]) => self.init_error(request).await,
            _ => refuse(StatusCode::NOT_FOUND, "NotFound", path),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        if self.state().current.is_some() {
            return refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", "the last invocation was not answered");
        }
        self.init.send_if_modified(|init| {
            let first = *init == Init::Running;
            if first {
                *init = Init::Done;
            }
            first
        });
        loop {
            let submitted = self.submitted.notified();
            if let Some(work) = self.take() {
                return event(&work);
            }
            submitted.await;
        }
    }

    fn take(&self) -> Option<Work> {
        let mut state = self.state();
        let (work, sender) = state.waiting.take()?;
        state.current = Some((work.request_id.clone(), sender));
        Some(work)
    }

    fn finish(&self, id: &str, end: End) -> Response<Full<Bytes>> {
        let mut state = self.state();
        match state.current.take() {
            Some((current, sender)) if current == id => {
                let _ = sender.send(end);
                accepted()
            }
            other => {
                state.current = other;
                refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
            }
        }
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let body = match Limited::new(request.into_body(), RESPONSE).collect().await {
            Ok(body) => body,
            Err(error) if error.is::<LengthLimitError>() => return self.too_large(id),
            Err(error) => return refuse(StatusCode::BAD_REQUEST, "TruncatedResponse", &error.to_string()),
        };
        // A response that is streamed tells of an error that came later in its trailers.
        let trailer = body.trailers().and_then(|t| t.get("lambda-runtime-function-error-body")).cloned();
        let end = match trailer {
            Some(error) => End::Error(decode(error.as_bytes())),
            None => End::Response(String::from_utf8_lossy(&body.to_bytes()).into_owned()),
        };
        self.finish(id, end)
    }

    fn too_large(&self, id: &str) -> Response<Full<Bytes>> {
        let message = format!("Response payload size exceeded maximum allowed payload size ({RESPONSE} bytes).");
        let error = json!({ "errorType": "Function.ResponseSizeTooLarge", "errorMessage": message });
        let answer = self.finish(id, End::Error(error.to_string()));
        if answer.status() == StatusCode::ACCEPTED {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
        }
        answer
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let error = error_of(request).await;
        self.finish(id, End::Error(error))
    }

    async fn init_error(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let error = error_of(request).await;
        self.init.send_replace(Init::Failed(error));
        accepted()
    }
}

/// The error in a request's body, or else the one that its header names.
async fn error_of(request: Request<Incoming>) -> String {
    let kind = request.headers().get("lambda-runtime-function-error-type").and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("Runtime.UnknownReason").to_owned();
    let body = Limited::new(request.into_body(), RESPONSE).collect().await.map(|body| body.to_bytes());
    let text = body.map(|body| String::from_utf8_lossy(&body).into_owned()).unwrap_or_default();
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) if value.get("errorType").is_some() => text,
        Ok(mut value) if value.is_object() => {
            set_member(&mut value, "errorType", kind);
            value.to_string()
        }
        _ => json!({ "errorType": kind, "errorMessage": text }).to_string(),
    }
}

fn decode(base64: &[u8]) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).unwrap_or_else(|_| base64.to_vec());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn event(work: &Work) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(work.payload.clone())));
    let headers = [
        ("lambda-runtime-aws-request-id", Some(work.request_id.clone())),
        ("lambda-runtime-deadline-ms", Some(work.deadline.as_millisecond().to_string())),
        ("lambda-runtime-invoked-function-arn", Some(work.function_arn.clone())),
        ("lambda-runtime-trace-id", Some(work.trace_id.clone())),
        ("lambda-runtime-client-context", work.client_context.clone()),
        ("content-type", Some("application/json".to_owned())),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn accepted() -> Response<Full<Bytes>> {
    reply(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    reply(status, &json!({ "errorMessage": message, "errorType": kind }))
}

fn reply(status: StatusCode, body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, shared.clone()))),
                // Out of file descriptors, most likely: let connections end before the next one.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    // A runtime that ends breaks its connection; its exit status says more.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
