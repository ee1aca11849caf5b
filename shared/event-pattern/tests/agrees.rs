//! The crate's matcher and a plain one agree on random patterns and events.

mod naive;

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_event_pattern::Pattern;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[abAüÜ]{0,3}", "10\\.0\\.0\\.[0-3]", Just("2001:db8::1".to_owned()), Just("010.0.0.1".to_owned())]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3..4_i64).prop_map(Value::from),
        (-30..31_i32).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
        prop::sample::select(vec![4_999_999_999_i64, 5_000_000_000, 5_000_000_001, 123_456_789_012])
            .prop_map(Value::from),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => number(),
        3 => text().prop_map(Value::from),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let tree = leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    });
    prop::collection::btree_map("[a-c]", tree, 0..4).prop_map(|fields| json!(fields))
}

fn one_or_more<S: Strategy<Value = String> + Clone + 'static>(one: S) -> BoxedStrategy<Value> {
    prop_oneof![one.clone().prop_map(Value::from), prop::collection::vec(one, 1..3).prop_map(|many| json!(many))]
        .boxed()
}

fn matcher() -> impl Strategy<Value = Value> {
    let affix = "[abAü]{1,2}";
    let wildcard = "[ab]{0,2}(\\*[ab]{0,2})?";
    let excluded = prop_oneof![
        text().prop_map(Value::from),
        number().prop_filter("comparable", |number| number.as_f64().is_some_and(|number| number.abs() <= 5e9)),
        prop::collection::vec(text(), 1..3).prop_map(|many| json!(many)),
        prop::collection::vec((-3..4_i64).prop_map(Value::from), 1..3).prop_map(|many| json!(many)),
        one_or_more(affix).prop_map(|text| json!({"prefix": text})),
        one_or_more(affix).prop_map(|text| json!({"suffix": text})),
        one_or_more(affix).prop_map(|text| json!({"equals-ignore-case": text})),
        one_or_more(wildcard).prop_map(|text| json!({"wildcard": text})),
    ];
    let range = prop_oneof![
        (prop::sample::select(vec!["=", "<", "<=", ">", ">="]), -3..4_i64)
            .prop_map(|(operator, n)| json!([operator, n])),
        (prop::sample::select(vec![">", ">="]), prop::sample::select(vec!["<", "<="]), -3..2_i64, 1..4_i64)
            .prop_map(|(low, high, n, width)| json!([low, n, high, n + width])),
    ];
    prop_oneof![
        3 => leaf(),
        1 => text().prop_map(|text| json!({"prefix": text})),
        1 => text().prop_map(|text| json!({"suffix": text})),
        1 => text().prop_map(|text| json!({"prefix": {"equals-ignore-case": text}})),
        1 => text().prop_map(|text| json!({"suffix": {"equals-ignore-case": text}})),
        1 => text().prop_map(|text| json!({"equals-ignore-case": text})),
        1 => wildcard.prop_map(|text| json!({"wildcard": text})),
        2 => range.prop_map(|range| json!({"numeric": range})),
        1 => prop::sample::select(vec!["10.0.0.0/31", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"]).prop_map(|block| json!({"cidr": block})),
        2 => any::<bool>().prop_map(|exists| json!({"exists": exists})),
        3 => excluded.prop_map(|excluded| json!({"anything-but": excluded})),
    ]
}

fn pattern() -> impl Strategy<Value = Value> {
    let field = prop::collection::vec(matcher(), 1..3).prop_map(Value::from);
    let inner = field.prop_recursive(3, 16, 3, |inner| {
        let fields = || prop::collection::btree_map("[a-c]", inner.clone(), 1..3).prop_map(|fields| json!(fields));
        prop_oneof![
            fields(),
            (fields(), fields()).prop_map(|(one, other)| json!({"$or": [one, other]})),
            (fields(), fields(), fields()).prop_map(|(one, other, around)| json!({"c": around, "$or": [one, other]})),
        ]
    });
    prop_oneof![
        inner.clone().prop_filter("an object", Value::is_object),
        prop::collection::btree_map("[a-c](\\.[a-c])?", inner, 1..4).prop_map(|fields| json!(fields)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn on_every_pattern_and_event(pattern in pattern(), events in prop::collection::vec(event(), 3)) {
        let compiled = Pattern::from_value(&pattern);
        prop_assert!(compiled.is_ok(), "{pattern}: {compiled:?}");
        if let Ok(compiled) = compiled {
            for event in events {
                prop_assert_eq!(compiled.matches(&event), naive::matches(&pattern, &event), "{} on {}", &pattern, event);
            }
        }
    }
}
