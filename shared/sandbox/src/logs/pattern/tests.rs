use super::Pattern;

fn matches(pattern: &str, message: &str) -> bool {
    Pattern::parse(pattern).unwrap().matches(message)
}

const EVENT: &str = r#"{"journal":1,"type":"platform.report","level":"ERROR","sourceIPAddress":"111.111.111.111",
    "arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,
    "cluster.name":"c","ThisFlag":true,"latency":12.5,"user":{"id":1,"email":"John.Stiles@example.com"},"matrix":[[0,1]]}"#;

#[test]
fn json_patterns_that_match() {
    for pattern in [
        r#"{ ($.journal >= 1) || ($.type = "platform.report") }"#,
        "{$.journal=1}",
        "{ $.level = ERROR }",
        r#"{ $.sourceIPAddress != 123.123.* }"#,
        r#"{ $.sourceIPAddress = "111.*.111" }"#,
        r#"{ $.arrayKey[0] = "value" }"#,
        r#"{ $.arrayKey[*] = "another value" }"#,
        "{ $.objectList[1].id = 2 }",
        "{ $.objectList[*].id > 1 }",
        "{ $.matrix[0][1] = 1 }",
        r#"{ $.['cluster.name'] = "c" }"#,
        r#"{ $["cluster.name"] = "c" }"#,
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.latency > 1.2e1 && $.latency <= 12.5 }",
        "{ $.user.email = %John[.]St.*@% }",
        r#"{ $.user.id = 2 && $.level = "x" || $.journal = 1 }"#,
        r#"{ $.level = "*" }"#,
    ] {
        assert!(matches(pattern, EVENT), "{pattern}");
    }
}

#[test]
fn json_patterns_that_do_not_match() {
    for pattern in [
        r#"{ $.level = "ERR" }"#,
        "{ $.journal > 1 }",
        r#"{ $.nothing != "x" }"#,
        "{ $.level NOT EXISTS }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.level IS NULL }",
        "{ $.objectList[1].number = 2 }",
        r#"{ $.level = "ERROR" && ($.journal = 2 || $.latency < 1) }"#,
        r#"{ $.level != %ERR% }"#,
    ] {
        assert!(!matches(pattern, EVENT), "{pattern}");
    }
    assert!(!matches("{ $.a = 1 }", "no JSON"));
    assert!(!matches("{ $.a NOT EXISTS }", "no JSON"));
}

#[test]
fn terms() {
    let message = "[ERROR 400] BAD REQUEST missing ARGUMENTS";
    for (pattern, expected) in [
        ("ERROR", true),
        ("error", false),
        ("ERROR ARGUMENTS", true),
        ("ERROR timeout", false),
        ("?timeout ?ARGUMENTS", true),
        ("?timeout ?nothing", false),
        (r#""BAD REQUEST""#, true),
        (r#""REQUEST BAD""#, false),
        ("ERROR -ARGUMENTS", false),
        (r#"ERROR -"GOOD REQUEST""#, true),
        ("%ERROR [0-9]{3}%", true),
        ("", true),
        ("  ", true),
    ] {
        assert_eq!(matches(pattern, message), expected, "{pattern}");
    }
}

#[test]
fn fields() {
    let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    for (pattern, expected) in [
        ("[ip, user, username, timestamp, request, status_code, bytes]", true),
        ("[ip, user, username, timestamp, request = *.html*, status_code = 4*, bytes > 1000]", true),
        ("[..., status_code = 404, bytes]", true),
        ("[ip, ..., bytes < 1000]", false),
        ("[ip != 127.0.0.1, ...]", false),
        ("[ip, user]", false),
        ("[ip, user, username = frank || username = joe, ...]", true),
        ("[ip = %127[.]0[.]0.*%, ...]", true),
    ] {
        assert_eq!(matches(pattern, line), expected, "{pattern}");
    }
}

#[test]
fn patterns_that_are_none() {
    for pattern in [
        "{ $.a = }",
        "{ $.a",
        "{ $.a EXISTS }",
        "{ $.a IS NOT NULL }",
        "{ a = 1 }",
        "{ $.a > x }",
        "{ ($.a = 1 }",
        "{ $.a = 1 } x",
        "{ $.a[x] = 1 }",
        "a:b",
        r#""open"#,
        "%(group)%",
        "%[%",
        "[a b]",
        "[a",
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
}
