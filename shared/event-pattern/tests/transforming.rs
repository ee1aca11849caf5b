//! What targets get of an event.

use serde_json::{Value, json};
use throughline_event_pattern::transform::{Delivery, InputPath, InputTransformer, TransformError};

const DELIVERY: Delivery<'_> =
    Delivery { rule_arn: "arn:aws:events:us-east-1:1:rule/r", rule_name: "r", ingestion_time: "2026-01-01T00:00:00Z" };

fn event() -> Value {
    json!({
        "id": "e-1",
        "detail-type": "orders.order.placed",
        "detail": {"id": "o-1", "total": 12.5, "paid": true, "note": "a \"b\"", "lines": [{"sku": "tea"}, {"sku": "cup"}], "none": null},
    })
}

fn apply(template: &str) -> Result<String, TransformError> {
    let paths = [
        ("id", "$.detail.id"),
        ("type", "$.detail-type"),
        ("total", "$.detail.total"),
        ("paid", "$.detail.paid"),
        ("note", "$.detail.note"),
        ("lines", "$.detail.lines"),
        ("second", "$.detail.lines[1].sku"),
        ("skus", "$.detail.lines[*].sku"),
        ("missing", "$.detail.missing"),
        ("none", "$.detail.none"),
    ];
    InputTransformer::new(paths, template)?.apply(&event(), &DELIVERY)
}

#[test]
fn text_keeps_its_quotes() {
    let table = [
        (r#""order <id> of <type>""#, r#""order o-1 of orders.order.placed""#),
        (r#""total <total>, paid <paid>""#, r#""total 12.5, paid true""#),
        (r#""nothing: <missing>.""#, r#""nothing: .""#),
        (r#""<lines>""#, r#""[{sku:tea},{sku:cup}]""#),
        (r#""say \"<id>\"""#, r#""say \"o-1\"""#),
        (r#""<aws.events.rule-name> <aws.events.rule-arn>""#, r#""r arn:aws:events:us-east-1:1:rule/r""#),
        ("<id>", r#""o-1""#),
        ("\"one <id>\"\n\"two\"", "\"one o-1\"\n\"two\""),
    ];
    for (template, expected) in table {
        assert_eq!(apply(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn json_is_compact_and_values_keep_their_type() {
    let table = [
        (r#"{ "id" : <id>, "total": <total>, "paid": <paid> }"#, r#"{"id":"o-1","total":12.5,"paid":true}"#),
        (r#"{"id": "<id>", "text": "order \"<id>\""}"#, r#"{"id":"o-1","text":"order \"o-1\""}"#),
        (
            r#"{"lines": <lines>, "skus": <skus>, "second": <second>}"#,
            r#"{"lines":[{"sku":"tea"},{"sku":"cup"}],"skus":["tea","cup"],"second":"cup"}"#,
        ),
        (r#"{"note": <note>}"#, r#"{"note":"a \"b\""}"#),
        (r#"{"missing": <missing>, "none": <none>}"#, r#"{"missing":"","none":null}"#),
        (r#"{"at": <aws.events.event.ingestion-time>}"#, r#"{"at":"2026-01-01T00:00:00Z"}"#),
        (r#"{"event": <aws.events.event>}"#, r#"{"event":{"id":"e-1","detailType":"orders.order.placed"}}"#),
        (r#"[1, <id>]"#, r#"[1,"o-1"]"#),
    ];
    for (template, expected) in table {
        assert_eq!(apply(template).as_deref(), Ok(expected), "{template}");
    }
    let whole: Value = serde_json::from_str(&apply(r#"{"event": <aws.events.event.json>}"#).unwrap()).unwrap();
    assert_eq!(whole["event"], event());
}

#[test]
fn values_inside_quotes_are_not_escaped() {
    assert!(matches!(apply(r#"{"note": "<note>"}"#), Err(TransformError::InvalidResult(_))));
    assert!(matches!(apply(r#"{"lines": "<lines>"}"#), Err(TransformError::InvalidResult(_))));
    assert_eq!(apply(r#""<note>""#).as_deref(), Ok(r#""a "b"""#));
}

#[test]
fn what_aws_refuses_is_refused() {
    for template in ["order <id>", "", "{\"a\": }", "{\"a\": <id>", "\"open"] {
        assert!(matches!(apply(template), Err(TransformError::InvalidTemplate(_))), "{template}");
    }
    assert_eq!(apply(r#""<unknown>""#), Err(TransformError::UnknownVariable("unknown".into())));
    let new = |name: &'static str, path: &'static str| InputTransformer::new([(name, path)], "<a>");
    assert!(matches!(new("AWS.x", "$.a"), Err(TransformError::ReservedVariable(_))));
    for path in ["a", "$a", "$..a", "$.a[", "$.a[x]", "$.a b"] {
        assert!(matches!(new("a", path), Err(TransformError::InvalidPath { .. })), "{path}");
    }
    let names: Vec<String> = (0..101).map(|n| format!("v{n}")).collect();
    let many = names.iter().map(|name| (name.as_str(), "$.a"));
    assert_eq!(InputTransformer::new(many, "<a>"), Err(TransformError::TooManyVariables(101)));
}

#[test]
fn a_path_finds_what_is_there() {
    let find = |path: &str| InputPath::parse(path).unwrap().find(&event());
    assert_eq!(find("$"), Some(event()));
    assert_eq!(find("$.detail.lines[0].sku"), Some(json!("tea")));
    assert_eq!(find("$.detail['id']"), Some(json!("o-1")));
    assert_eq!(find("$.detail.lines.*.sku"), Some(json!(["tea", "cup"])));
    assert_eq!(find("$.detail.lines[2]"), None);
    assert_eq!(find("$.detail.id.x"), None);
}
