//! The words of an expression.

use super::{Path, Step};

/// How deep parentheses and functions are followed.
const DEEPEST: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    /// `#name`
    Placeholder(String),
    /// `:value`
    Value(String),
    Number(usize),
    /// An operator, a bracket or a keyword, in capitals.
    Mark(&'static str),
}

const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// Longer marks first.
const MARKS: [&str; 14] = ["<>", "<=", ">=", "<", ">", "=", "+", "-", "(", ")", "[", "]", ".", ","];

/// The words from where reading is.
pub(in super::super) struct Tokens {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Tokens {
    /// None when there is something that is no word of an expression.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start_matches(is_space);
        while !rest.is_empty() {
            let (token, after) = token(rest, tokens.last())?;
            tokens.push(token);
            rest = after.trim_start_matches(is_space);
        }
        Some(Self { tokens, at: 0, depth: 0 })
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The placeholders of names, and those of values, each as often as it is there.
    pub(super) fn placeholders(&self) -> (Vec<String>, Vec<String>) {
        let of = |pick: fn(&Token) -> Option<&String>| self.tokens.iter().filter_map(pick).cloned().collect();
        let names = of(|token| if let Token::Placeholder(name) = token { Some(name) } else { None });
        let values = of(|token| if let Token::Value(name) = token { Some(name) } else { None });
        (names, values)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn sees(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(found)) if *found == mark)
    }

    /// Goes past a mark, if it is next.
    pub(super) fn take(&mut self, mark: &str) -> bool {
        let found = self.sees(mark);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, mark: &str) -> Option<()> {
        self.take(mark).then_some(())
    }

    /// Goes past one of the marks, if one of them is next.
    pub(super) fn take_one_of(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        let found = marks.iter().find(|mark| self.sees(mark)).copied()?;
        self.at += 1;
        Some(found)
    }

    pub(super) fn value(&mut self) -> Option<String> {
        let Some(Token::Value(name)) = self.peek() else { return None };
        let name = name.clone();
        self.at += 1;
        Some(name)
    }

    pub(super) fn sees_value(&self) -> bool {
        matches!(self.peek(), Some(Token::Value(_)))
    }

    /// The name of the function that is called next, in small letters.
    pub(super) fn function(&mut self) -> Option<String> {
        let Some(Token::Name(name)) = self.peek() else { return None };
        if self.tokens.get(self.at + 1) != Some(&Token::Mark("(")) {
            return None;
        }
        let name = name.to_lowercase();
        self.at += 2;
        Some(name)
    }

    pub(super) fn path(&mut self) -> Option<Path> {
        let mut path = vec![self.name()?];
        loop {
            if self.take(".") {
                path.push(self.name()?);
            } else if self.take("[") {
                let Some(Token::Number(index)) = self.peek() else { return None };
                path.push(Step::Index(*index));
                self.at += 1;
                self.expect("]")?;
            } else {
                return Some(path);
            }
        }
    }

    fn name(&mut self) -> Option<Step> {
        let step = match self.peek()? {
            Token::Name(name) => Step::Name(name.clone()),
            Token::Placeholder(name) => Step::Placeholder(name.clone()),
            _ => return None,
        };
        self.at += 1;
        Some(step)
    }

    /// Reads what is one deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let found = (self.depth <= DEEPEST).then(|| read(self)).flatten();
        self.depth -= 1;
        found
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii() && c.is_whitespace()
}

fn token<'a>(text: &'a str, before: Option<&Token>) -> Option<(Token, &'a str)> {
    let first = text.chars().next()?;
    if matches!(first, '#' | ':') {
        let (name, _) = word(text.get(1..)?)?;
        let (whole, rest) = text.split_at_checked(name.len() + 1)?;
        let whole = whole.to_owned();
        return Some((if first == '#' { Token::Placeholder(whole) } else { Token::Value(whole) }, rest));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let (name, rest) = word(text)?;
        let keyword = KEYWORDS.iter().find(|keyword| keyword.eq_ignore_ascii_case(name));
        return Some((keyword.map_or_else(|| Token::Name(name.to_owned()), |keyword| Token::Mark(keyword)), rest));
    }
    if first.is_ascii_digit() && before == Some(&Token::Mark("[")) {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at_checked(end)?;
        return Some((Token::Number(digits.parse().ok()?), rest));
    }
    let mark = MARKS.iter().find(|mark| text.starts_with(**mark))?;
    Some((Token::Mark(mark), text.get(mark.len()..)?))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}
