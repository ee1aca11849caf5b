//! `{ "anything-but": … }` in all its forms.

use super::Parser;
use super::numeric::TOO_MANY;
use crate::error::PatternError;
use crate::matchers::AnythingBut;
use crate::numeric::Number;
use crate::scan::{Kind, Token};
use crate::wildcard::Wildcard;

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Prefix,
    Suffix,
    IgnoreCase,
    Wildcard,
}

impl Parser<'_> {
    pub(super) fn anything_but(&mut self) -> Result<AnythingBut, PatternError> {
        let mut token = self.next()?;
        let mut form = None;
        if token.kind == Kind::ObjectStart {
            form = Some(self.form()?);
            token = self.next()?;
        }
        if !matches!(token.kind, Kind::ArrayStart | Kind::Text(_) | Kind::Number(_)) {
            let reason = "Value of anything-but must be an array or single string/number value.";
            return Err(self.fail(reason, token.seen));
        }
        let excluded = match (form, token.kind == Kind::ArrayStart) {
            (None, true) => self.value_list()?,
            (None, false) => Self::value(token)?,
            (Some(form), true) => self.form_list(form)?,
            (Some(form), false) => {
                let text = self.form_text(form, &token)?;
                self.formed(form, vec![text], &token)?
            }
        };
        self.close(TOO_MANY)?;
        if form.is_some() {
            self.close(TOO_MANY)?;
        }
        Ok(excluded)
    }

    fn form(&mut self) -> Result<Form, PatternError> {
        let token = self.next()?;
        let Kind::Name(name) = &token.kind else {
            return Err(self.fail("Anything-But expression name not found", token.seen));
        };
        match name.as_str() {
            "prefix" => Ok(Form::Prefix),
            "suffix" => Ok(Form::Suffix),
            "equals-ignore-case" => Ok(Form::IgnoreCase),
            "wildcard" => Ok(Form::Wildcard),
            _ => Err(self.fail(format!("Unsupported anything-but pattern: {name}"), token.seen)),
        }
    }

    fn value(token: Token) -> Result<AnythingBut, PatternError> {
        match token.kind {
            Kind::Number(text) => Ok(AnythingBut::Numbers(vec![Number::parse(&text).map_err(PatternError::new)?])),
            Kind::Text(text) => Ok(AnythingBut::Texts(vec![text])),
            _ => Ok(AnythingBut::Texts(Vec::new())),
        }
    }

    fn value_list(&mut self) -> Result<AnythingBut, PatternError> {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        loop {
            let token = self.next().map_err(PatternError::inside_list)?;
            match token.kind {
                Kind::Text(text) => texts.push(text),
                Kind::Number(text) => {
                    numbers.push(Number::parse(&text).map_err(|reason| self.fail(reason, token.read))?)
                }
                Kind::ArrayEnd if texts.is_empty() != numbers.is_empty() => break,
                Kind::ArrayEnd => {
                    let reason =
                        "Inside anything but list, either all values are number or string, mixed type is not supported";
                    return Err(self.fail(reason, token.seen));
                }
                _ => {
                    let reason = "Inside anything but list, start|null|boolean is not supported.";
                    return Err(self.fail(reason, token.seen).inside_list());
                }
            }
        }
        Ok(if numbers.is_empty() { AnythingBut::Texts(texts) } else { AnythingBut::Numbers(numbers) })
    }

    fn form_list(&mut self, form: Form) -> Result<AnythingBut, PatternError> {
        let mut texts = Vec::new();
        loop {
            let token = self.next().map_err(PatternError::inside_list)?;
            if token.kind == Kind::ArrayEnd {
                return self.formed(form, texts, &token);
            }
            texts.push(self.form_text(form, &token).map_err(PatternError::inside_list)?);
        }
    }

    fn form_text(&self, form: Form, token: &Token) -> Result<String, PatternError> {
        let affix = matches!(form, Form::Prefix | Form::Suffix);
        match (&token.kind, form) {
            (Kind::Text(text), _) if affix && text.is_empty() => {
                Err(self.fail("Null prefix/suffix not allowed", token.read))
            }
            (Kind::Text(text), _) => Ok(text.clone()),
            (_, Form::IgnoreCase) => {
                let reason = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
                Err(self.fail(reason, token.seen))
            }
            (_, Form::Wildcard) => Err(self.fail("wildcard match pattern must be a string", token.seen)),
            _ => Err(self.fail("prefix/suffix match pattern must be a string", token.seen)),
        }
    }

    fn formed(&self, form: Form, texts: Vec<String>, last: &Token) -> Result<AnythingBut, PatternError> {
        Ok(match form {
            Form::Prefix => AnythingBut::Prefixes(texts),
            Form::Suffix => AnythingBut::Suffixes(texts),
            Form::IgnoreCase => AnythingBut::IgnoreCase(texts),
            Form::Wildcard => {
                let wildcards: Result<_, _> = texts.iter().map(|text| Wildcard::parse(text)).collect();
                AnythingBut::Wildcards(wildcards.map_err(|reason| self.fail(reason, last.read))?)
            }
        })
    }
}
