//! XML as AWS's older protocols read and write it.

use serde_json::Value;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// An element that was read: its name without a prefix, its text, its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads a document. `None` when it is not XML.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        for token in Tokenizer::from(text) {
            match token.ok()? {
                Token::ElementStart { local, .. } => {
                    open.push(Self { name: local.as_str().to_owned(), ..Self::default() });
                }
                Token::ElementEnd { end: ElementEnd::Close(..) | ElementEnd::Empty, .. } => {
                    let done = open.pop()?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Some(done),
                    }
                }
                Token::Text { text } => open.last_mut()?.text.push_str(&unescape(text.as_str())),
                Token::Cdata { text, .. } => open.last_mut()?.text.push_str(text.as_str()),
                _ => {}
            }
        }
        None
    }

    /// The first child called `name`.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children called `name`.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of the first child called `name`.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }
}

/// Text of an element, with the characters that mean something in XML written out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after.split_once(';').and_then(|(name, rest)| Some((entity(name)?, rest)));
        rest = match known {
            Some((character, rest)) => {
                out.push(character);
                rest
            }
            None => {
                out.push('&');
                after
            }
        };
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// How the members of a list are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// `<Tags><member>…</member></Tags>`, as the query protocol has them.
    Members,
    /// `<Contents>…</Contents><Contents>…</Contents>`, as S3 has them.
    Flat,
}

/// Writes the members of an object as elements. Members without a value are left out.
pub(crate) fn write(out: &mut String, value: &Value, lists: Lists) {
    for (name, member) in value.as_object().into_iter().flatten() {
        match member {
            Value::Null => {}
            Value::Array(items) if lists == Lists::Flat => {
                items.iter().for_each(|item| element(out, name, item, lists));
            }
            Value::Array(items) => {
                out.push_str(&format!("<{name}>"));
                items.iter().for_each(|item| element(out, "member", item, lists));
                out.push_str(&format!("</{name}>"));
            }
            other => element(out, name, other, lists),
        }
    }
}

fn element(out: &mut String, name: &str, value: &Value, lists: Lists) {
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Object(_) => write(out, value, lists),
        Value::String(text) => out.push_str(&escape(text)),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut out = String::new();
        let value = json!({ "A": { "Text": "a < b & \"c\"", "None": null, "Tags": [{ "Key": "k" }, { "Key": "l" }] } });
        write(&mut out, &value, Lists::Members);
        let read = Element::parse(&format!("<?xml version=\"1.0\"?>\n<!-- x -->{out}")).unwrap();
        assert_eq!((read.name.as_str(), read.child_text("Text")), ("A", Some("a < b & \"c\"")));
        let keys: Vec<_> = read.child("Tags").unwrap().all("member").map(|tag| tag.child_text("Key")).collect();
        assert_eq!(keys, [Some("k"), Some("l")]);
        assert!(read.child("None").is_none());
    }

    #[test]
    fn flat_lists_repeat_their_element_and_entities_are_characters() {
        let mut out = String::new();
        write(&mut out, &json!({ "Key": ["a", "b"], "N": 1 }), Lists::Flat);
        assert_eq!(out, "<Key>a</Key><Key>b</Key><N>1</N>");
        let read = Element::parse("<a x='1'>&#65;&#x42;&apos;&unknown;<![CDATA[<&]]><b/></a>").unwrap();
        assert_eq!((read.text.as_str(), read.children.len()), ("AB'&unknown;<&", 1));
        assert_eq!(Element::parse("<a><b></a"), None);
    }
}
