//! From a form to JSON. `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A form's fields as a tree: the parts of the names between dots are its branches. Indices sort as numbers.
#[derive(Default)]
struct Tree {
    text: Option<String>,
    branches: BTreeMap<(u32, String), Tree>,
}

/// One field's value.
pub(crate) fn field(form: &str, name: &str) -> Option<String> {
    let fields = form.split('&').filter_map(|field| field.split_once('='));
    fields.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decode(value))
}

/// The members of a request.
pub(super) fn read(form: &str) -> Value {
    let mut tree = Tree::default();
    for (name, value) in form.split('&').filter_map(|field| field.split_once('=')) {
        if !matches!(name, "Action" | "Version") {
            tree.insert(&decode(name), decode(value));
        }
    }
    match tree.value() {
        Value::Object(members) => Value::Object(members),
        _ => Value::Object(Map::new()),
    }
}

impl Tree {
    fn insert(&mut self, name: &str, value: String) {
        let mut place = self;
        for part in name.split('.').filter(|part| *part != "member") {
            place = place.branches.entry((part.parse().unwrap_or_default(), part.to_owned())).or_default();
        }
        place.text = Some(value);
    }

    fn value(&self) -> Value {
        if self.branches.is_empty() {
            return self.text.clone().unwrap_or_default().into();
        }
        if self.branches.keys().all(|(index, _)| *index > 0) {
            return self.branches.values().map(Self::value).collect();
        }
        self.branches.iter().map(|((_, name), branch)| (name.clone(), branch.value())).collect::<Map<_, _>>().into()
    }
}

/// `%2F` is a slash, `+` a space.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.split_first_chunk::<2>().filter(|_| *first == b'%');
        let escaped = escaped.and_then(|(digits, tail)| Some((hex(*digits)?, tail)));
        let (byte, tail) = escaped.unwrap_or((if *first == b'+' { b' ' } else { *first }, tail));
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}
