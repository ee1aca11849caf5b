//! From a form to the members of a request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Members;
use crate::query::decode;

/// Lists and maps by the name that their members have in a form, and the name in JSON.
const LISTS: &[(&str, &str)] = &[
    ("AttributeName", "AttributeNames"),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames"),
    ("MessageAttributeName", "MessageAttributeNames"),
    ("TagKey", "TagKeys"),
    ("AWSAccountId", "AWSAccountIds"),
    ("ActionName", "Actions"),
    ("SendMessageBatchRequestEntry", "Entries"),
    ("DeleteMessageBatchRequestEntry", "Entries"),
    ("ChangeMessageVisibilityBatchRequestEntry", "Entries"),
];
const MAPS: &[(&str, &str, &str)] = &[
    ("Attribute", "Attributes", "Name"),
    ("MessageAttribute", "MessageAttributes", "Name"),
    ("MessageSystemAttribute", "MessageSystemAttributes", "Name"),
    ("Tag", "Tags", "Key"),
];

/// A form's fields as a tree: the names' parts between dots are its branches. Indices sort as numbers.
#[derive(Default)]
struct Tree {
    text: Option<String>,
    branches: BTreeMap<(u32, String), Tree>,
}

/// The operation and its input. A request may be sent to the queue's URL instead of naming it.
pub(super) fn read(path: &str, body: &str) -> (Option<String>, Members) {
    let mut tree = Tree::default();
    let mut action = None;
    for (name, value) in body.split('&').filter_map(|field| field.split_once('=')) {
        let (name, value) = (decode(name), decode(value));
        match name.as_str() {
            "Action" => action = Some(value),
            "Version" => {}
            _ => tree.insert(&name, value),
        }
    }
    let mut input = tree.members();
    if path.trim_matches('/').contains('/') {
        input.entry("QueueUrl").or_insert_with(|| path.into());
    }
    (action, input)
}

impl Tree {
    fn insert(&mut self, name: &str, value: String) {
        let mut place = self;
        for part in name.split('.') {
            place = place.branches.entry((part.parse().unwrap_or_default(), part.to_owned())).or_default();
        }
        place.text = Some(value);
    }

    fn members(&self) -> Members {
        let mut members = Members::new();
        for ((_, name), branch) in &self.branches {
            if let Some((_, list)) = LISTS.iter().find(|(form, _)| form == name) {
                members.insert((*list).into(), branch.branches.values().map(Tree::value).collect());
            } else if let Some((_, map, key)) = MAPS.iter().find(|(form, ..)| form == name) {
                members.insert((*map).into(), branch.map(key).into());
            } else {
                members.insert(name.clone(), branch.value());
            }
        }
        members
    }

    fn map(&self, key: &str) -> Members {
        let entries = self.branches.values().map(Tree::members);
        entries
            .filter_map(|mut entry| Some((entry.remove(key)?.as_str()?.to_owned(), entry.remove("Value")?)))
            .collect()
    }

    fn value(&self) -> Value {
        self.text.as_ref().map_or_else(|| self.members().into(), |text| json!(text))
    }
}
