//! Intrinsic functions that give a value
//! ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cidr;
use super::error::ErrorKind;
use super::node::{Entries, Entry, Kind, Node, Place};
use super::scope::Scope;

impl Scope<'_> {
    /// The value with every intrinsic function in it worked out. Mistakes are reported and leave an invalid value.
    pub(super) fn resolve(&self, node: &Node) -> Node {
        match &node.kind {
            Kind::List(items) => {
                let items = items.iter().map(|item| self.resolve(item)).filter(|item| item.kind != Kind::Absent);
                Node::new(node.place, Kind::List(items.collect()))
            }
            Kind::Map(entries) => match node.as_intrinsic() {
                Some((function, argument)) if function != "Condition" => self.apply(function, argument, node.place),
                _ => Node::new(node.place, Kind::Map(self.resolve_entries(entries))),
            },
            _ => node.clone(),
        }
    }

    fn resolve_entries(&self, entries: &Entries) -> Entries {
        let resolved = entries.iter().map(|(key, entry)| {
            let node = self.resolve(&entry.node);
            (key.clone(), Entry { key: entry.key, node })
        });
        resolved.filter(|(_, entry)| entry.node.kind != Kind::Absent).collect()
    }

    fn apply(&self, function: &str, argument: &Node, place: Place) -> Node {
        match function {
            "Ref" => match argument.as_text() {
                Some(name) => self.reference(&name, place),
                None => self.shape(argument, "Ref takes a name"),
            },
            "Fn::GetAtt" => self.get_att(argument, place),
            "Fn::Sub" => self.sub(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::If" => self.choose(argument),
            "Fn::Select" => self.select(argument, place),
            "Fn::Split" => self.split(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Base64" => match self.resolve(argument) {
                value if value.is_invalid() => value,
                value => match value.as_text() {
                    Some(text) => Node::text(place, STANDARD.encode(text)),
                    None => self.shape(argument, "Fn::Base64 takes text"),
                },
            },
            "Fn::ImportValue" => match self.resolve(argument) {
                value if value.is_invalid() => value,
                value => match value.as_text() {
                    Some(name) => self.import(&name, place),
                    None => self.shape(argument, "Fn::ImportValue takes a name"),
                },
            },
            "Fn::Cidr" => self.cidr(argument, place),
            "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" => {
                let message = format!("{function} can be used in the Conditions section only");
                self.invalid(ErrorKind::Shape, place, message)
            }
            _ => {
                let message = format!("the intrinsic function {function} is not supported by the local cloud");
                self.invalid(ErrorKind::UnsupportedIntrinsic, place, message)
            }
        }
    }

    fn get_att(&self, argument: &Node, place: Place) -> Node {
        let parts = match &argument.kind {
            Kind::List(items) => match items.as_slice() {
                [resource, attribute] => resource.as_text().zip(self.resolve(attribute).as_text()),
                _ => None,
            },
            _ => argument.as_text().and_then(|text| {
                let (resource, attribute) = text.split_once('.')?;
                Some((resource.to_owned(), attribute.to_owned()))
            }),
        };
        match parts {
            Some((resource, attribute)) => self.attribute(&resource, &attribute, place),
            None => self.shape(argument, "Fn::GetAtt takes a resource and an attribute"),
        }
    }

    /// `${Name}`, `${Resource.Attribute}`, `${Own}` from the second argument; `${!Literal}` stays as `${Literal}`.
    fn sub(&self, argument: &Node, place: Place) -> Node {
        let (text, own) = match &argument.kind {
            Kind::List(items) => match items.as_slice() {
                [text, own] => (text.as_text(), own.as_map().map(|own| self.resolve_entries(own))),
                _ => (None, None),
            },
            _ => (argument.as_text(), Some(Entries::new())),
        };
        let (Some(text), Some(own)) = (text, own) else {
            return self.shape(argument, "Fn::Sub takes text, or a list of text and a map");
        };
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return self.shape(argument, "a ${ in Fn::Sub has no }");
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let value = self.variable(name.trim(), &own, argument.place);
            match value.as_text() {
                Some(value) => out.push_str(&value),
                None if value.is_invalid() => return Node::invalid(place),
                None => {
                    return self.shape(argument, &format!("${{{name}}} in Fn::Sub is {}, not text", value.describe()));
                }
            }
        }
        out.push_str(rest);
        Node::text(place, out)
    }

    fn variable(&self, name: &str, own: &Entries, place: Place) -> Node {
        if let Some(entry) = own.get(name) {
            return entry.node.clone();
        }
        match name.split_once('.') {
            Some((resource, attribute)) => self.attribute(resource, attribute, place),
            None => self.reference(name, place),
        }
    }

    fn join(&self, argument: &Node, place: Place) -> Node {
        let parts = match argument.as_list() {
            Some([delimiter, items]) => delimiter.as_text().zip(self.texts(items)),
            _ => None,
        };
        match parts {
            Some((delimiter, Ok(items))) => Node::text(place, items.join(&delimiter)),
            Some((_, Err(()))) => Node::invalid(place),
            None => self.shape(argument, "Fn::Join takes a delimiter and a list of texts"),
        }
    }

    /// A list of texts: `Err` when a part of it is invalid, `None` when it is something else.
    fn texts(&self, node: &Node) -> Option<Result<Vec<String>, ()>> {
        let node = self.resolve(node);
        let items = match &node.kind {
            Kind::Invalid => return Some(Err(())),
            Kind::List(items) => items,
            _ => return None,
        };
        if items.iter().any(Node::is_invalid) {
            return Some(Err(()));
        }
        items.iter().map(Node::as_text).collect::<Option<Vec<_>>>().map(Ok)
    }

    fn choose(&self, argument: &Node) -> Node {
        let Some([condition, yes, no]) = argument.as_list() else {
            return self.shape(argument, "Fn::If takes a condition's name and two values");
        };
        let name = condition.as_text().unwrap_or_default();
        match self.condition(&name, condition.place) {
            Some(true) => self.resolve(yes),
            Some(false) => self.resolve(no),
            None => Node::invalid(argument.place),
        }
    }

    fn select(&self, argument: &Node, place: Place) -> Node {
        let Some([index, items]) = argument.as_list() else {
            return self.shape(argument, "Fn::Select takes an index and a list");
        };
        let items = self.resolve(items);
        if items.is_invalid() {
            return items;
        }
        let index = self.resolve(index).as_text().and_then(|text| text.parse::<usize>().ok());
        match index.and_then(|index| items.as_list()?.get(index)) {
            Some(item) => Node { place, ..item.clone() },
            None => self.shape(argument, "Fn::Select: the list has no item with that index"),
        }
    }

    fn split(&self, argument: &Node, place: Place) -> Node {
        let parts = match argument.as_list() {
            Some([delimiter, text]) => {
                let text = self.resolve(text);
                if text.is_invalid() {
                    return text;
                }
                delimiter.as_text().filter(|delimiter| !delimiter.is_empty()).zip(text.as_text())
            }
            _ => None,
        };
        match parts {
            Some((delimiter, text)) => {
                let items = text.split(delimiter.as_str()).map(|item| Node::text(place, item)).collect();
                Node::new(place, Kind::List(items))
            }
            None => self.shape(argument, "Fn::Split takes a delimiter and text"),
        }
    }

    fn find_in_map(&self, argument: &Node, place: Place) -> Node {
        let Some([map, first, second]) = argument.as_list() else {
            return self.shape(argument, "Fn::FindInMap takes a mapping and two keys");
        };
        let keys = [map, first, second].map(|key| self.resolve(key));
        if keys.iter().any(Node::is_invalid) {
            return Node::invalid(place);
        }
        let [map, first, second] = keys.map(|key| key.as_text().unwrap_or_default());
        let found = self.mappings.and_then(|maps| maps.get(&map)?.get(&first)?.get(&second));
        match found {
            Some(value) => Node { place, ..value.clone() },
            None => {
                let message = format!("the mappings have no {map}.{first}.{second}");
                self.invalid(ErrorKind::UnknownReference, place, message)
            }
        }
    }

    fn cidr(&self, argument: &Node, place: Place) -> Node {
        let values = self.resolve(argument);
        let blocks = values.as_list().and_then(|items| {
            let texts = items.iter().map(Node::as_text).collect::<Option<Vec<_>>>()?;
            let [block, count, bits] = texts.try_into().ok()?;
            cidr::blocks(&block, count.parse().ok()?, bits.parse().ok()?)
        });
        match blocks {
            Some(blocks) => {
                let items = blocks.into_iter().map(|block| Node::text(place, block)).collect();
                Node::new(place, Kind::List(items))
            }
            None => self.shape(
                argument,
                "Fn::Cidr takes an IPv4 block, a count of 1 to 256 and a number of bits, and they must fit",
            ),
        }
    }
}
