//! Updates.

use super::Path;
use super::tokens::Tokens;

#[derive(Debug, Default)]
pub(in super::super) struct Change {
    pub(in super::super) sets: Vec<(Path, Assigned)>,
    pub(in super::super) removes: Vec<Path>,
    /// Paths, and the placeholders of what is added.
    pub(in super::super) adds: Vec<(Path, String)>,
    pub(in super::super) deletes: Vec<(Path, String)>,
}

/// What an attribute is set to.
#[derive(Debug)]
pub(in super::super) enum Assigned {
    Term(Term),
    Plus(Term, Term),
    Minus(Term, Term),
}

#[derive(Debug)]
pub(in super::super) enum Term {
    Path(Path),
    /// `:value`
    Value(String),
    IfNotExists(Path, Box<Term>),
    Append(Box<Term>, Box<Term>),
    Group(Box<Assigned>),
}

pub(super) fn parse(tokens: &mut Tokens) -> Option<Change> {
    let mut change = Change::default();
    while !tokens.at_end() {
        match tokens.take_one_of(&["SET", "REMOVE", "ADD", "DELETE"])? {
            "SET" => list(tokens, &mut change.sets, |tokens| {
                let path = tokens.path()?;
                tokens.expect("=")?;
                Some((path, assigned(tokens)?))
            })?,
            "REMOVE" => list(tokens, &mut change.removes, Tokens::path)?,
            "ADD" => list(tokens, &mut change.adds, with_value)?,
            _ => list(tokens, &mut change.deletes, with_value)?,
        }
    }
    Some(change)
}

fn list<T>(tokens: &mut Tokens, found: &mut Vec<T>, read: impl Fn(&mut Tokens) -> Option<T>) -> Option<()> {
    found.push(read(tokens)?);
    while tokens.take(",") {
        found.push(read(tokens)?);
    }
    Some(())
}

fn with_value(tokens: &mut Tokens) -> Option<(Path, String)> {
    let path = tokens.path()?;
    Some((path, tokens.value()?))
}

fn assigned(tokens: &mut Tokens) -> Option<Assigned> {
    let left = term(tokens)?;
    if tokens.take("+") {
        return Some(Assigned::Plus(left, term(tokens)?));
    }
    if tokens.take("-") {
        return Some(Assigned::Minus(left, term(tokens)?));
    }
    Some(Assigned::Term(left))
}

fn term(tokens: &mut Tokens) -> Option<Term> {
    if tokens.take("(") {
        let inner = tokens.deeper(assigned)?;
        tokens.expect(")")?;
        return Some(Term::Group(Box::new(inner)));
    }
    if tokens.sees_value() {
        return tokens.value().map(Term::Value);
    }
    let found = match tokens.function().as_deref() {
        None => return tokens.path().map(Term::Path),
        Some("if_not_exists") => {
            let path = tokens.path()?;
            tokens.expect(",")?;
            Term::IfNotExists(path, Box::new(tokens.deeper(term)?))
        }
        Some("list_append") => {
            let first = tokens.deeper(term)?;
            tokens.expect(",")?;
            Term::Append(Box::new(first), Box::new(tokens.deeper(term)?))
        }
        Some(_) => return None,
    };
    tokens.expect(")")?;
    Some(found)
}
