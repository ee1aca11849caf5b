//! Whatever the quick reader reads is what `serde_json` reads.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::event::{Attributes, quick_attributes as parse};

const NAME: &str = "the body";

/// The quick reader's result, where it has one, is that of `serde_json`; and so is what is answered, errors included.
fn same(text: &str) -> Result<(), TestCaseError> {
    let any = Attributes::parse_any(text, NAME);
    if let Some(quick) = parse(text) {
        prop_assert_eq!(&Ok(quick), &any);
    }
    prop_assert_eq!(Attributes::parse(text, NAME), any);
    Ok(())
}

fn event(data: &Value) -> Value {
    let detail = json!({
        "specversion": "1.0", "id": "evt_1", "source": "orders", "type": "orders.order.placed", "schemaversion": 2,
        "time": "2026-11-24T10:00:00.000000000Z", "sequence": "00000000000000000001", "data": data,
    });
    json!({
        "version": "0", "id": "6a7e8feb", "detail-type": "orders.order.placed", "source": "orders", "resources": [],
        "time": "2026-11-24T10:00:01Z", "detail": detail,
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let one =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, ".*|detail".prop_map(Value::from)];
    one.prop_recursive(5, 40, 6, |one| {
        let members = prop::collection::vec((".*|detail|data", one.clone()), 0..6);
        let object = members.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()));
        prop_oneof![prop::collection::vec(one, 0..6).prop_map(Value::from), object]
    })
}

/// Pieces of JSON, some of them broken.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\":",
        "\"detail\":{",
        "\"detail\":",
        "\"\"",
        "\"é\"",
        "\"\\n\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"\\",
        "\"",
        "\u{1}",
        "1",
        "0",
        "-",
        "-0",
        "01",
        "-1",
        "1.5",
        "1e3",
        "1e999",
        "999999999999999999",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "true",
        "false",
        "null",
        "nul",
        "truefalse",
        " ",
        "\n",
        "\t",
        "\u{a0}",
    ])
}

#[test]
fn what_almost_every_event_is_is_read_here() {
    let data =
        json!({ "a": "\"quoted\"\\/\n\t\r\u{8}\u{c} é", "b": [{}, [], -7, 0, true, false, null], "c": { "d": 900 } });
    let text = event(&data).to_string();
    for text in [text.clone(), format!(" {text}\n"), serde_json::to_string_pretty(&event(&data)).unwrap()] {
        assert!(parse(&text).is_some(), "{text}");
        same(&text).unwrap();
    }
}

#[test]
fn a_name_that_stands_twice_and_great_depth_are_read_alike() {
    same(r#"{"id": 1, "id": "2", "data": {"a": 1, "b": 2, "a": 3}, "detail": {"a": 1}, "detail": 7}"#).unwrap();
    same(r#"{"detail": {"detail": {"detail": {}}}, "\u0064etail": {"a": "b"}, "det\/ail": "\/"}"#).unwrap();
    for depth in [20, 24, 25, 26, 126, 127, 128, 200] {
        same(&format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth))).unwrap();
        same(&format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))).unwrap();
    }
}

proptest! {
    #[test]
    fn any_value_is_read_alike(value in any_json(), pretty: bool) {
        for value in [&value, &event(&value)] {
            same(&if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() })?;
        }
    }

    #[test]
    fn broken_json_is_told_alike(value in any_json(), at in any::<prop::sample::Index>(), piece in piece(), removed in 0_usize..3) {
        let mut text: Vec<char> = event(&value).to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..(at + removed).min(text.len()), piece.chars());
        same(&text.iter().collect::<String>())?;
        same(&text.iter().take(at).collect::<String>())?;
    }

    #[test]
    fn any_pieces_are_read_alike(pieces in prop::collection::vec(piece(), 0..12)) {
        same(&pieces.concat())?;
        same(&format!("{{\"a\":{}}}", pieces.concat()))?;
    }
}
