//! Members of a function that have to look like something
//! ([CreateFunction](https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html)).

use serde_json::Value;

use crate::lambda::errors;
use crate::wire::ServiceError;

/// Refuses members that are unlike what AWS takes.
pub(super) fn check(input: &Value) -> Result<(), ServiceError> {
    let mut wrong = Vec::new();
    if let Some(role) = input.get("Role").and_then(Value::as_str).filter(|role| !crate::iam::is_role(role)) {
        wrong.push(format!(
            "Value '{role}' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: \
             arn:(aws[a-zA-Z-]*)?:iam::\\d{{12}}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"
        ));
    }
    let given = input.get("Architectures").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = given.iter().filter_map(Value::as_str).collect();
    let constraint = if names.len() > 1 {
        Some("have length less than or equal to 1")
    } else if names.iter().any(|name| !matches!(*name, "x86_64" | "arm64")) {
        Some("satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]")
    } else {
        None
    };
    if let Some(constraint) = constraint {
        let value = names.join(", ");
        wrong.push(format!(
            "Value '[{value}]' at 'architectures' failed to satisfy constraint: Member must {constraint}"
        ));
    }
    if wrong.is_empty() { Ok(()) } else { Err(errors::violations(&wrong)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(input: Value) -> String {
        check(&input).unwrap_err().message
    }

    #[test]
    fn roles_and_architectures_are_checked_in_aws_words() {
        let good = json!({ "Role": "arn:aws:iam::000000000000:role/service-role/r", "Architectures": ["arm64"] });
        assert_eq!(check(&good), Ok(()));
        assert_eq!(
            refused(json!({ "Role": "r1" })),
            "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"
        );
        let message = refused(json!({ "Architectures": ["x86_64", "arm64"] }));
        assert!(message.contains("Value '[x86_64, arm64]' at 'architectures'"), "{message}");
        let message = refused(json!({ "Role": "r1", "Architectures": ["X86_64"] }));
        assert!(message.starts_with("2 validation errors detected: "), "{message}");
    }
}
