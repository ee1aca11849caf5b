//! The ways in which a request names a function.

use serde_json::Value;

use super::errors;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// A function's name and qualifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

impl Reference {
    /// A name, a full ARN or a partial one, with or without a qualifier
    /// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html), `FunctionName`).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (name, qualifier) = match parts.as_slice() {
            ["arn", _, "lambda", _, _, "function", rest @ ..] | [_, "function", rest @ ..] => match rest {
                [name] => (name, None),
                [name, qualifier] => (name, Some(qualifier)),
                _ => return None,
            },
            ["function", name] | [name] => (name, None),
            [name, qualifier] => (name, Some(qualifier)),
            _ => return None,
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let good = (1..=64).contains(&name.len()) && name.chars().all(letter);
        good.then(|| Self { name: (*name).to_owned(), qualifier: qualifier.map(|q| (*q).to_owned()) })
    }

    /// From a request's `FunctionName` and `Qualifier`.
    pub(super) fn from_input(input: &Value) -> Result<Self, ServiceError> {
        let text = input.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        let mut reference = Self::parse(text).ok_or_else(|| bad_name(text))?;
        if let Some(qualifier) = input.get("Qualifier").and_then(Value::as_str)
            && reference.qualifier.get_or_insert_with(|| qualifier.to_owned()) != qualifier
        {
            return Err(errors::invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(reference)
    }

    /// The ARN as it was asked for, with the qualifier if there was one.
    pub(super) fn arn(&self, cloud: &Cloud) -> String {
        let arn = cloud.arn("lambda", &format!("function:{}", self.name));
        match &self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }
}

fn bad_name(text: &str) -> ServiceError {
    errors::validation(format!(
        "1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}(-gov)?-[a-z]+-\\d{{1}}:)?(\\d{{12}}:)?\
         (function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(name: &str, qualifier: Option<&str>) -> Option<Reference> {
        Some(Reference { name: name.into(), qualifier: qualifier.map(str::to_owned) })
    }

    #[test]
    fn names_and_arns_are_understood() {
        let full = "arn:aws:lambda:us-east-1:000000000000:function:place-order";
        assert_eq!(Reference::parse("place-order"), reference("place-order", None));
        assert_eq!(Reference::parse("place-order:$LATEST"), reference("place-order", Some("$LATEST")));
        assert_eq!(Reference::parse(full), reference("place-order", None));
        assert_eq!(Reference::parse(&format!("{full}:live")), reference("place-order", Some("live")));
        assert_eq!(Reference::parse("000000000000:function:place-order"), reference("place-order", None));
        assert_eq!(Reference::parse("function:place-order"), reference("place-order", None));
        assert_eq!(Reference::parse("place order"), None);
        assert_eq!(Reference::parse(""), None);
    }
}
