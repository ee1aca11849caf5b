//! Reading attributes of a JSON object, with errors that name them.

use std::borrow::Cow;

use serde_json::Value;

use super::member::Member;
use crate::EnvelopeError;

/// An object whose members are taken out one by one. Texts are borrowed from what they were read from, where that is possible: most
/// attributes are only looked at.
pub(crate) struct Attributes<'a>(pub(super) Vec<(Cow<'a, str>, Member<'a>)>);

impl<'a> Attributes<'a> {
    /// From the text of a JSON object. Of its members, `detail` may be an object of attributes itself.
    ///
    /// # Errors
    /// When the text is no JSON, or the value no object; `name` says which value it was.
    pub(crate) fn parse(text: &'a str, name: &'static str) -> Result<Self, EnvelopeError> {
        match serde_json::from_str::<Member<'a>>(text) {
            Ok(Member::Object(attributes)) => Ok(attributes),
            Ok(_) => Err(EnvelopeError::NotAnObject { name }),
            Err(error) => Err(EnvelopeError::NotJson { reason: error.to_string() }),
        }
    }

    /// # Errors
    /// When the value is no object; `name` says which value it was.
    pub(crate) fn of(value: Value, name: &'static str) -> Result<Self, EnvelopeError> {
        match value {
            Value::Object(members) => {
                Ok(Self(members.into_iter().map(|(name, value)| (Cow::Owned(name), Member::from(value))).collect()))
            }
            _ => Err(EnvelopeError::NotAnObject { name }),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(member, _)| member == name)
    }

    /// The last member of the name, whatever it is. `null` stays in its place: no name is asked for twice.
    fn remove(&mut self, name: &str) -> Option<Member<'a>> {
        let (_, member) = self.0.iter_mut().rfind(|(member, _)| member == name)?;
        Some(std::mem::replace(member, Member::Other(Value::Null)))
    }

    /// The member, whatever it is.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.remove(name).map(Value::from)
    }

    /// A text that must be there. `null` is not there.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Cow<'a, str>, EnvelopeError> {
        self.optional_text(name)?.ok_or(EnvelopeError::MissingAttribute { name })
    }

    /// A text that may be there; where it is, it is not empty.
    pub(crate) fn optional_text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, EnvelopeError> {
        match self.remove(name) {
            None | Some(Member::Other(Value::Null)) => Ok(None),
            Some(Member::Text(text)) if text.is_empty() => Err(EnvelopeError::EmptyAttribute { name }),
            Some(Member::Text(text)) => Ok(Some(text)),
            Some(_) => Err(EnvelopeError::WrongType { name, expected: "a text" }),
        }
    }

    /// An object that must be there.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Self, EnvelopeError> {
        match self.remove(name) {
            None | Some(Member::Other(Value::Null)) => Err(EnvelopeError::MissingAttribute { name }),
            Some(Member::Object(attributes)) => Ok(attributes),
            Some(member) => Self::of(member.into(), name),
        }
    }
}
