//! What names in a template stand for: parameters, pseudo parameters, conditions, mappings and resources.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::ResolveOptions;
use super::error::{ErrorKind, Errors};
use super::identity::{self, Identity};
use super::node::{Kind, Node, Place};
use super::stack::World;

/// A resource as declared: its type, and its properties with the globals merged in, unresolved.
pub(super) struct Declared {
    pub(super) resource_type: String,
    pub(super) properties: Node,
    pub(super) place: Place,
    pub(super) depends_on: Vec<(String, Place)>,
}

pub(super) struct Scope<'a> {
    pub(super) options: &'a ResolveOptions,
    pub(super) errors: &'a Errors,
    pub(super) parameters: BTreeMap<String, Node>,
    pub(super) mappings: Option<&'a Node>,
    pub(super) conditions: Option<&'a Node>,
    pub(super) resources: IndexMap<String, Declared>,
    /// Resources that a condition leaves out.
    pub(super) left_out: BTreeSet<String>,
    /// Resources as they are, when a stack is being made.
    pub(super) world: Option<&'a World>,
    judged: RefCell<BTreeMap<String, Option<bool>>>,
    identities: RefCell<BTreeMap<String, Option<Identity>>>,
    referenced: RefCell<BTreeSet<String>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        options: &'a ResolveOptions,
        errors: &'a Errors,
        parameters: BTreeMap<String, Node>,
        mappings: Option<&'a Node>,
        conditions: Option<&'a Node>,
    ) -> Self {
        Self {
            options,
            errors,
            parameters,
            mappings,
            conditions,
            resources: IndexMap::new(),
            left_out: BTreeSet::new(),
            world: None,
            judged: RefCell::default(),
            identities: RefCell::default(),
            referenced: RefCell::default(),
        }
    }

    /// The resources named since the last call.
    pub(super) fn take_referenced(&self) -> BTreeSet<String> {
        self.referenced.take()
    }

    /// What `Ref` of `name` is.
    pub(super) fn reference(&self, name: &str, place: Place) -> Node {
        if name == "AWS::NoValue" {
            return Node::new(place, Kind::Absent);
        }
        if let Some(text) = self.pseudo(name) {
            return Node::text(place, text);
        }
        if let Some(value) = self.parameters.get(name) {
            // A value that says so leaves the property out, as the pseudo parameter does.
            if self.world.is_some() && value.as_text().as_deref() == Some("AWS::NoValue") {
                return Node::new(place, Kind::Absent);
            }
            return Node { place, ..value.clone() };
        }
        if let Some(world) = self.world {
            return match world.resources.get(name) {
                Some(known) => Node::text(place, &known.reference),
                None => self.unresolved(name, place),
            };
        }
        match self.identity(name, place) {
            Some(identity) => match identity.reference {
                Some(text) => Node::text(place, text),
                None => self.invalid(ErrorKind::UnsupportedIntrinsic, place, format!("Ref of {name} is not supported")),
            },
            None => Node::invalid(place),
        }
    }

    /// What `Fn::GetAtt` of `name` is.
    pub(super) fn attribute(&self, name: &str, attribute: &str, place: Place) -> Node {
        if let Some(world) = self.world {
            let Some(known) = world.resources.get(name) else { return self.unresolved(name, place) };
            return match known.attribute(attribute) {
                Some(text) => Node::text(place, text),
                None => {
                    let message = format!("Requested attribute {attribute} does not exist in schema for {name}");
                    self.invalid(ErrorKind::UnknownReference, place, message)
                }
            };
        }
        let Some(identity) = self.identity(name, place) else { return Node::invalid(place) };
        match identity.attributes.get(attribute) {
            Some(value) => Node::text(place, value),
            None => {
                let known = identity.attributes.keys().copied().collect::<Vec<_>>().join(", ");
                let known = if known.is_empty() { "none" } else { &known };
                let message = format!("{name} has no attribute {attribute} that the local cloud knows");
                self.errors.report_with_help(ErrorKind::UnknownReference, place, message, format!("it knows {known}"));
                Node::invalid(place)
            }
        }
    }

    fn unresolved(&self, name: &str, place: Place) -> Node {
        self.invalid(ErrorKind::UnknownReference, place, format!("Unresolved resource dependencies [{name}]"))
    }

    /// What another stack exports under a name.
    pub(super) fn import(&self, name: &str, place: Place) -> Node {
        match self.world.map(|world| world.exports.get(name)) {
            Some(Some(value)) => Node::text(place, value),
            Some(None) => self.invalid(ErrorKind::UnknownReference, place, format!("No export named {name} found.")),
            None => {
                let message = "the intrinsic function Fn::ImportValue is not supported by the local cloud".to_owned();
                self.invalid(ErrorKind::UnsupportedIntrinsic, place, message)
            }
        }
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
    fn pseudo(&self, name: &str) -> Option<String> {
        let ResolveOptions { stack_name, account, region, .. } = self.options;
        Some(match name {
            "AWS::StackName" => stack_name.clone(),
            "AWS::AccountId" => account.clone(),
            "AWS::Region" => region.clone(),
            "AWS::Partition" => "aws".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::StackId" if self.world.is_some() => self.world.map(|world| world.stack_id.clone())?,
            "AWS::StackId" => format!("arn:aws:cloudformation:{region}:{account}:stack/{stack_name}/local"),
            _ => return None,
        })
    }

    /// Names and ARNs of a resource. Reports a resource that is not there.
    pub(super) fn identity(&self, logical_id: &str, place: Place) -> Option<Identity> {
        if let Some(known) = self.identities.borrow().get(logical_id) {
            if known.is_none() {
                let message = format!("the name of {logical_id} depends on itself");
                self.errors.report(ErrorKind::Circular, place, message);
            }
            self.referenced.borrow_mut().insert(logical_id.to_owned());
            return known.clone();
        }
        if let Some(owner) = self.role_owner(logical_id) {
            return identity::of(self, logical_id, "AWS::IAM::Role", None).inspect(|_| {
                self.referenced.borrow_mut().insert(owner.to_owned());
            });
        }
        let Some(declared) = self.resources.get(logical_id) else {
            self.unknown(logical_id, place);
            return None;
        };
        self.referenced.borrow_mut().insert(logical_id.to_owned());
        self.identities.borrow_mut().insert(logical_id.to_owned(), None);
        let found = identity::of(self, logical_id, &declared.resource_type, Some(&declared.properties));
        match &found {
            Some(_) => self.identities.borrow_mut().insert(logical_id.to_owned(), found.clone()),
            None => self.identities.borrow_mut().remove(logical_id),
        };
        found
    }

    /// SAM makes a role for a function or state machine without one, and calls it `<logical id>Role`.
    fn role_owner<'n>(&self, logical_id: &'n str) -> Option<&'n str> {
        let owner = logical_id.strip_suffix("Role")?;
        let declared = self.resources.get(owner)?;
        (declared.resource_type.starts_with("AWS::Serverless::") && !self.resources.contains_key(logical_id))
            .then_some(owner)
    }

    fn unknown(&self, name: &str, place: Place) {
        let message = if self.left_out.contains(name) {
            format!("{name} is left out by its condition, so nothing can refer to it")
        } else {
            format!("there is no parameter or resource {name}")
        };
        self.errors.report(ErrorKind::UnknownReference, place, message);
    }

    /// Whether the condition called `name` holds. `None` when it cannot be told; that is reported.
    pub(super) fn condition(&self, name: &str, place: Place) -> Option<bool> {
        match self.judged.borrow().get(name) {
            Some(Some(known)) => return Some(*known),
            Some(None) => {
                self.errors.report(ErrorKind::Circular, place, format!("the condition {name} depends on itself"));
                return None;
            }
            None => {}
        }
        let Some(node) = self.conditions.and_then(|conditions| conditions.get(name)) else {
            self.errors.report(ErrorKind::UnknownReference, place, format!("there is no condition {name}"));
            return None;
        };
        self.judged.borrow_mut().insert(name.to_owned(), None);
        let holds = self.judge(node);
        match holds {
            Some(_) => self.judged.borrow_mut().insert(name.to_owned(), holds),
            None => self.judged.borrow_mut().remove(name),
        };
        holds
    }

    pub(super) fn invalid(&self, kind: ErrorKind, place: Place, message: String) -> Node {
        self.errors.report(kind, place, message);
        Node::invalid(place)
    }
}
