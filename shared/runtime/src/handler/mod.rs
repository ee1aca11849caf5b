//! Handlers: plain async functions.

mod erased;
mod input;
mod system;

use std::future::Future;

use throughline_effects::{Effects, Failure, World};

pub(crate) use erased::{AnyHandler, erase};
pub use input::{Input, Step};
pub use system::SystemHandler;
pub(crate) use system::{AnySystemHandler, ErasedSystem};

use crate::extract::{CallContext, FromCall};
use crate::function::Description;

/// An async function that decides what is to be done about an event.
///
/// Implemented for `async fn(E1, …, En, event) -> Result<Effects, Failure>` with up to six extractors before the event.
/// `Args` only tells the implementations apart.
#[diagnostic::on_unimplemented(
    message = "this function cannot be a handler",
    label = "not a handler",
    note = "a handler is `async fn(extractors…, event) -> Result<Effects, Failure>`",
    note = "the event comes last: `Event<T>` for a command or a queue, `Step<T>` for a saga step, where `T` has a `Contract`",
    note = "before it come at most six extractors: `State<S>`, `Setting<S>`, `Output<C>`, `Once`, `Outside`, `CallContext`"
)]
pub trait Handler<Args>: Send + Sync + 'static {
    /// The event it takes.
    type Input: Input;

    /// Adds what the handler's arguments say about the function.
    fn describe(description: &mut Description);

    /// Calls it.
    fn call(
        &self,
        world: &World,
        call: &CallContext,
        input: Self::Input,
    ) -> impl Future<Output = Result<Effects, Failure>> + Send;
}

macro_rules! handlers {
    ($($extractor:ident),*) => {
        impl<F, Fut, I, $($extractor,)*> Handler<($($extractor,)* I,)> for F
        where
            F: Fn($($extractor,)* I) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Effects, Failure>> + Send,
            I: Input,
            $($extractor: FromCall,)*
        {
            type Input = I;

            fn describe(_description: &mut Description) {
                $($extractor::describe(_description);)*
            }

            async fn call(&self, _world: &World, _call: &CallContext, input: I) -> Result<Effects, Failure> {
                self($($extractor::from_call(_world, _call)?,)* input).await
            }
        }
    };
}

handlers!();
handlers!(E1);
handlers!(E1, E2);
handlers!(E1, E2, E3);
handlers!(E1, E2, E3, E4);
handlers!(E1, E2, E3, E4, E5);
handlers!(E1, E2, E3, E4, E5, E6);
