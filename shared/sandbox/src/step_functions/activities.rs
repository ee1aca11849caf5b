//! Activities: tasks that workers outside fetch.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html>

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_states_language::TaskError;
use tokio::sync::{Notify, oneshot};

use super::input::Input;
use super::machines::seconds;
use super::{State, arn, errors, names, paging, tags};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// How long `GetActivityTask` waits for a task.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html>
const POLL: Duration = Duration::from_secs(60);

pub(super) struct Activity {
    name: String,
    created: f64,
    pub(super) tags: BTreeMap<String, String>,
    waiting: VecDeque<Waiting>,
    arrived: Arc<Notify>,
}

/// A task that no worker has taken.
struct Waiting {
    token: String,
    input: String,
    /// Is told the worker's name; closed when nobody waits for the task any more.
    taken: oneshot::Sender<Value>,
}

impl State {
    fn activity(&mut self, arn: &str) -> Result<&mut Activity, ServiceError> {
        self.activities.get_mut(arn::activity(arn)?).ok_or_else(|| errors::no_activity(arn))
    }
}

/// [CreateActivity](https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html): the same name
/// again answers with the activity that is there.
pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("name")?;
    names::check(name)?;
    let arn = cloud.arn("states", &format!("activity:{name}"));
    let now = seconds(cloud.clock().now());
    let mut state = cloud.step_functions().state();
    let activity = state.activities.entry(arn.clone()).or_insert_with(|| Activity {
        name: name.to_owned(),
        created: now,
        tags: tags::read(input.list("tags")),
        waiting: VecDeque::new(),
        arrived: Arc::default(),
    });
    Ok(json!({"activityArn": arn, "creationDate": activity.created}))
}

/// [DescribeActivity](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeActivity.html)
pub(super) fn describe(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("activityArn")?;
    let mut state = cloud.step_functions().state();
    let activity = state.activity(arn)?;
    Ok(json!({
        "activityArn": arn,
        "name": activity.name,
        "creationDate": activity.created,
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }))
}

/// [DeleteActivity](https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteActivity.html): no error when
/// there is none.
pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = arn::activity(input.text("activityArn")?)?;
    cloud.step_functions().state().activities.remove(arn);
    Ok(json!({}))
}

/// [ListActivities](https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListActivities.html)
pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let activities = state
        .activities
        .iter()
        .map(|(arn, activity)| json!({"activityArn": arn, "name": activity.name, "creationDate": activity.created}));
    paging::page(input, "activities", activities.collect())
}

/// [GetActivityTask](https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html): waits up to
/// a minute; an empty answer says that there was no task.
pub(super) async fn get_task(cloud: &Cloud, input: Input<'_>) -> Answer {
    let arn = input.text("activityArn")?;
    let worker = input.optional_text("workerName").map_or(Value::Null, Value::from);
    let end = tokio::time::Instant::now() + POLL;
    loop {
        let arrived = {
            let mut state = cloud.step_functions().state();
            let activity = state.activity(arn)?;
            while let Some(task) = activity.waiting.pop_front() {
                if task.taken.send(worker.clone()).is_ok() {
                    return Ok(json!({"taskToken": task.token, "input": task.input}));
                }
            }
            Arc::clone(&activity.arrived)
        };
        // A permit of `notify_one` that comes between the look and the wait is kept.
        if tokio::time::timeout_at(end, arrived.notified()).await.is_err() {
            return Ok(json!({}));
        }
    }
}

/// Offers a task to the workers, and waits until one has taken it: answers with its name.
pub(super) async fn offer(cloud: &Cloud, arn: &str, token: &str, input: &Value) -> Result<Value, TaskError> {
    let missing =
        || TaskError { error: "States.Runtime".into(), cause: Some(format!("The activity {arn} does not exist.")) };
    let taken = {
        let mut state = cloud.step_functions().state();
        let activity = state.activities.get_mut(arn).ok_or_else(missing)?;
        let (sender, taken) = oneshot::channel();
        activity.waiting.push_back(Waiting { token: token.to_owned(), input: input.to_string(), taken: sender });
        activity.arrived.notify_one();
        taken
    };
    taken.await.map_err(|_| missing())
}
