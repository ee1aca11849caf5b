//! Condition functions: `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or`, `Condition`
//! ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html)).

use super::error::ErrorKind;
use super::node::Node;
use super::scope::Scope;

impl Scope<'_> {
    /// Whether a condition expression holds. `None` when it cannot be told; that is reported.
    pub(super) fn judge(&self, node: &Node) -> Option<bool> {
        let Some((function, argument)) = node.as_intrinsic() else {
            self.shape(node, "a condition must be one of Fn::Equals, Fn::Not, Fn::And, Fn::Or, Condition");
            return None;
        };
        match function {
            "Condition" => self.condition(&argument.as_text()?, argument.place),
            "Fn::Equals" => {
                let [left, right] = argument.as_list()? else {
                    self.shape(argument, "Fn::Equals takes two values");
                    return None;
                };
                let (left, right) = (self.resolve(left), self.resolve(right));
                if left.is_invalid() || right.is_invalid() {
                    return None;
                }
                Some(match (left.as_text(), right.as_text()) {
                    (Some(left), Some(right)) => left == right,
                    _ => left.to_json() == right.to_json(),
                })
            }
            "Fn::Not" => match argument.as_list()? {
                [only] => self.judge(only).map(|holds| !holds),
                _ => {
                    self.shape(argument, "Fn::Not takes a list of one condition");
                    None
                }
            },
            "Fn::And" => Some(self.several(function, argument)?.into_iter().all(|holds| holds)),
            "Fn::Or" => Some(self.several(function, argument)?.into_iter().any(|holds| holds)),
            _ => {
                self.errors.report(
                    ErrorKind::UnsupportedIntrinsic,
                    node.place,
                    format!("{function} cannot be used in a condition"),
                );
                None
            }
        }
    }

    fn several(&self, function: &str, argument: &Node) -> Option<Vec<bool>> {
        let items = argument.as_list().unwrap_or_default();
        if !(2..=10).contains(&items.len()) {
            self.shape(argument, &format!("{function} takes two to ten conditions"));
            return None;
        }
        items.iter().map(|item| self.judge(item)).collect()
    }

    pub(super) fn shape(&self, node: &Node, message: &str) -> Node {
        if !node.is_invalid() {
            self.errors.report(ErrorKind::Shape, node.place, message);
        }
        Node::invalid(node.place)
    }
}
