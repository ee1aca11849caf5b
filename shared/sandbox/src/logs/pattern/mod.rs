//! Filter patterns
//! ([Filter pattern syntax](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)).

mod compare;
mod cursor;
mod fields;
mod json;
mod terms;
#[cfg(test)]
mod tests;

/// A filter pattern, parsed.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// No pattern: every event.
    Everything,
    /// `{ $.level = "ERROR" }`
    Json(json::Expression),
    /// `[ip, user, status = 4*]`
    Fields(fields::Fields),
    /// `ERROR -timeout`
    Terms(terms::Terms),
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // No term and no field ask for nothing.
        if text.is_empty() || text == "[]" {
            return Ok(Self(Kind::Everything));
        }
        let kind = match text.as_bytes().first() {
            Some(b'{') => json::parse(text).map(Kind::Json),
            Some(b'[') => fields::parse(text).map(Kind::Fields),
            _ => terms::parse(text).map(Kind::Terms),
        };
        kind.map(Self)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Everything => true,
            Kind::Json(expression) => serde_json::from_str(message).is_ok_and(|value| expression.matches(&value)),
            Kind::Fields(fields) => fields.match_message(message),
            Kind::Terms(terms) => terms.matches(message),
        }
    }
}
