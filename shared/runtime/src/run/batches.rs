//! Batches are read before `lambda_runtime` reads the payload, which keeps the path of each member while it does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Error, LambdaInvocation};

use crate::trigger::Batch;

/// What is left to `lambda_runtime` of a payload that was read.
const READ: &[u8] = br#"{"Records":[]}"#;

/// Batches that were read and are not handled yet, by the ids of their requests.
#[derive(Clone, Default)]
pub(super) struct Batches(Arc<Mutex<BTreeMap<String, Batch>>>);

impl Batches {
    /// The batch of a request, unless its payload was left to `lambda_runtime`.
    pub(super) fn take(&self, request_id: &str) -> Option<Batch> {
        self.unhandled().remove(request_id)
    }

    /// Reads a payload, if that goes quickly and nobody wants to see it: at the level `TRACE`, `lambda_runtime` logs it.
    fn read(&self, invocation: &mut LambdaInvocation) {
        if tracing::enabled!(target: "lambda_runtime", tracing::Level::TRACE) {
            return;
        }
        if let Some(batch) = Batch::quick(&invocation.body) {
            self.unhandled().insert(invocation.context.request_id.clone(), batch);
            invocation.body = Bytes::from_static(READ);
        }
    }

    fn unhandled(&self) -> MutexGuard<'_, BTreeMap<String, Batch>> {
        // A map is whole after every one of its methods.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for Batches {
    type Service = Reading<S>;

    fn layer(&self, inner: S) -> Reading<S> {
        Reading { batches: self.clone(), inner }
    }
}

/// Reads batches, and hands the invocation on.
#[derive(Clone)]
pub(super) struct Reading<S> {
    batches: Batches,
    inner: S,
}

impl<S> Service<LambdaInvocation> for Reading<S>
where
    S: Service<LambdaInvocation, Response = (), Error = Error>,
{
    type Response = ();
    type Error = Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        self.batches.read(&mut invocation);
        self.inner.call(invocation)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures::FutureExt as _;
    use lambda_runtime::service_fn;

    use super::*;

    #[test]
    fn a_batch_is_read_once_and_anything_else_is_left_as_it_is() {
        let (batches, seen) = (Batches::default(), Arc::new(Mutex::new(Vec::new())));
        let handed_on = Arc::clone(&seen);
        let mut service = batches.layer(service_fn(move |invocation: LambdaInvocation| {
            handed_on.lock().unwrap().push(invocation.body);
            ready(Ok::<(), Error>(()))
        }));
        let payloads =
            [r#"{"Records": [{"body": "a"}]}"#, r#"{"Records": [{"body": "\u00e9"}]}"#, r#"{"Records": 7}"#, "no JSON"];
        for (id, payload) in payloads.iter().enumerate() {
            let mut context = lambda_runtime::Context::default();
            context.request_id = id.to_string();
            let (parts, ()) = http::Response::new(()).into_parts();
            let invocation = LambdaInvocation { parts, body: Bytes::from_static(payload.as_bytes()), context };
            service.call(invocation).now_or_never().unwrap().unwrap();
        }
        let [_, left @ ..] = &payloads;
        assert_eq!(batches.take("0").unwrap(), serde_json::from_str(payloads[0]).unwrap());
        assert_eq!(seen.lock().unwrap().split_first(), Some((&Bytes::from_static(READ), &left.map(Bytes::from)[..])));
        assert!(batches.unhandled().is_empty());
    }
}
