//! What functions say of themselves, held against the policies that the template gives them.

use serde_json::Value;
use throughline_sandbox::template::{FunctionResource, ResolveOptions, Template, Topology};
use throughline_sandbox::{Clock, Cloud};

use crate::functions;

fn topology() -> Topology {
    let cloud = Cloud::builder(Clock::starting_at("2026-11-24T10:00:00Z".parse().unwrap())).build();
    let options = ResolveOptions::new(&cloud, "orders").parameter("PaymentGatewayUrl", "http://payments.invalid");
    Template::load(throughline_tests::template()).unwrap().resolve(&options).unwrap()
}

/// A value, or the values of a list.
fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

fn may(function: &FunctionResource, action: &str, resource: &str) -> bool {
    let statements = each(&function.policies).into_iter().flat_map(|policy| each(&policy["Statement"]));
    let mut allowed = statements.filter(|statement| statement["Effect"] == "Allow");
    allowed.any(|statement| {
        let named =
            each(&statement["Resource"]).iter().any(|arn| arn.as_str().is_some_and(|arn| arn.ends_with(resource)));
        named && each(&statement["Action"]).iter().any(|allowed| **allowed == action)
    })
}

#[test]
fn a_function_with_a_breaker_may_read_and_change_the_circuit() {
    let topology = topology();
    let mut checked = Vec::new();
    for function in functions().iter().filter(|function| !function.describe().breakers.is_empty()) {
        let deployed = topology.functions.iter().find(|deployed| deployed.short_name == function.name()).unwrap();
        for action in ["dynamodb:GetItem", "dynamodb:UpdateItem"] {
            assert!(may(deployed, action, "table/orders-idempotency"), "{} may not {action}", function.name());
        }
        assert!(!may(deployed, "dynamodb:Scan", "table/orders-idempotency"));
        checked.push(function.name());
    }
    assert_eq!(checked, ["charge-payment", "refund-payment"], "all that call the payment gateway");
}
