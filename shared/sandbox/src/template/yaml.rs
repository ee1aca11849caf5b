//! From YAML, with CloudFormation's short tags, or JSON (which is YAML) to [`Node`]s.

use std::path::Path;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::error::{ErrorKind, TemplateError};
use super::node::{Entries, Entry, Kind, Node, Place};

/// Parses a document.
///
/// # Errors
/// Where it is not YAML, has a key twice, or uses what CloudFormation does not take (aliases, unknown tags).
pub(super) fn parse(path: &Arc<Path>, text: &str) -> Result<Node, TemplateError> {
    let mut reader = Reader { path, events: Parser::new_from_str(text) };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Err(reader.syntax(span.start, "the file is empty")),
            event => return reader.node(event, span),
        }
    }
}

struct Reader<'a> {
    path: &'a Arc<Path>,
    events: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), TemplateError> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.scan_error(&error)),
            None => Err(self.syntax(Marker::new(0, 1, 0), "the file ends too early")),
        }
    }

    fn scan_error(&self, error: &ScanError) -> TemplateError {
        self.syntax(*error.marker(), error.info())
    }

    fn syntax(&self, at: Marker, message: &str) -> TemplateError {
        TemplateError::new(ErrorKind::Syntax, self.path, place(at), message)
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, TemplateError> {
        let at = place(span.start);
        match event {
            Event::Scalar(text, style, _, tag) => self.tagged(tag.as_deref(), at, Node::new(at, scalar(&text, style))),
            Event::SequenceStart(_, tag) => {
                let items = self.items()?;
                self.tagged(tag.as_deref(), at, Node::new(at, Kind::List(items)))
            }
            Event::MappingStart(_, tag) => {
                let entries = self.entries()?;
                self.tagged(tag.as_deref(), at, Node::new(at, Kind::Map(entries)))
            }
            // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
            Event::Alias(_) => Err(self.syntax(span.start, "CloudFormation does not take YAML aliases")),
            _ => Err(self.syntax(span.start, "a value is missing here")),
        }
    }

    fn items(&mut self) -> Result<Vec<Node>, TemplateError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn entries(&mut self) -> Result<Entries, TemplateError> {
        let mut entries = Entries::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(self.syntax(span.start, "a key must be text")),
            };
            let (event, value) = self.next()?;
            let entry = Entry { key: place(span.start), node: self.node(event, value)? };
            if entries.insert(key.clone(), entry).is_some() {
                return Err(self.syntax(span.start, &format!("the key {key} is here twice")));
            }
        }
    }

    /// `!Ref x` is short for `Ref: x`, `!Sub x` for `Fn::Sub: x`.
    fn tagged(&self, tag: Option<&Tag>, at: Place, node: Node) -> Result<Node, TemplateError> {
        let Some(tag) = tag else { return Ok(node) };
        if tag.is_yaml_core_schema() {
            return Ok(match (tag.suffix.as_str(), node.as_text()) {
                ("str", Some(text)) => Node::text(at, text),
                _ => node,
            });
        }
        let name = match tag.suffix.as_str() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name if SHORT.contains(&name) => format!("Fn::{name}"),
            _ => {
                let message = format!("{tag} is not an intrinsic function of CloudFormation");
                return Err(TemplateError::new(ErrorKind::UnsupportedIntrinsic, self.path, at, message));
            }
        };
        let node = if name == "Fn::GetAtt" { attribute(node) } else { node };
        Ok(Node::new(at, Kind::Map(Entries::from([(name, Entry { key: at, node })]))))
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
const SHORT: [&str; 17] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
];

/// `!GetAtt Queue.Arn` is `Fn::GetAtt: [Queue, Arn]`.
fn attribute(node: Node) -> Node {
    let parts = node.as_text().and_then(|text| {
        let (resource, attribute) = text.split_once('.')?;
        Some(vec![Node::text(node.place, resource), Node::text(node.place, attribute)])
    });
    match parts {
        Some(parts) => Node::new(node.place, Kind::List(parts)),
        None => node,
    }
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

/// A plain scalar's type as YAML 1.1 has it, which is what CloudFormation reads, except that dates stay text.
fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Kind::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ => serde_json::from_str(text).map_or_else(|_| Kind::Text(text.to_owned()), Kind::Number),
    }
}
