//! The ways in which a request names a function
//! ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html) and
//! [CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html), `FunctionName`).

use serde_json::Value;

use super::errors;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

/// What a function that is there may be named by, in AWS's words.
const NAMED: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
/// What a new one may be named by.
const NEW: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";
const QUALIFIER: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
const LONGEST_QUALIFIER: usize = 128;
/// The longest text that names a new function, and the longest name of one.
const LONGEST_NEW: usize = 140;
const LONGEST_NAME: usize = 64;

/// A function's name and qualifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
}

/// A text that names a function, taken apart.
struct Named<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// A name, a full ARN or a part of one, with or without a qualifier. Everything before the name may be left out; where
    /// a text can be read in two ways, the longer prefix counts.
    fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        // Which of the four prefixes are there, most of them first.
        (0..16_u8).rev().find_map(|there| Self::with_prefixes(&parts, there))
    }

    fn with_prefixes(mut parts: &[&'a str], there: u8) -> Option<Self> {
        let [arn, region, account, function] = [8, 4, 2, 1].map(|bit| there & bit != 0);
        if arn {
            parts = match parts {
                ["arn", partition, "lambda", rest @ ..] if is_partition(partition) => rest,
                _ => return None,
            };
        }
        let mut take = |wanted: bool, good: fn(&str) -> bool| match (wanted, parts) {
            (false, _) => Some(None),
            (true, [first, rest @ ..]) if good(first) => {
                parts = rest;
                Some(Some(*first))
            }
            (true, _) => None,
        };
        let region = take(region, is_region)?;
        let account = take(account, is_account)?;
        take(function, |part| part == "function")?;
        let (name, qualifier) = match parts {
            [name] => (*name, None),
            [name, qualifier] if is_qualifier(qualifier) => (*name, Some(*qualifier)),
            _ => return None,
        };
        let letter = |c: char| is_letter(c) || c == '.';
        (!name.is_empty() && name.chars().all(letter)).then_some(Self { region, account, name, qualifier })
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_partition(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix("aws").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphabetic() || c == '-'))
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_prefix("eusc-").unwrap_or(text).split('-').collect();
    let small = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
    let special = |part: &str| {
        part == "gov" || part.strip_prefix("iso").is_some_and(|rest| rest.len() < 2 && (rest.is_empty() || small(rest)))
    };
    let (country, place, number) = match parts.as_slice() {
        [country, place, number] => (country, place, number),
        [country, middle, place, number] if special(middle) => (country, place, number),
        _ => return false,
    };
    country.len() == 2
        && small(country)
        && small(place)
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_qualifier(text: &str) -> bool {
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED") || (!text.is_empty() && text.chars().all(is_letter))
}

fn members(input: &Value) -> (&str, Option<&str>) {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    (text("FunctionName").unwrap_or_default(), text("Qualifier"))
}

impl Reference {
    /// A name, a full ARN or a partial one, with or without a qualifier.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Named::parse(text).map(Self::of)
    }

    fn of(named: Named<'_>) -> Self {
        Self { name: named.name.to_owned(), qualifier: named.qualifier.map(str::to_owned) }
    }

    /// From a request's `FunctionName` and `Qualifier`.
    pub(super) fn from_input(cloud: &Cloud, input: &Value) -> Result<Self, ServiceError> {
        let (text, qualifier) = members(input);
        let mut wrong: Vec<String> = qualifier.and_then(bad_qualifier).into_iter().collect();
        let named = Named::parse(text);
        if named.is_none() {
            wrong.push(unlike("functionName", text, NAMED));
        }
        let Some(named) = named.filter(|_| wrong.is_empty()) else { return Err(errors::violations(&wrong)) };
        reachable(cloud, &named)?;
        let mut reference = Self::of(named);
        if let Some(qualifier) = qualifier
            && reference.qualifier.get_or_insert_with(|| qualifier.to_owned()) != qualifier
        {
            return Err(errors::invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(reference)
    }

    /// The name of a function that is to be.
    pub(super) fn of_new(cloud: &Cloud, input: &Value) -> Result<Self, ServiceError> {
        let (text, _) = members(input);
        let mut wrong = Vec::new();
        if text.len() > LONGEST_NEW {
            wrong.push(too_long("functionName", text, LONGEST_NEW));
        }
        let named = Named::parse(text)
            .filter(|named| !named.name.contains('.') && named.qualifier != Some("$LATEST.PUBLISHED"));
        if named.is_none() {
            wrong.push(unlike("functionName", text, NEW));
        }
        let Some(named) = named.filter(|_| wrong.is_empty()) else { return Err(errors::violations(&wrong)) };
        if named.name.len() > LONGEST_NAME {
            let message = too_long("functionName", named.name, LONGEST_NAME);
            return Err(errors::invalid(format!("1 validation error detected: {message}")));
        }
        reachable(cloud, &named)?;
        if cloud.is_worldwide() && named.account.is_some_and(|account| account != cloud.account()) {
            return Err(ServiceError::new("AccessDeniedException", "").status(403));
        }
        Ok(Self::of(named))
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

/// The cloud of the account that a request's `FunctionName` says, where accounts are kept apart. Policies, which would have
/// to let the caller in, are not checked.
pub(super) fn owner(cloud: &Cloud, input: &Value) -> Option<Cloud> {
    let account = Named::parse(members(input).0)?.account?;
    (cloud.is_worldwide() && account != cloud.account()).then(|| cloud.elsewhere(Some(account), None))
}

/// Only functions of the region can be reached, where regions are kept apart.
fn reachable(cloud: &Cloud, named: &Named<'_>) -> Result<(), ServiceError> {
    match named.region.filter(|region| cloud.is_worldwide() && *region != cloud.region()) {
        Some(region) => Err(errors::not_found(format!(
            "Functions from '{region}' are not reachable in this region ('{}')",
            cloud.region()
        ))),
        None => Ok(()),
    }
}

fn bad_qualifier(text: &str) -> Option<String> {
    if text.len() > LONGEST_QUALIFIER {
        return Some(too_long("qualifier", text, LONGEST_QUALIFIER));
    }
    let good = is_qualifier(text) || (!text.is_empty() && text.chars().all(|c| is_letter(c) || c == '$'));
    (!good).then(|| unlike("qualifier", text, QUALIFIER))
}

fn too_long(member: &str, text: &str, longest: usize) -> String {
    format!(
        "Value '{text}' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {longest}"
    )
}

fn unlike(member: &str, text: &str, pattern: &str) -> String {
    format!(
        "Value '{text}' at '{member}' failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Clock;

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
        assert_eq!(Reference::parse("us-gov-west-1:000000000000:place-order"), reference("place-order", None));
        assert_eq!(Reference::parse("function:place-order"), reference("place-order", None));
        // The prefix may go without its end.
        assert_eq!(Reference::parse("arn:aws:lambda:us-east-1:000000000000:function"), reference("function", None));
        for text in [
            "place order",
            "",
            "*",
            "invalid:function:name",
            "function:place-order:$LATEST:extra",
            "arn:aws:lambda:us-east-1:000000000000:function:place-order:1:2",
            "arn:aws:lambda:us-east-1:000000000000:function:place-order:$LATES",
            "arn:aws:lambda::000000000000:function:place-order",
            "arn:aws:lambda:us-east-1::function:place-order",
            "arn:aws:lambda:invalid-region:000000000000:function:place-order",
            "arn:aws:ec2:us-east-1:000000000000:instance:i-0",
            "invalid-account:function:place-order",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }

    fn worldwide() -> Cloud {
        Cloud::builder(Clock::starting_at("2026-11-24T12:00:00Z".parse().unwrap())).worldwide().build()
    }

    fn refused(name: &str, qualifier: Option<&str>) -> (String, String) {
        let input = json!({ "FunctionName": name, "Qualifier": qualifier });
        let error = Reference::from_input(&worldwide(), &input).unwrap_err();
        (error.code, error.message)
    }

    #[tokio::test]
    async fn what_names_no_function_is_refused_in_aws_words() {
        let (code, message) = refused("my-function!", None);
        assert_eq!(code, "ValidationException");
        assert!(
            message.starts_with("1 validation error detected: Value 'my-function!' at 'functionName'"),
            "{message}"
        );
        let (_, message) = refused("a b", Some(&"a".repeat(129)));
        assert!(message.starts_with("2 validation errors detected: Value 'aaa"), "{message}");
        let (_, message) = refused("f", Some("invalid!"));
        assert!(message.ends_with(r"pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"), "{message}");
        let (code, message) = refused("arn:aws:lambda:eu-west-1:000000000000:function:f", None);
        assert_eq!(code, "ResourceNotFoundException");
        assert_eq!(message, "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
        let (_, message) = refused("f:$LATEST", Some("1"));
        assert_eq!(message, "The derived qualifier from the function name does not match the specified qualifier.");
        assert!(Reference::from_input(&worldwide(), &json!({ "FunctionName": "a".repeat(65) })).is_ok());
    }

    #[tokio::test]
    async fn a_new_functions_name_is_short_and_the_accounts_own() {
        let new = |name: &str| {
            Reference::of_new(&worldwide(), &json!({ "FunctionName": name })).map_err(|e| (e.code, e.message))
        };
        let (code, message) = new(&"a".repeat(65)).unwrap_err();
        assert_eq!(code, "InvalidParameterValueException");
        assert!(message.ends_with("Member must have length less than or equal to 64"), "{message}");
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:";
        let (code, message) = new(&format!("{arn}{}", "a".repeat(99))).unwrap_err();
        assert_eq!(code, "ValidationException");
        assert!(message.ends_with("Member must have length less than or equal to 140"), "{message}");
        assert!(new("a.b").unwrap_err().1.ends_with(NEW));
        assert_eq!(new("arn:aws:lambda:us-east-1:000000000002:function:f").unwrap_err().0, "AccessDeniedException");
        assert_eq!(new(&format!("{arn}f")).unwrap().name, "f");
    }

    #[tokio::test]
    async fn a_function_of_another_account_is_looked_for_there() {
        let cloud = worldwide();
        let input = json!({ "FunctionName": "000000000002:function:f" });
        assert_eq!(owner(&cloud, &input).unwrap().account(), "000000000002");
        assert!(owner(&cloud, &json!({ "FunctionName": "000000000000:function:f" })).is_none());
    }
}
