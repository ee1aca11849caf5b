//! Lists in pages, rolled up at a delimiter.

use super::{ask, bucket};
use crate::testing::cloud;
use crate::xml::Element;

fn names(body: &str, list: &str, name: &str) -> Vec<String> {
    let root = Element::parse(body).unwrap();
    root.all(list).map(|item| item.child_text(name).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn keys_by_prefix_and_delimiter_and_in_pages() {
    let cloud = cloud();
    bucket(&cloud).await;
    for key in ["/code/a", "/code/d/1", "/code/d/2", "/code/e/1", "/code/z"] {
        ask(&cloud, "PUT", key, "x").await;
    }
    let (_, body) = ask(&cloud, "GET", "/code?list-type=2&delimiter=%2F", "").await;
    assert_eq!(names(&body, "Contents", "Key"), ["a", "z"]);
    assert_eq!(names(&body, "CommonPrefixes", "Prefix"), ["d/", "e/"]);
    assert!(body.contains("<KeyCount>4</KeyCount>"), "{body}");
    let (_, body) = ask(&cloud, "GET", "/code?list-type=2&prefix=d/", "").await;
    assert_eq!(names(&body, "Contents", "Key"), ["d/1", "d/2"]);

    let mut found = Vec::new();
    let mut path = "/code?list-type=2&max-keys=2".to_owned();
    loop {
        let (_, body) = ask(&cloud, "GET", Box::leak(path.into_boxed_str()), "").await;
        found.extend(names(&body, "Contents", "Key"));
        let root = Element::parse(&body).unwrap();
        assert_eq!(root.child_text("IsTruncated"), Some(if found.len() == 5 { "false" } else { "true" }));
        let Some(token) = root.child_text("NextContinuationToken") else { break };
        path = format!("/code?list-type=2&max-keys=2&continuation-token={}", token.replace('=', "%3D"));
    }
    assert_eq!(found, ["a", "d/1", "d/2", "e/1", "z"]);
    let (_, body) = ask(&cloud, "GET", "/code?marker=d/2", "").await;
    assert_eq!(names(&body, "Contents", "Key"), ["e/1", "z"]);
}
