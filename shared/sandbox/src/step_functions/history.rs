//! `GetExecutionHistory`.

use serde_json::Value;

use super::input::Input;
use super::paging;
use crate::cloud::Cloud;
use crate::wire::Answer;

/// [GetExecutionHistory](https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html)
pub(super) fn get(cloud: &Cloud, input: Input<'_>) -> Answer {
    let state = cloud.step_functions().state();
    let include_data = input.flag("includeExecutionData") != Some(false);
    let reverse = input.flag("reverseOrder") == Some(true);
    let history = &state.execution(input.text("executionArn")?)?.history;
    history.read(|events| {
        let at = |index: usize| events.get(if reverse { events.len() - 1 - index } else { index });
        let shown = |index| at(index).map_or(Value::Null, |event| event.to_json(include_data));
        paging::page_of(input, "events", events.len(), shown)
    })
}
