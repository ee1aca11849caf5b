//! What is wrong with a text that is not JSON, in the words of AWS where they are known.

/// A value as compact JSON: what `to_string` gives too, which writes each bracket through a formatter and takes three times as long.
pub(crate) fn json_text(value: &serde_json::Value) -> String {
    // Writing to memory does not fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// The mistake in `text`, which `error` was made from: AWS's parser says it differently. Known are an unknown token and a
/// name without quotes at the start of the text; anything else is said in the words of `error`.
pub fn json_mistake(text: &str, error: &serde_json::Error) -> String {
    match start(text) {
        Start::Nothing => "Invalid execution input.".to_owned(),
        Start::Token(token) => format!(
            "Unrecognized token '{token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        ),
        Start::Name(c) => format!(
            "Unexpected character ('{c}' (code {})): was expecting double-quote to start field name",
            u32::from(c)
        ),
        Start::Other => error.to_string(),
    }
}

/// Where AWS says that the mistake is: `[Source: (String)"not a definition"; line: 1, column: 4]`.
pub(crate) fn json_place(text: &str, error: &serde_json::Error) -> String {
    let (line, column) = match start(text) {
        Start::Token(token) => (1, text.find(token).unwrap_or(0) + token.len() + 1),
        _ => (error.line(), error.column()),
    };
    let shown: String = text.chars().take(SHOWN).collect();
    format!("[Source: (String)\"{shown}\"; line: {line}, column: {column}]")
}

/// How many characters of the text a place shows.
const SHOWN: usize = 500;

enum Start<'a> {
    Nothing,
    Token(&'a str),
    Name(char),
    Other,
}

fn start(text: &str) -> Start<'_> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let token = text.get(..end).unwrap_or_default();
    if text.is_empty() {
        return Start::Nothing;
    }
    if !token.is_empty() && !matches!(token, "true" | "false" | "null") && !token.starts_with(|c: char| c.is_numeric())
    {
        return Start::Token(token);
    }
    let name = text.strip_prefix('{').and_then(|rest| rest.trim_start().chars().next());
    match name.filter(|c| !matches!(c, '"' | '}')) {
        Some(c) => Start::Name(c),
        None => Start::Other,
    }
}
