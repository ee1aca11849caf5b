//! Handlers of system functions: they work on the toolkit's own tables and act by themselves.

use std::future::Future;
use std::marker::PhantomData;

use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;
use throughline_effects::{Failure, World};

use crate::invocation::Invocation;

/// An async function from the world, an invocation and a payload to a report. It has no `Effects`; it must be idempotent,
/// since what triggers it delivers at least once.
#[diagnostic::on_unimplemented(
    message = "this function cannot be a system handler",
    label = "not a system handler",
    note = "a system handler is `async fn(World, Invocation, Payload) -> Result<Report, Failure>` with a `Report` that is `Serialize`"
)]
pub trait SystemHandler<P>: Send + Sync + 'static {
    /// Calls it.
    fn call(
        &self,
        world: World,
        invocation: Invocation,
        payload: P,
    ) -> impl Future<Output = Result<Value, Failure>> + Send;
}

impl<F, Fut, R, P> SystemHandler<P> for F
where
    F: Fn(World, Invocation, P) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Failure>> + Send,
    R: Serialize,
    P: Send + 'static,
{
    async fn call(&self, world: World, invocation: Invocation, payload: P) -> Result<Value, Failure> {
        Ok(serde_json::to_value(self(world, invocation, payload).await?)?)
    }
}

pub(crate) trait AnySystemHandler<P>: Send + Sync {
    fn run(&self, world: World, invocation: Invocation, payload: P) -> BoxFuture<'_, Result<Value, Failure>>;
}

pub(crate) struct ErasedSystem<H, P> {
    handler: H,
    payload: PhantomData<fn(P)>,
}

impl<H, P> ErasedSystem<H, P> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, payload: PhantomData }
    }
}

impl<H: SystemHandler<P>, P: Send + 'static> AnySystemHandler<P> for ErasedSystem<H, P> {
    fn run(&self, world: World, invocation: Invocation, payload: P) -> BoxFuture<'_, Result<Value, Failure>> {
        Box::pin(self.handler.call(world, invocation, payload))
    }
}
