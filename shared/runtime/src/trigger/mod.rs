//! What starts a function, and how it answers.

pub(crate) mod direct;
mod message;
mod payload;
mod queue;
pub(crate) mod system;

use futures::FutureExt as _;
use serde_json::Value;
use throughline_effects::World;

use crate::error::FunctionError;
use crate::function::{Function, Kind, Work};
use crate::invocation::Invocation;
pub use message::Batch;
pub(crate) use message::Message;
pub use payload::Payload;

/// Runs one invocation by the function's kind.
///
/// Boxed: an SDK call is a hundred futures deep, and the compiler refuses to work out the layout of the whole of it at once.
pub(crate) async fn dispatch(
    function: &Function,
    world: &World,
    payload: Payload,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    let payload = match (payload, &function.work, function.description.kind) {
        (payload, Work::Event(handler), Kind::Queue) => {
            return queue::run(function, &**handler, world, payload.batch()?, &invocation).boxed().await;
        }
        (payload, ..) => payload.json()?,
    };
    match &function.work {
        Work::Event(handler) => match function.description.kind {
            Kind::SagaStep | Kind::Compensation => {
                direct::saga_step(function, &**handler, world, payload, &invocation).boxed().await
            }
            _ => direct::command(function, &**handler, world, payload, &invocation).boxed().await,
        },
        Work::Schedule(handler) => system::schedule(&**handler, world, payload, invocation).await,
        Work::Logs(handler) => system::logs(&**handler, world, payload, invocation).await,
        Work::Stream(handler) => system::stream(&**handler, world, payload, invocation).await,
        Work::DeadLetters(handler) => system::dead_letters(function, &**handler, world, payload, invocation).await,
    }
}
