//! Attributes of what almost every event is, by a quick reader.

use super::Attributes;
use super::member::{DETAIL, Member};
use crate::JsonReader;

/// Members that an object of attributes may have before it takes more memory.
const ATTRIBUTES: usize = 16;

/// Reads an object of attributes, of which `detail` may be another. What is left to `serde_json` is `None`.
pub(crate) fn parse(text: &str) -> Option<Attributes<'_>> {
    let mut reader = JsonReader::new(text);
    let attributes = attributes(&mut reader, true)?;
    reader.is_at_end().then_some(attributes)
}

fn attributes<'a>(reader: &mut JsonReader<'a>, outermost: bool) -> Option<Attributes<'a>> {
    let mut members = Vec::with_capacity(ATTRIBUTES);
    reader.members(|reader, name| {
        let member = match reader.peek()? {
            b'"' => Member::Text(reader.string()?),
            b'{' if outermost && name == DETAIL => Member::Object(attributes(reader, false)?),
            _ => Member::Other(reader.value()?),
        };
        members.push((name, member));
        Some(())
    })?;
    Some(Attributes(members))
}
