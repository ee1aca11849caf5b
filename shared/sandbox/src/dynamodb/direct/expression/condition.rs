//! Conditions, filters and conditions on keys.

use super::Path;
use super::tokens::Tokens;

#[derive(Debug)]
pub(in super::super) enum Condition {
    Compare(Operand, Comparison, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(Path),
    NotExists(Path),
    Type(Path, Operand),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Operand {
    Path(Path),
    /// `:value`
    Value(String),
    Size(Path),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Every path in it.
    pub(in super::super) fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.add_paths(&mut paths);
        paths
    }

    fn add_paths<'c>(&'c self, paths: &mut Vec<&'c Path>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.add_paths(paths);
                right.add_paths(paths);
            }
            Self::Not(inner) => inner.add_paths(paths),
            Self::Exists(path) | Self::NotExists(path) => paths.push(path),
            Self::Type(path, kind) => {
                paths.push(path);
                paths.extend(kind.path());
            }
            Self::Compare(one, _, other) | Self::BeginsWith(one, other) | Self::Contains(one, other) => {
                paths.extend(one.path().into_iter().chain(other.path()));
            }
            Self::Between(of, low, high) => paths.extend([of, low, high].into_iter().filter_map(Operand::path)),
            Self::In(of, values) => paths.extend([of].into_iter().chain(values).filter_map(Operand::path)),
        }
    }
}

impl Operand {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Size(path) => Some(path),
            Self::Value(_) => None,
        }
    }
}

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

pub(super) fn parse(tokens: &mut Tokens) -> Option<Condition> {
    let mut left = all(tokens)?;
    while tokens.take("OR") {
        left = Condition::Or(Box::new(left), Box::new(all(tokens)?));
    }
    Some(left)
}

fn all(tokens: &mut Tokens) -> Option<Condition> {
    let mut left = negated(tokens)?;
    while tokens.take("AND") {
        left = Condition::And(Box::new(left), Box::new(negated(tokens)?));
    }
    Some(left)
}

fn negated(tokens: &mut Tokens) -> Option<Condition> {
    match tokens.take("NOT") {
        true => Some(Condition::Not(Box::new(tokens.deeper(negated)?))),
        false => single(tokens),
    }
}

fn single(tokens: &mut Tokens) -> Option<Condition> {
    if tokens.take("(") {
        let inner = tokens.deeper(parse)?;
        tokens.expect(")")?;
        return Some(inner);
    }
    match tokens.function().as_deref() {
        Some("size") => {
            let size = size(tokens)?;
            compared(size, tokens)
        }
        Some(name) => {
            let call = call(name, tokens)?;
            tokens.expect(")")?;
            Some(call)
        }
        None => {
            let left = operand(tokens)?;
            compared(left, tokens)
        }
    }
}

fn call(name: &str, tokens: &mut Tokens) -> Option<Condition> {
    Some(match name {
        "attribute_exists" => Condition::Exists(tokens.path()?),
        "attribute_not_exists" => Condition::NotExists(tokens.path()?),
        "attribute_type" => {
            let path = tokens.path()?;
            Condition::Type(path, second(tokens)?)
        }
        "begins_with" => {
            let of = operand(tokens)?;
            Condition::BeginsWith(of, second(tokens)?)
        }
        "contains" => {
            let of = operand(tokens)?;
            Condition::Contains(of, second(tokens)?)
        }
        _ => return None,
    })
}

fn second(tokens: &mut Tokens) -> Option<Operand> {
    tokens.expect(",")?;
    operand(tokens)
}

fn compared(left: Operand, tokens: &mut Tokens) -> Option<Condition> {
    if tokens.take("BETWEEN") {
        let low = operand(tokens)?;
        tokens.expect("AND")?;
        return Some(Condition::Between(left, low, operand(tokens)?));
    }
    if tokens.take("IN") {
        tokens.expect("(")?;
        let mut values = vec![operand(tokens)?];
        while tokens.take(",") {
            values.push(operand(tokens)?);
        }
        tokens.expect(")")?;
        return Some(Condition::In(left, values));
    }
    let comparison = match tokens.take_one_of(&COMPARISONS)? {
        "=" => Comparison::Equal,
        "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        _ => Comparison::GreaterOrEqual,
    };
    Some(Condition::Compare(left, comparison, operand(tokens)?))
}

fn operand(tokens: &mut Tokens) -> Option<Operand> {
    if tokens.sees_value() {
        return tokens.value().map(Operand::Value);
    }
    match tokens.function().as_deref() {
        Some("size") => size(tokens),
        Some(_) => None,
        None => tokens.path().map(Operand::Path),
    }
}

fn size(tokens: &mut Tokens) -> Option<Operand> {
    let path = tokens.path()?;
    tokens.expect(")")?;
    Some(Operand::Size(path))
}
