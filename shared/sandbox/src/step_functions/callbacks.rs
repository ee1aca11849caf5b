//! Task tokens: who waits for them, and their return.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token>

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use throughline_states_language::{Heartbeat, TaskError, json_mistake, limits::PAYLOAD_BYTES};
use tokio::sync::oneshot;

use super::errors;
use super::input::Input;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

pub(super) type Returned = Result<Value, TaskError>;

/// The tokens that were given out, those whose tasks are over included.
#[derive(Default)]
pub(super) struct Callbacks(Mutex<BTreeMap<String, Callback>>);

struct Callback {
    /// Taken by the first return; closed when the task is over.
    sender: Option<oneshot::Sender<Returned>>,
    heartbeat: Heartbeat,
}

impl Callbacks {
    pub(super) fn reset(&self) {
        self.lock().clear();
    }

    /// Gets ready for the return of `token`. Dropping the receiver says that nobody waits any more.
    pub(super) fn expect(&self, token: &str, heartbeat: Heartbeat) -> oneshot::Receiver<Returned> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(token.to_owned(), Callback { sender: Some(sender), heartbeat });
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Callback>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the token was given out.
    fn check(&self, token: &str) -> Result<(), ServiceError> {
        self.lock().get(token).map(|_| ()).ok_or_else(errors::invalid_token)
    }

    fn give_back(&self, token: &str, returned: Returned) -> Answer {
        let mut callbacks = self.lock();
        let callback = callbacks.get_mut(token).ok_or_else(errors::invalid_token)?;
        let sender = callback.sender.take().ok_or_else(errors::task_timed_out)?;
        sender.send(returned).map_err(|_| errors::task_timed_out())?;
        Ok(json!({}))
    }
}

/// [SendTaskSuccess](https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html)
pub(super) fn success(cloud: &Cloud, input: Input<'_>) -> Answer {
    let token = input.text("taskToken")?;
    let output = input.text("output")?;
    if output.len() > PAYLOAD_BYTES {
        return Err(errors::validation("output", "Member must have length less than or equal to 262144"));
    }
    let callbacks = &cloud.step_functions().callbacks;
    callbacks.check(token)?;
    let parsed = serde_json::from_str(output);
    let output = parsed.map_err(|error| errors::invalid_output(&json_mistake(output, &error)))?;
    callbacks.give_back(token, Ok(output))
}

/// [SendTaskFailure](https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html)
pub(super) fn failure(cloud: &Cloud, input: Input<'_>) -> Answer {
    let token = input.text("taskToken")?;
    let error = input.optional_text("error").unwrap_or_default().to_owned();
    let cause = input.optional_text("cause").map(str::to_owned);
    cloud.step_functions().callbacks.give_back(token, Err(TaskError { error, cause }))
}

/// [SendTaskHeartbeat](https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html)
pub(super) fn heartbeat(cloud: &Cloud, input: Input<'_>) -> Answer {
    let callbacks = cloud.step_functions().callbacks.lock();
    let callback = callbacks.get(input.text("taskToken")?).ok_or_else(errors::invalid_token)?;
    let waiting = callback.sender.as_ref().is_some_and(|sender| !sender.is_closed());
    if !waiting {
        return Err(errors::task_timed_out());
    }
    callback.heartbeat.beat(cloud.clock().now());
    Ok(json!({}))
}
