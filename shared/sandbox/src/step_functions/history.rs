//! `GetExecutionHistory`.

use super::input::Input;
use super::paging;
use crate::cloud::Cloud;
use crate::wire::Answer;

/// [GetExecutionHistory](https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html)
pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let mut events = state.execution(input.text("executionArn")?)?.history.events();
    drop(state);
    if input.flag("reverseOrder") == Some(true) {
        events.reverse();
    }
    let include_data = input.flag("includeExecutionData") != Some(false);
    paging::page(input, "events", events.iter().map(|event| event.to_json(include_data)).collect())
}
