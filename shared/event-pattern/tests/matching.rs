//! What matches what.

use serde_json::{Value, json};
use throughline_event_pattern::{Pattern, Reason};

#[expect(clippy::panic, reason = "a test that names the pattern it fails on")]
fn pattern(value: Value) -> Pattern {
    Pattern::from_value(&value).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A matcher, values of the field that it accepts, and values that it does not. `undefined` stands for no field.
fn table() -> Vec<(Value, Vec<Value>, Vec<Value>)> {
    let undefined = || json!("undefined");
    vec![
        (
            json!("paid"),
            vec![json!("paid"), json!(["x", "paid"])],
            vec![json!("Paid"), json!(null), json!({"a": "paid"}), undefined()],
        ),
        (json!(""), vec![json!("")], vec![json!(" "), json!(null), json!([]), undefined()]),
        (json!(300), vec![json!(300), json!(300.0), json!([1, 300])], vec![json!("300"), json!(301), undefined()]),
        (
            json!(123_456_789_012_u64),
            vec![json!(123_456_789_012_u64)],
            vec![json!(123_456_789_013_u64), json!("123456789012")],
        ),
        (json!(true), vec![json!(true)], vec![json!("true"), json!(false), json!(1)]),
        (json!(null), vec![json!(null), json!([null])], vec![json!("null"), json!([]), json!({}), undefined()]),
        (json!("10.0.0.1"), vec![json!("10.0.0.1"), json!("010.0.0.001")], vec![json!("10.0.0.2")]),
        (json!("2001:db8::1"), vec![json!("2001:0db8:0:0:0:0:0:1")], vec![json!("2001:db8::2")]),
        (json!({"prefix": "ord"}), vec![json!("order"), json!("ord")], vec![json!("Order"), json!("or"), json!(1)]),
        (json!({"prefix": ""}), vec![json!(""), json!("a")], vec![json!(1), json!(null)]),
        (json!({"prefix": {"equals-ignore-case": "oRd"}}), vec![json!("ORDER")], vec![json!("x-order")]),
        (json!({"suffix": ".png"}), vec![json!("a.png"), json!(".png")], vec![json!("a.PNG"), json!("png")]),
        (json!({"suffix": {"equals-ignore-case": "ÄB"}}), vec![json!("xäb"), json!("ÄB")], vec![json!("äbx")]),
        (
            json!({"equals-ignore-case": "straße"}),
            vec![json!("STRASSE"), json!("Straße")],
            vec![json!("strase"), json!("straßen")],
        ),
        (json!({"wildcard": "a*c"}), vec![json!("ac"), json!("abc")], vec![json!("abcd"), json!(1)]),
        (json!({"numeric": ["=", 5]}), vec![json!(5), json!(5.0)], vec![json!("5"), json!(null), json!(5.1)]),
        (json!({"numeric": [">", 0, "<=", 5]}), vec![json!(0.1), json!(5)], vec![json!(0), json!(5.1)]),
        (json!({"numeric": ["<", -1.5]}), vec![json!(-2)], vec![json!(-1.5)]),
        (json!({"numeric": [">=", 1e2]}), vec![json!(100), json!(5e9)], vec![json!(99), json!(5_000_000_001_u64)]),
        (json!({"cidr": "10.0.0.0/24"}), vec![json!("10.0.0.200")], vec![json!("10.0.1.0"), json!("x"), json!(1)]),
        (
            json!({"exists": true}),
            vec![json!(1), json!(null), json!(""), json!([1])],
            vec![json!([]), json!({}), json!({"a": 1}), undefined()],
        ),
        (
            json!({"exists": false}),
            vec![json!([]), json!({}), json!({"a": 1}), undefined()],
            vec![json!(1), json!(null)],
        ),
        (
            json!({"anything-but": "a"}),
            vec![json!("b"), json!(1), json!(null), json!(["a", "b"])],
            vec![json!("a"), json!([]), undefined()],
        ),
        (json!({"anything-but": 1}), vec![json!(2), json!("1"), json!(null)], vec![json!(1), json!(1.0)]),
        (json!({"anything-but": ["a", "b"]}), vec![json!("c")], vec![json!("a"), json!("b")]),
        (json!({"anything-but": [1, 2]}), vec![json!(3)], vec![json!(2)]),
        (json!({"anything-but": {"prefix": "a"}}), vec![json!("b"), json!(1)], vec![json!("ab")]),
        (json!({"anything-but": {"prefix": ["a", "b"]}}), vec![json!("c")], vec![json!("bc")]),
        (json!({"anything-but": {"suffix": "a"}}), vec![json!("ab")], vec![json!("ba")]),
        (json!({"anything-but": {"suffix": ["a", "b"]}}), vec![json!("c")], vec![json!("cb")]),
        (json!({"anything-but": {"equals-ignore-case": "a"}}), vec![json!("b")], vec![json!("A")]),
        (json!({"anything-but": {"equals-ignore-case": ["a", "b"]}}), vec![json!("c")], vec![json!("B")]),
        (json!({"anything-but": {"wildcard": "*/a/*"}}), vec![json!("/b/")], vec![json!("/a/")]),
        (json!({"anything-but": {"wildcard": ["*/a/*", "*/b/*"]}}), vec![json!("/c/")], vec![json!("/b/")]),
    ]
}

#[test]
fn every_operator_accepts_and_refuses() {
    for (matcher, accepted, refused) in table() {
        let pattern = pattern(json!({"detail": {"field": [matcher]}}));
        for (values, expected) in [(accepted, true), (refused, false)] {
            for value in values {
                let event = if value == "undefined" {
                    json!({"detail": {"other": 1}})
                } else {
                    json!({"detail": {"field": value}})
                };
                assert_eq!(pattern.matches(&event), expected, "{pattern} on {event}");
                assert_eq!(pattern.explain(&event).matches, expected, "{pattern} on {event}");
            }
        }
    }
}

#[test]
fn entries_of_one_array_are_alternatives_and_fields_are_conditions() {
    let pattern = pattern(json!({"source": ["orders"], "detail": {"state": ["paid", {"exists": false}]}}));
    assert!(pattern.matches(&json!({"source": "orders", "detail": {"state": "paid"}})));
    assert!(pattern.matches(&json!({"source": "orders", "detail": {}})));
    assert!(!pattern.matches(&json!({"source": "orders", "detail": {"state": "open"}})));
    assert!(!pattern.matches(&json!({"source": "billing", "detail": {"state": "paid"}})));
}

#[test]
fn objects_in_an_array_match_as_one() {
    let pattern = pattern(json!({"lines": {"sku": ["tea"], "count": [{"numeric": [">", 5]}]}}));
    assert!(pattern.matches(&json!({"lines": [{"sku": "cup", "count": 1}, {"sku": "tea", "count": 6}]})));
    let apart = json!({"lines": [{"sku": "cup", "count": 6}, {"sku": "tea", "count": 1}]});
    assert!(!pattern.matches(&apart));
    let explanation = pattern.explain(&apart);
    assert_eq!(explanation.alternatives[0][0].reason, Reason::OtherElement);
}

#[test]
fn nested_arrays_are_consistent_at_every_level() {
    let pattern = pattern(json!({"a": {"b": {"x": [1], "y": [2]}, "z": [3]}}));
    assert!(pattern.matches(&json!({"a": [{"b": [{"x": 1, "y": 2}], "z": 3}]})));
    assert!(pattern.matches(&json!({"a": [{"b": [{"x": 0, "y": 2}, {"x": 1, "y": 2}], "z": [0, 3]}]})));
    assert!(!pattern.matches(&json!({"a": [{"b": [{"x": 1}, {"y": 2}], "z": 3}]})));
    assert!(!pattern.matches(&json!({"a": [{"b": [{"x": 1, "y": 2}]}, {"z": 3}]})));
    assert!(pattern.matches(&json!({"a": [[{"b": {"x": 1, "y": 2}, "z": 3}]]})));
}

#[test]
fn absence_is_judged_within_the_array_element() {
    let pattern = pattern(json!({"lines": {"kind": ["gift"], "price": [{"exists": false}]}}));
    assert!(pattern.matches(&json!({"lines": [{"kind": "paid", "price": 1}, {"kind": "gift"}]})));
    assert!(!pattern.matches(&json!({"lines": [{"kind": "gift", "price": 1}, {"kind": "paid"}]})));
}

#[test]
fn or_is_any_of_its_branches_together_with_what_is_around_it() {
    let pattern = pattern(json!({
        "source": ["orders"],
        "$or": [{"detail": {"a": [1]}}, {"detail": {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}}],
    }));
    assert!(pattern.matches(&json!({"source": "orders", "detail": {"a": 1}})));
    assert!(pattern.matches(&json!({"source": "orders", "detail": {"b": 2, "d": 4}})));
    assert!(!pattern.matches(&json!({"source": "orders", "detail": {"b": 2}})));
    assert!(!pattern.matches(&json!({"source": "x", "detail": {"a": 1}})));
    assert_eq!(pattern.explain(&json!({"source": "orders", "detail": {}})).alternatives.len(), 3);
}

#[test]
fn dots_in_names_are_paths() {
    let flat = pattern(json!({"detail.state": ["on"]}));
    assert!(flat.matches(&json!({"detail": {"state": "on"}})));
    assert!(flat.matches(&json!({"detail.state": "on"})));
    assert_eq!(flat.paths().into_iter().collect::<Vec<_>>(), ["detail.state"]);
}

#[test]
fn an_event_that_is_no_object_matches_nothing() {
    for event in [json!(null), json!("a"), json!([{"a": 1}]), json!(1)] {
        assert!(!pattern(json!({"a": [1]})).matches(&event));
    }
}

#[test]
fn an_explanation_names_every_path() {
    let pattern = pattern(
        json!({"source": ["orders"], "detail": {"total": [{"numeric": [">", 100]}], "state": ["paid", "sent"]}}),
    );
    let explanation = pattern.explain(&json!({"source": "orders", "detail": {"total": 5}}));
    assert_eq!(
        explanation.to_string(),
        "detail.state is missing; wanted \"paid\" or \"sent\"\ndetail.total is 5; wanted {\"numeric\":[\">\",100]}"
    );
}

#[test]
fn many_fields_in_large_arrays_are_matched_quickly() {
    let wanted: serde_json::Map<String, Value> =
        (0..12).map(|n| (format!("f{n:02}"), json!({"v": [{"exists": true}]}))).collect();
    let mut impossible = wanted.clone();
    impossible.insert("z".into(), json!({"a": [1], "b": [2]}));
    let elements: Vec<Value> = (0..50).map(|n| json!({"v": n})).collect();
    let mut event: serde_json::Map<String, Value> = (0..12).map(|n| (format!("f{n:02}"), json!(elements))).collect();
    event.insert("z".into(), json!([{"a": 1}, {"b": 2}]));
    let event = Value::Object(event);
    assert!(pattern(Value::Object(wanted)).matches(&event));
    assert!(!pattern(Value::Object(impossible)).matches(&event));
}
