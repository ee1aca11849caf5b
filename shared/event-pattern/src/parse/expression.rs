//! `{ "prefix": "a" }` and the other operators.

use super::Parser;
use crate::cidr::Cidr;
use crate::error::PatternError;
use crate::matchers::{AnythingBut, Matcher};
use crate::scan::Kind;
use crate::wildcard::Wildcard;

const ONE_KEY: &str = "Only one key allowed in match expression";
const IGNORE_CASE: &str = "equals-ignore-case match pattern must be a string";

impl Parser<'_> {
    /// A match expression whose brace is taken.
    pub(super) fn expression(&mut self) -> Result<Matcher, PatternError> {
        let token = self.next()?;
        let Kind::Name(name) = token.kind else {
            return Err(self.fail("Match expression name not found", token.seen));
        };
        match name.as_str() {
            "exactly" => self.one_text("exact match pattern must be a string").map(Matcher::Text),
            "prefix" => self.affix("Prefix", Matcher::Prefix, Matcher::PrefixIgnoreCase),
            "suffix" => self.affix("Suffix", Matcher::Suffix, Matcher::SuffixIgnoreCase),
            "numeric" => self.numeric().map(Matcher::Numeric),
            "anything-but" => self.anything_but().map(Matcher::AnythingBut),
            "exists" => self.exists(),
            // AWS's own words for `cidr`.
            "cidr" => {
                let text = self.text("prefix match pattern must be a string")?;
                let block = Cidr::parse(&text).map_err(PatternError::new)?;
                self.close(ONE_KEY)?;
                Ok(Matcher::Cidr(block))
            }
            "equals-ignore-case" => self.one_text(IGNORE_CASE).map(Matcher::IgnoreCase),
            "wildcard" => self.wildcard(),
            _ => Err(self.fail(format!("Unrecognized match type {name}"), token.seen)),
        }
    }

    /// A text value.
    fn text(&mut self, otherwise: &str) -> Result<String, PatternError> {
        let token = self.next()?;
        match token.kind {
            Kind::Text(text) => Ok(text),
            _ => Err(self.fail(otherwise, token.seen)),
        }
    }

    fn one_text(&mut self, otherwise: &str) -> Result<String, PatternError> {
        let text = self.text(otherwise)?;
        self.close(ONE_KEY)?;
        Ok(text)
    }

    /// The brace that ends the expression.
    pub(super) fn close(&mut self, otherwise: &str) -> Result<(), PatternError> {
        let token = self.next()?;
        if token.kind == Kind::ObjectEnd { Ok(()) } else { Err(self.fail(otherwise, token.seen)) }
    }

    fn affix(
        &mut self,
        name: &str,
        plain: fn(String) -> Matcher,
        ignoring: fn(String) -> Matcher,
    ) -> Result<Matcher, PatternError> {
        let lower = name.to_ascii_lowercase();
        let token = self.next()?;
        match token.kind {
            Kind::Text(text) => {
                self.close(ONE_KEY)?;
                return Ok(plain(text));
            }
            Kind::ObjectStart => {}
            _ => return Err(self.fail(format!("{lower} match pattern must be a string"), token.seen)),
        }
        let token = self.next()?;
        match token.kind {
            Kind::Name(inner) if inner == "equals-ignore-case" => {
                let text = self.one_text(IGNORE_CASE)?;
                self.close(ONE_KEY)?;
                Ok(ignoring(text))
            }
            Kind::Name(inner) => Err(self.fail(format!("Unsupported {lower} pattern: {inner}"), token.seen)),
            _ => Err(self.fail(format!("{name} expression name not found"), token.seen)),
        }
    }

    fn exists(&mut self) -> Result<Matcher, PatternError> {
        let token = self.next()?;
        let matcher = match token.kind {
            Kind::True => Matcher::Exists,
            Kind::False => Matcher::Absent,
            _ => return Err(self.fail("exists match pattern must be either true or false.", token.seen)),
        };
        self.close(ONE_KEY)?;
        Ok(matcher)
    }

    fn wildcard(&mut self) -> Result<Matcher, PatternError> {
        let token = self.next()?;
        let Kind::Text(text) = token.kind else {
            return Err(self.fail("wildcard match pattern must be a string", token.seen));
        };
        let wildcard = Wildcard::parse(&text).map_err(|reason| self.fail(reason, token.read))?;
        self.close(ONE_KEY)?;
        Ok(Matcher::Wildcard(wildcard))
    }
}

pub(super) fn check_complexity(matcher: &Matcher) -> Result<(), PatternError> {
    match matcher {
        Matcher::Wildcard(wildcard) => wildcard.check_complexity(),
        Matcher::AnythingBut(AnythingBut::Wildcards(wildcards)) => {
            wildcards.iter().try_for_each(Wildcard::check_complexity)
        }
        _ => Ok(()),
    }
}
