//! Expressions, read once for each text.
//!
//! [The grammar](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html) is read as dynoxide reads it, and
//! only of texts that it accepted: what is wrong with the others is its to say.

pub(super) mod change;
pub(super) mod condition;
mod tokens;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use self::change::Change;
pub(super) use self::condition::Condition;
use self::tokens::Tokens;

/// How many texts are remembered; then they are read anew.
const REMEMBERED: usize = 2048;

/// A step of a document path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    /// `#name`
    Placeholder(String),
    Index(usize),
}

/// A document path.
pub(super) type Path = Vec<Step>;

/// Paths of a projection.
pub(super) type Projection = Vec<Path>;

/// An expression, with the placeholders in it, each as often as it is there.
#[derive(Debug)]
pub(super) struct Parsed<T> {
    pub(super) tree: T,
    pub(super) names: Vec<String>,
    pub(super) values: Vec<String>,
    pub(super) length: usize,
}

/// The member that an expression is in: the same text may be right in one and wrong in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Condition,
    Filter,
    Key,
    Update,
    Projection,
}

/// The texts of one kind: none is a text that is left to dynoxide.
type Texts<T> = HashMap<String, Option<Arc<Parsed<T>>>>;

/// Every expression that was read. Cheap to clone: clones are the same, so that clouds of one process can learn from each other. What an
/// expression means, and whether DynamoDB accepts it, depends on its text alone.
#[derive(Debug, Clone, Default)]
pub struct KnownExpressions(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    conditions: Texts<Condition>,
    filters: Texts<Condition>,
    keys: Texts<Condition>,
    updates: Texts<Change>,
    projections: Texts<Projection>,
}

/// The expressions of one database.
#[derive(Default)]
pub(super) struct Expressions {
    known: KnownExpressions,
    /// Texts of the request at hand that dynoxide has not accepted yet.
    new: Vec<(Kind, String)>,
}

impl KnownExpressions {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Expressions {
    pub(super) fn new(known: KnownExpressions) -> Self {
        Self { known, new: Vec::new() }
    }

    pub(super) fn condition(&mut self, kind: Kind, text: &str) -> Option<Arc<Parsed<Condition>>> {
        let known = self.known.lock();
        let texts = match kind {
            Kind::Filter => &known.filters,
            Kind::Key => &known.keys,
            _ => &known.conditions,
        };
        look_up(texts, &mut self.new, kind, text)
    }

    pub(super) fn update(&mut self, text: &str) -> Option<Arc<Parsed<Change>>> {
        look_up(&self.known.lock().updates, &mut self.new, Kind::Update, text)
    }

    pub(super) fn projection(&mut self, text: &str) -> Option<Arc<Parsed<Projection>>> {
        look_up(&self.known.lock().projections, &mut self.new, Kind::Projection, text)
    }

    /// The texts of the request that were not known.
    pub(super) fn take_new(&mut self) -> Vec<(Kind, String)> {
        std::mem::take(&mut self.new)
    }

    /// Reads a text that dynoxide accepted.
    pub(super) fn accepted(&mut self, kind: Kind, text: String) {
        let mut known = self.known.lock();
        match kind {
            Kind::Condition => learn(&mut known.conditions, text, condition::parse),
            Kind::Filter => learn(&mut known.filters, text, condition::parse),
            Kind::Key => learn(&mut known.keys, text, condition::parse),
            Kind::Update => learn(&mut known.updates, text, change::parse),
            Kind::Projection => learn(&mut known.projections, text, paths),
        }
    }
}

fn look_up<T>(texts: &Texts<T>, new: &mut Vec<(Kind, String)>, kind: Kind, text: &str) -> Option<Arc<Parsed<T>>> {
    match texts.get(text) {
        Some(known) => known.clone(),
        None => {
            new.push((kind, text.to_owned()));
            None
        }
    }
}

fn learn<T>(texts: &mut Texts<T>, text: String, parse: impl FnOnce(&mut Tokens) -> Option<T>) {
    if texts.len() >= REMEMBERED {
        texts.clear();
    }
    let parsed = Tokens::read(&text).and_then(|mut tokens| {
        let tree = parse(&mut tokens).filter(|_| tokens.at_end())?;
        let (names, values) = tokens.placeholders();
        Some(Arc::new(Parsed { tree, names, values, length: text.len() }))
    });
    texts.insert(text, parsed);
}

fn paths(tokens: &mut Tokens) -> Option<Projection> {
    let mut paths = vec![tokens.path()?];
    while tokens.take(",") {
        paths.push(tokens.path()?);
    }
    Some(paths)
}
