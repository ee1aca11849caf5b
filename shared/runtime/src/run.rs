//! `main` of a function.

use std::sync::Arc;

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use serde_json::Value;
use throughline_effects::{Settings, World};

use crate::error::Error;
use crate::function::{Function, Kind};
use crate::invocation::Invocation;
use crate::trigger::{Batch, Payload};

/// The program of a function: its allocator, and a `main` that [`start`](crate::start)s it.
///
/// ```no_run
/// # use throughline_runtime::{Function, Schedule};
/// # mod ring_bells {
/// #     use throughline_effects::{Failure, World};
/// #     use throughline_runtime::{Function, Invocation, Schedule};
/// #     async fn ring(_: World, _: Invocation, _: Schedule) -> Result<(), Failure> { Ok(()) }
/// #     pub fn function() -> Function { Function::schedule("ring-bells", ring) }
/// # }
/// throughline_runtime::main!(ring_bells::function());
/// ```
#[macro_export]
macro_rules! main {
    ($function:expr) => {
        #[global_allocator]
        static ALLOCATOR: $crate::Allocator = $crate::Allocator;

        fn main() -> ::std::result::Result<(), $crate::Error> {
            $crate::start($function)
        }
    };
}

/// Starts a tokio runtime, and on it [`run`]s a function.
///
/// One thread does, as long as there is one invocation at a time: what waits is woken without another thread's help. On a
/// [managed instance](https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html), which gives an environment several at
/// once (`AWS_LAMBDA_MAX_CONCURRENCY`), there is a thread for each processor.
///
/// # Errors
/// Those of [`run`], and when there can be no runtime.
pub fn start(function: Function) -> Result<(), Error> {
    let settings = Settings::from_env();
    let mut runtime = match settings.number("AWS_LAMBDA_MAX_CONCURRENCY") {
        Ok(None | Some(0 | 1)) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build().map_err(Error::new)?.block_on(run(function))
}

/// Runs a function on Lambda: reads its settings, then takes invocations from the Runtime API until it is ended.
///
/// With the argument `describe` it prints the function's self-description as JSON instead.
///
/// # Errors
/// A setting is missing or malformed, or the Runtime API is gone.
pub async fn run(function: Function) -> Result<(), Error> {
    if std::env::args().nth(1).as_deref() == Some("describe") {
        return describe(&function);
    }
    throughline_telemetry::init_logging();
    let world = World::on_lambda(Settings::from_env(), function.name()).map_err(Error::new)?;
    run_in(function, world).await
}

/// Runs a function on Lambda, in a world of its own: other clients, another journal.
///
/// # Errors
/// The Runtime API is gone.
pub async fn run_in(function: Function, world: World) -> Result<(), Error> {
    match function.describe().kind {
        Kind::Queue => serve::<Batch>(function, world).await,
        _ => serve::<Value>(function, world).await,
    }
}

/// Takes invocations whose payload is a `P`.
async fn serve<P>(function: Function, world: World) -> Result<(), Error>
where
    P: DeserializeOwned + Into<Payload> + Send + 'static,
{
    let shared = Arc::new((function, world));
    let service = service_fn(move |event: LambdaEvent<P>| {
        let shared = Arc::clone(&shared);
        async move {
            let (function, world) = &*shared;
            let (payload, context) = event.into_parts();
            function.invoke(world, payload, invocation(&context)).await
        }
    });
    lambda_runtime::run_concurrent(service).await.map_err(Error::new)
}

fn invocation(context: &lambda_runtime::Context) -> Invocation {
    let deadline = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    Invocation {
        request_id: context.request_id.clone(),
        deadline: Timestamp::from_millisecond(deadline).unwrap_or(Timestamp::MAX),
        function_arn: context.invoked_function_arn.clone(),
        function_version: context.env_config.version.clone(),
    }
}

#[expect(clippy::print_stdout, reason = "the description is what was asked for")]
fn describe(function: &Function) -> Result<(), Error> {
    println!("{}", serde_json::to_string_pretty(function.describe()).map_err(Error::new)?);
    Ok(())
}
