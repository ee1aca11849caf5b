//! Handlers of any signature as one type.

use std::marker::PhantomData;

use futures::future::BoxFuture;
use throughline_contracts::ContractInfo;
use throughline_effects::{Effects, Failure, World};
use throughline_envelope::Arrival;

use super::{Handler, Input};
use crate::extract::CallContext;
use crate::function::Description;

pub(crate) trait AnyHandler: Send + Sync {
    fn contracts(&self) -> Vec<ContractInfo>;
    fn describe(&self, description: &mut Description);
    fn decide<'a>(
        &'a self,
        world: &'a World,
        call: &'a CallContext,
        arrival: &'a Arrival,
    ) -> BoxFuture<'a, Result<Effects, Failure>>;
}

struct Erased<H, Args> {
    handler: H,
    args: PhantomData<fn(Args)>,
}

pub(crate) fn erase<H: Handler<Args>, Args: 'static>(handler: H) -> Box<dyn AnyHandler> {
    Box::new(Erased { handler, args: PhantomData })
}

impl<H: Handler<Args>, Args: 'static> AnyHandler for Erased<H, Args> {
    fn contracts(&self) -> Vec<ContractInfo> {
        H::Input::contracts()
    }

    fn describe(&self, description: &mut Description) {
        H::describe(description);
    }

    fn decide<'a>(
        &'a self,
        world: &'a World,
        call: &'a CallContext,
        arrival: &'a Arrival,
    ) -> BoxFuture<'a, Result<Effects, Failure>> {
        Box::pin(async move {
            let input = H::Input::decode(arrival)?;
            self.handler.call(world, call, input).await
        })
    }
}
