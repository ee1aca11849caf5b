//! What a function says about the records of its batch
//! ([partial batch responses](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting)).

use serde_json::Value;

/// The verdict on a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is done.
    Success,
    /// These records failed.
    Failed(Vec<String>),
    /// The answer makes no sense, so all failed.
    Nonsense,
}

/// Reads a function's answer. Success: an empty or null answer, an empty or null `batchItemFailures`. Nonsense: not JSON,
/// an `itemIdentifier` that is missing, null, empty, or not of this batch.
pub(super) fn read(payload: &str, ids: &[&str]) -> Verdict {
    if payload.trim().is_empty() {
        return Verdict::Success;
    }
    let Ok(answer) = serde_json::from_str::<Value>(payload) else { return Verdict::Nonsense };
    let failures = match answer.get("batchItemFailures") {
        None | Some(Value::Null) => return Verdict::Success,
        Some(Value::Array(failures)) if failures.is_empty() => return Verdict::Success,
        Some(Value::Array(failures)) => failures,
        Some(_) => return Verdict::Nonsense,
    };
    let known = |failure: &Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        ids.contains(&id).then(|| id.to_owned())
    };
    failures.iter().map(known).collect::<Option<_>>().map_or(Verdict::Nonsense, Verdict::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_aws_documents() {
        let ids = ["a", "b"];
        for success in ["", "null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#] {
            assert_eq!(read(success, &ids), Verdict::Success, "{success}");
        }
        for nonsense in [
            "not json",
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemId":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}"#,
            r#"{"batchItemFailures":"a"}"#,
        ] {
            assert_eq!(read(nonsense, &ids), Verdict::Nonsense, "{nonsense}");
        }
        let failed = r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#;
        assert_eq!(read(failed, &ids), Verdict::Failed(vec!["b".into()]));
    }
}
