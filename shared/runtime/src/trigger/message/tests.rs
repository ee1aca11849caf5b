use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn whole() -> Value {
    json!({
        "messageId": "m", "receiptHandle": "r", "body": "{\"a\": \"\\\"é\\n\\\"\"}\n", "md5OfBody": "x", "awsRegion": "us-east-1",
        "attributes": {
            "ApproximateReceiveCount": "2", "SentTimestamp": "1795514400000", "SenderId": "s",
            "MessageGroupId": "g", "SequenceNumber": "18849496460467696128",
        },
        "messageAttributes": {
            "redrive": {"stringValue": "{}", "dataType": "String", "stringListValues": [], "binaryListValues": []},
            "other": {"binaryValue": "AQ==", "dataType": "Binary", "number": -7, "flag": true, "nothing": null},
        },
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders.fifo",
    })
}

/// What is read quickly is what `serde_json` reads; and so is what is answered, errors included.
fn same(text: &[u8]) -> Result<(), TestCaseError> {
    let read = serde_json::from_slice::<Batch>(text).map_err(|error| error.to_string());
    if let Some(quick) = Batch::quick(text) {
        prop_assert_eq!(&Ok(quick), &read);
    }
    prop_assert_eq!(Batch::from_slice(text).map_err(|error| error.to_string()), read);
    Ok(())
}

#[test]
fn a_batch_as_lambda_hands_it_over_is_read_quickly() {
    let batch = json!({ "Records": [whole(), {}, whole()], "more": [{"a": 1}] });
    for text in [batch.to_string(), serde_json::to_string_pretty(&batch).unwrap()] {
        assert_eq!(Batch::quick(text.as_bytes()).unwrap().records.len(), 3);
        same(text.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_seldom_is_read_all_the_same_or_refused() {
    for text in [
        r#"{"Records": []}"#,
        r#"{"Records": [{"body": null, "attributes": null, "messageAttributes": null}]}"#,
        r#"{"Records": [{"messageAttributes": {"redrive": null}}]}"#,
        r#"{"Records": [{"messageAttributes": {"redrive": {"stringValue": null}}}]}"#,
        r#"{"Records": [{"body": "a", "body": "b"}]}"#,
        r#"{"Records": [], "Records": []}"#,
        r#"{"Records": [{"body": "\u00e9\ud83d\ude00"}, {"body": "\ud83d"}]}"#,
        r#"{"Records": [{"bo\u0064y": "x", "m\/": 1.5}]}"#,
        r#"[]"#,
        r#"{"Records": [{"attributes": []}]}"#,
    ] {
        same(text.as_bytes()).unwrap();
    }
    same(b"{\"Records\": [{\"body\": \"\xff\"}]}").unwrap();
}

proptest! {
    #[test]
    fn any_body_is_read_alike(bodies in prop::collection::vec(".*|[\"\\\\\n a]*", 0..4), pretty: bool) {
        let records: Vec<Value> = bodies.iter().map(|body| json!({ "messageId": body, "body": json!({ body.as_str(): body }).to_string() })).collect();
        let batch = json!({ "Records": records });
        same(if pretty { serde_json::to_string_pretty(&batch).unwrap() } else { batch.to_string() }.as_bytes())?;
    }

    #[test]
    fn a_broken_batch_is_told_alike(at in any::<prop::sample::Index>(), put in prop::collection::vec(any::<u8>(), 0..3), removed in 0_usize..3) {
        let mut text = json!({ "Records": [whole()] }).to_string().into_bytes();
        let at = at.index(text.len());
        text.splice(at..(at + removed).min(text.len()), put);
        same(&text)?;
        text.truncate(at);
        same(&text)?;
    }

    #[test]
    fn a_member_of_another_type_is_told_alike(
        pointer in prop::sample::select(vec!["", "/body", "/messageId", "/attributes", "/attributes/SentTimestamp", "/messageAttributes",
            "/messageAttributes/redrive", "/messageAttributes/redrive/stringValue", "/messageAttributes/other", "/awsRegion"]),
        value in prop::sample::select(vec![json!(null), json!(7), json!(-1.5), json!([]), json!({}), json!("é"), json!({"a": [1e300]})]),
    ) {
        let mut record = whole();
        *record.pointer_mut(pointer).unwrap() = value;
        same(json!({ "Records": [record] }).to_string().as_bytes())?;
    }
}

#[test]
fn a_message_is_read_for_what_is_used_and_whatever_else_it_has_is_passed_over() {
    let whole = json!({
        "messageId": "m", "receiptHandle": "r", "body": "{}", "md5OfBody": "x", "awsRegion": "us-east-1",
        "attributes": {
            "ApproximateReceiveCount": "2", "SentTimestamp": "1795514400000", "SenderId": "s",
            "MessageGroupId": "g", "SequenceNumber": "18849496460467696128",
        },
        "messageAttributes": {
            "redrive": {"stringValue": "{}", "dataType": "String", "stringListValues": [], "binaryListValues": []},
            "other": {"binaryValue": "AQ==", "dataType": "Binary"},
        },
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders.fifo",
    });
    let message: Message = serde_json::from_value(whole).unwrap();
    assert_eq!((message.message_id.as_deref(), message.receipt_handle.as_deref()), (Some("m"), Some("r")));
    assert_eq!((message.body(), message.queue(), message.is_fifo()), ("{}", Some("orders.fifo"), true));
    assert_eq!((message.delivery(), message.sent_millis()), (Some(2), Some(1_795_514_400_000)));
    assert_eq!(message.group().map(String::as_str), Some("g"));
    assert_eq!(message.sequence_number().map(String::as_str), Some("18849496460467696128"));
    assert_eq!(message.redrive(), Some("{}"));
}

#[test]
fn what_is_absent_or_null_is_not_there() {
    for nothing in [json!({}), json!({"body": null, "attributes": null, "messageAttributes": null})] {
        let message: Message = serde_json::from_value(nothing).unwrap();
        assert_eq!((message.body(), message.queue(), message.is_fifo()), ("", None, false));
        assert_eq!((message.delivery(), message.sent_millis(), message.redrive()), (None, None, None));
        assert_eq!((message.group(), message.sequence_number()), (None, None));
    }
}

#[test]
fn what_has_no_records_is_no_batch() {
    assert!(serde_json::from_str::<Batch>(r#"{"detail-type": "shop.sold"}"#).is_err());
    assert!(serde_json::from_str::<Batch>(r#"{"Records": [{"body": 7}]}"#).is_err());
}
