//! Whatever is in a definition, reading it ends with an answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_states_language::{Rule, StateMachine};

use crate::common::only;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z$.*]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let names = prop_oneof![Just("Type".to_owned()), Just("States".into()), Just("Next".into()), "[A-Z][a-z]{0,4}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_state_of_any_shape(kind in "(Pass|Task|Choice|Wait|Succeed|Fail|Parallel|Map)", fields in any_json()) {
        let mut state = fields.as_object().cloned().unwrap_or_default();
        state.insert("Type".into(), kind.into());
        let _ = StateMachine::parse(&only(Value::Object(state)).to_string());
    }

    #[test]
    fn a_path_of_any_text(text in r#"[$]{0,2}[a-c.*\[\]'"?@:,0-9 ()=<-]{0,20}"#) {
        let state = json!({"Type": "Pass", "Parameters": {"v.$": text}, "End": true});
        if let Err(error) = StateMachine::parse(&only(state).to_string()) {
            prop_assert_eq!(error.diagnostics[0].rule, Rule::BadPath);
        }
    }

    #[test]
    fn a_call_of_any_text(text in r#"States\.(Format|Array|MathAdd|UUID|X)[(){}$.,'a-c0-9\\ \[\]]{0,20}"#) {
        let state = json!({"Type": "Pass", "Parameters": {"v.$": text}, "End": true});
        if let Err(error) = StateMachine::parse(&only(state).to_string()) {
            prop_assert_eq!(error.diagnostics[0].rule, Rule::BadIntrinsic);
        }
    }
}
