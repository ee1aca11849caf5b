//! What AWS says about patterns that are not valid: the reason, and the place as its parser counts it.

use throughline_event_pattern::{Pattern, Position};

#[expect(clippy::panic, reason = "a test that names the pattern it fails on")]
fn reason(source: &str) -> (String, Option<u32>) {
    let error = Pattern::parse(source).err().unwrap_or_else(|| panic!("{source} is valid"));
    (error.reason().to_owned(), error.position().map(|position| position.column))
}

#[test]
fn the_reason_and_the_place_are_aws_s() {
    let table = [
        (r#"["a"]"#, "Filter is not an object", 2),
        (r#"{}"#, "Empty objects are not allowed", 3),
        (r#"{"a": []}"#, "Empty arrays are not allowed", 9),
        (r#"{"a": 1}"#, "\"a\" must be an object or an array", 8),
        (r#"{"a": "bcd"}"#, "\"a\" must be an object or an array", 8),
        (r#"{"a": [[1]]}"#, "Match value must be String, number, true, false, or null", 9),
        (r#"{"a": [{}]}"#, "Match expression name not found", 10),
        (r#"{"a": [{"PREFIX": "b"}]}"#, "Unrecognized match type PREFIX", 20),
        (r#"{"a": [{"prefix": 1}]}"#, "prefix match pattern must be a string", 20),
        (r#"{"a": [{"prefix": {"suffix": "b"}}]}"#, "Unsupported prefix pattern: suffix", 31),
        (r#"{"a": [{"suffix": {}}]}"#, "Suffix expression name not found", 21),
        (r#"{"a": [{"prefix": "b", "suffix": "c"}]}"#, "Only one key allowed in match expression", 35),
        (r#"{"a": [{"exists": "x"}]}"#, "exists match pattern must be either true or false.", 20),
        (r#"{"a": [{"numeric": 5}]}"#, "Value of numeric must be an array.", 21),
        (r#"{"a": [{"numeric": [5]}]}"#, "Invalid member in numeric match: 5", 22),
        (r#"{"a": [{"numeric": ["!", 5]}]}"#, "Unrecognized numeric range operator: !", 27),
        (r#"{"a": [{"numeric": ["=", "5"]}]}"#, "Value of equals must be numeric", 27),
        (r#"{"a": [{"numeric": ["<", 5, ">", 1]}]}"#, "Too many elements in numeric expression", 30),
        (r#"{"a": [{"numeric": [">", 5, ">", 1]}]}"#, "Bad numeric range operator: >", 32),
        (r#"{"a": [{"numeric": [">", 5, "<"]}]}"#, "Value of < must be numeric", 33),
        (r#"{"a": [{"numeric": [">", 5, "<", 5]}]}"#, "Bottom must be less than top", 36),
        (r#"{"a": [{"wildcard": "b**"}]}"#, "Consecutive wildcard characters at pos 2", 26),
        (
            r#"{"a": [{"anything-but": null}]}"#,
            "Value of anything-but must be an array or single string/number value.",
            29,
        ),
        (r#"{"a": [{"anything-but": {"cidr": "b"}}]}"#, "Unsupported anything-but pattern: cidr", 35),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix/suffix not allowed", 38),
        (r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship.", 21),
        (r#"{"$or": [1, 2]}"#, "Only JSON object is allowed in array of $or relationship.", 11),
        (r#"{"$or": {"a": [1]}}"#, "It must be an Array followed with $or.", 10),
        (
            r#"{"$or": [{"a": [1]}, {"prefix": [1]}]}"#,
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
            34,
        ),
    ];
    for (source, expected, column) in table {
        assert_eq!(reason(source), (expected.to_owned(), Some(column)), "{source}");
    }
}

#[test]
fn some_reasons_have_no_place() {
    assert_eq!(reason(r#"{"a": [{"cidr": "10.0.0.0"}]}"#), ("Malformed CIDR, one '/' required".into(), None));
    let (reason, place) = reason(r#"{"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}"#);
    assert!(reason.starts_with("Rule is too complex"), "{reason}");
    assert_eq!(place, None);
}

#[test]
fn the_message_quotes_the_pattern() {
    let error = Pattern::parse("{\n  \"a\": 1}").unwrap_err();
    assert_eq!(error.position(), Some(Position { line: 2, column: 9 }));
    assert_eq!(
        error.to_string(),
        "Event pattern is not valid. Reason: \"a\" must be an object or an array\n at [Source: (String)\"{\n  \"a\": 1}\"; line: 2, column: 9]"
    );
    let long = format!(r#"{{"{}": 1}}"#, "a".repeat(600));
    assert!(Pattern::parse(&long).unwrap_err().to_string().contains("\"[truncated 107 chars]; line: 1"));
}

#[test]
fn an_error_inside_a_list_of_exclusions_shows_its_place_twice() {
    let text = Pattern::parse(r#"{"a": [{"anything-but": [1, null]}]}"#).unwrap_err().to_string();
    assert_eq!(text.matches("column: 33").count(), 2, "{text}");
}

#[test]
fn json_errors_say_what_was_expected() {
    let value = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let table = [
        ("nope", format!("Unrecognized token 'nope': was expecting {value}"), 5),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name".into(), 2),
        (
            r#"{"a" 1}"#,
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value".into(),
            6,
        ),
        (
            r#"{"a": [1 2]}"#,
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries".into(),
            10,
        ),
        (r#"{"a": $b}"#, format!("Unrecognized token '$b': was expecting {value}"), 9),
        (r#"{"a": }"#, "Unexpected character ('}' (code 125)): expected a value".into(), 7),
        (r#"{"a":"#, "Unexpected end-of-input within/between Object entries".into(), 6),
        (
            r#"{"a": [-x]}"#,
            "Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for valid \
             numeric value"
                .into(),
            9,
        ),
        (
            r#"{"a": [1.]}"#,
            "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit".into(),
            9,
        ),
        (r#"{"a": ["b"#, "Unexpected end-of-input: was expecting closing quote for a string value".into(), 10),
    ];
    for (source, expected, column) in table {
        assert_eq!(reason(source), (expected, Some(column)), "{source}");
    }
    // A text that is broken inside is no trouble where any text would be wrong.
    assert_eq!(reason(r#"{"a": "\q"}"#).0, r#""a" must be an object or an array"#);
    assert_eq!(
        reason("{\"a\": [\"\t\"]}").0,
        "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value"
    );
    assert!(reason(r#"{"a": [1]"#).0.starts_with("Unexpected end-of-input: expected close marker for Object"));
    assert!(reason(r#"{"a": [1}"#).0.starts_with("Unexpected close marker '}': expected ']'"));
}

#[test]
fn depth_and_alternatives_are_limited() {
    let deep = format!("{}[1]{}", r#"{"a":"#.repeat(2_000), "}".repeat(2_000));
    assert!(reason(&deep).0.starts_with("Document nesting depth"));
    let wide = |ors: usize| {
        let or = r#""$or":[{"a":[1]},{"b":[1]},{"c":[1]},{"d":[1]}]"#;
        format!("{{{}}}", vec![or; ors].join(","))
    };
    assert!(Pattern::parse(&wide(4)).is_ok());
    assert!(reason(&wide(9)).0.starts_with("Rule is too complex"));
}
