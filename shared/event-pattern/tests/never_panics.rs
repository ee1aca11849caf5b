//! Whatever the pattern and the event, there is an answer, and the two ways to ask agree.

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-100..100_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c*\\\\ü]{0,4}".prop_map(Value::from),
        Just(json!("10.0.0.1")),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c](\\.[a-c])?", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn matcher() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec![
        "prefix",
        "suffix",
        "equals-ignore-case",
        "wildcard",
        "anything-but",
        "numeric",
        "exists",
        "cidr",
        "other",
    ]);
    let text = "[a-c*]{0,3}".prop_map(Value::from);
    let operand = prop_oneof![
        text.clone(),
        leaf(),
        prop::collection::vec(leaf(), 0..3).prop_map(Value::from),
        text.prop_map(|text| json!({"equals-ignore-case": text})),
        (-50..50_i32).prop_map(|n| json!([">", n, "<=", n + 10])),
    ];
    prop_oneof![leaf(), (operator, operand).prop_map(|(operator, operand)| json!({operator: operand}))]
}

fn pattern() -> impl Strategy<Value = Value> {
    let field = prop::collection::vec(matcher(), 0..3).prop_map(Value::from);
    field.prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            prop::collection::btree_map("[a-c]", inner.clone(), 0..3).prop_map(|map| json!(map)),
            (inner.clone(), inner).prop_map(|(a, b)| json!({"$or": [{"a": a}, {"b": b}]})),
        ]
    })
}

proptest! {
    #[test]
    fn on_any_text(text in "\\PC{0,60}") {
        let _ = Pattern::parse(&text);
    }

    #[test]
    fn on_texts_that_look_like_patterns(text in r#"([\[\]{}:,]|"a"|"\$or"|"prefix"|"anything-but"|"numeric"|">"|1|null| |\\|")*"#) {
        if let Err(error) = Pattern::parse(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn on_structured_patterns_and_events(pattern in pattern(), event in event()) {
        if let Ok(pattern) = Pattern::from_value(&pattern) {
            let explanation = pattern.explain(&event);
            prop_assert_eq!(explanation.matches, pattern.matches(&event));
            prop_assert_eq!(explanation.matches, explanation.alternatives.is_empty());
            prop_assert_eq!(&Pattern::parse(&pattern.to_string()).expect("its own text"), &pattern);
        }
    }

    #[test]
    fn exact_values_match_themselves(value in leaf().prop_filter("comparable", |v| v.as_f64().is_none_or(|f| f.is_finite()))) {
        let pattern = Pattern::from_value(&json!({"a": [value.clone()]})).expect("a value");
        let (alone, among) = (json!({"a": value.clone()}), json!({"a": ["other", value]}));
        prop_assert!(pattern.matches(&alone));
        prop_assert!(pattern.matches(&among));
    }
}
