//! A function's code in this process: what its `main` does, without the Runtime API.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use throughline_effects::{Settings, World};
use throughline_envelope::Ambient;
use throughline_runtime::{Function, Invocation};
use throughline_sandbox::connector::InProcess as InProcessHttp;
use throughline_sandbox::lambda::{self, FunctionError, InProcess, LogWriter};
use throughline_sandbox::{Clock, Cloud};
use throughline_telemetry::{Journal, Sink};
use tokio::sync::Notify;

use super::crash::{Crashes, Doomed};
use super::functions;

/// A function and the environments that run it.
struct Hosted {
    function: Function,
    http: InProcessHttp,
    ambient: Ambient,
    crashes: Arc<Crashes>,
    /// By log stream: an environment has one of its own, and its world is made once.
    environments: Mutex<BTreeMap<String, Environment>>,
}

/// The world of one environment, and what is told when it dies.
#[derive(Clone)]
struct Environment {
    world: World,
    died: Arc<Notify>,
}

/// The code of the function called `name`.
pub(super) fn hosted(
    cloud: &Cloud,
    name: &str,
    http: &InProcessHttp,
    crashes: &Arc<Crashes>,
    seed: u64,
) -> Arc<dyn InProcess> {
    Arc::new(Hosted {
        function: functions::function(name),
        http: http.clone(),
        // Functions that share a seed would share ids.
        ambient: Ambient::with_clock(Arc::new(Follows(cloud.clock())), seed ^ seed_of(name)),
        crashes: crashes.clone(),
        environments: Mutex::default(),
    })
}

fn seed_of(name: &str) -> u64 {
    name.bytes().fold(0, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

impl Hosted {
    fn environment(&self, invocation: &lambda::Invocation) -> Environment {
        let mut environments = self.environments.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = invocation.log.stream().to_owned();
        environments.entry(stream).or_insert_with(|| self.start(invocation)).clone()
    }

    fn start(&self, invocation: &lambda::Invocation) -> Environment {
        let died = Arc::<Notify>::default();
        let name = self.function.name();
        let http = Doomed::new(name, self.http.clone(), self.crashes.clone(), died.clone());
        let settings = Settings::from_map(invocation.environment.clone());
        let journal = Journal::to(Arc::new(Log(invocation.log.clone())), &self.ambient);
        let world = World::new(settings, name, SharedHttpConnector::new(http), self.ambient.clone(), journal);
        Environment { world: world.unwrap_or_else(|error| panic!("{name}: {error}")), died }
    }

    async fn run(&self, invocation: lambda::Invocation) -> Result<Value, FunctionError> {
        let environment = self.environment(&invocation);
        let call = Invocation {
            request_id: invocation.request_id,
            deadline: invocation.deadline,
            function_arn: invocation.function_arn,
            function_version: "$LATEST".into(),
        };
        tokio::select! {
            answer = self.function.invoke(&environment.world, invocation.payload, call) => {
                answer.map_err(|error| FunctionError { error_type: error.error_type, message: error.message })
            }
            () = environment.died.notified() => Err(exited()),
        }
    }
}

/// What Lambda says of a process that ended in the middle of an invocation.
fn exited() -> FunctionError {
    FunctionError {
        error_type: "Runtime.ExitError".into(),
        message: "Runtime exited with error: signal: killed".into(),
    }
}

impl InProcess for Hosted {
    fn invoke<'a>(&'a self, invocation: lambda::Invocation) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(self.run(invocation))
    }
}

struct Follows(Clock);

impl throughline_envelope::Clock for Follows {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

struct Log(LogWriter);

impl Sink for Log {
    fn line(&self, line: &str) {
        self.0.line(line);
    }
}
