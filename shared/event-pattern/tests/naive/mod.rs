//! A second matcher, written to be plain: it reads the pattern as JSON every time, tries every combination of values, and shares
//! no code with the crate. The two have to agree on every valid pattern.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "patterns are valid here, and a test may stop when one is not"
)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Map, Value};

/// Whether an event matches a valid pattern.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let (Some(pattern), true) = (pattern.as_object(), event.is_object()) else { return false };
    let mut leaves = Vec::new();
    flatten(event, "", &mut Vec::new(), &mut 0, &mut leaves);
    expand(pattern, "", vec![BTreeMap::new()]).iter().any(|fields| {
        let fields: Vec<_> = fields.iter().collect();
        search(&fields, &leaves, &[])
    })
}

/// Which element of which array.
type Place = (usize, usize);

struct Leaf<'a> {
    path: String,
    value: &'a Value,
    places: Vec<Place>,
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn flatten<'a>(value: &'a Value, path: &str, places: &mut Vec<Place>, arrays: &mut usize, leaves: &mut Vec<Leaf<'a>>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(value, &join(path, name), places, arrays, leaves);
            }
        }
        Value::Array(elements) => {
            let array = *arrays;
            *arrays += 1;
            for (index, element) in elements.iter().enumerate() {
                let structured = element.is_object() || element.is_array();
                if structured {
                    places.push((array, index));
                }
                flatten(element, path, places, arrays, leaves);
                if structured {
                    places.pop();
                }
            }
        }
        _ => leaves.push(Leaf { path: path.to_owned(), value, places: places.clone() }),
    }
}

type Fields<'a> = BTreeMap<String, &'a [Value]>;

/// The pattern without `$or`: what it asks of which path, once for every combination of branches.
fn expand<'a>(pattern: &'a Map<String, Value>, path: &str, mut all: Vec<Fields<'a>>) -> Vec<Fields<'a>> {
    for (name, value) in pattern {
        match value {
            Value::Array(branches) if name == "$or" => {
                let branches = branches.iter().filter_map(Value::as_object);
                all = branches.flat_map(|branch| expand(branch, path, all.clone())).collect();
            }
            Value::Array(matchers) => all.iter_mut().for_each(|fields| {
                fields.insert(join(path, name), matchers);
            }),
            Value::Object(inner) => all = expand(inner, &join(path, name), all),
            _ => {}
        }
    }
    all
}

fn search(fields: &[(&String, &&[Value])], leaves: &[Leaf<'_>], chosen: &[Place]) -> bool {
    let Some(((path, matchers), rest)) = fields.split_first() else { return true };
    let agrees = |leaf: &&Leaf<'_>| {
        leaf.path == **path
            && leaf.places.iter().all(|(array, index)| chosen.iter().all(|(other, at)| other != array || at == index))
    };
    let candidates: Vec<&Leaf<'_>> = leaves.iter().filter(agrees).collect();
    if candidates.is_empty() {
        return matchers.iter().any(|matcher| matcher["exists"] == false) && search(rest, leaves, chosen);
    }
    candidates.iter().any(|leaf| {
        let joined: Vec<Place> = chosen.iter().chain(&leaf.places).copied().collect();
        matchers.iter().any(|matcher| accepts(matcher, leaf.value)) && search(rest, leaves, &joined)
    })
}

fn accepts(matcher: &Value, found: &Value) -> bool {
    let Some((operator, operand)) = matcher.as_object().and_then(|fields| fields.iter().next()) else {
        return equal(matcher, found);
    };
    match operator.as_str() {
        "exists" => operand == true,
        "numeric" => numeric(operand.as_array().unwrap(), found),
        "anything-but" => !excluded(operand, found),
        _ => found.as_str().is_some_and(|found| text(operator, operand, found)),
    }
}

fn equal(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Number(wanted), Value::Number(found)) => {
            wanted.to_string() == found.to_string()
                || (comparable(wanted).is_some() && comparable(wanted) == comparable(found))
        }
        (Value::String(wanted), Value::String(found)) => match (address(wanted), address(found)) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => wanted == found,
        },
        _ => wanted == found,
    }
}

fn comparable(number: &serde_json::Number) -> Option<f64> {
    number.as_f64().filter(|number| number.abs() <= 5e9)
}

fn numeric(range: &[Value], found: &Value) -> bool {
    let Some(found) = found.as_number().and_then(comparable) else { return false };
    range.chunks(2).all(|pair| {
        let bound = pair[1].as_f64().unwrap();
        match pair[0].as_str().unwrap() {
            "<" => found < bound,
            "<=" => found <= bound,
            ">" => found > bound,
            ">=" => found >= bound,
            _ => found == bound,
        }
    })
}

fn excluded(operand: &Value, found: &Value) -> bool {
    match operand {
        Value::Array(values) => values.iter().any(|value| same(value, found)),
        Value::Object(form) => {
            let (operator, operand) = form.iter().next().unwrap();
            let one = std::slice::from_ref(operand);
            let operands = operand.as_array().map_or(one, Vec::as_slice);
            found.as_str().is_some_and(|found| operands.iter().any(|operand| text(operator, operand, found)))
        }
        value => same(value, found),
    }
}

/// Inside `anything-but` a text is no address.
fn same(wanted: &Value, found: &Value) -> bool {
    if wanted.is_string() { wanted == found } else { equal(wanted, found) }
}

fn text(operator: &str, operand: &Value, found: &str) -> bool {
    if let Some(operand) = operand.get("equals-ignore-case") {
        return text(operator, &lower(operand.as_str().unwrap()).into(), &lower(found));
    }
    let wanted = operand.as_str().unwrap();
    match operator {
        "exactly" => found == wanted,
        "prefix" => found.starts_with(wanted),
        "suffix" => found.ends_with(wanted),
        "equals-ignore-case" => lower(found) == lower(wanted),
        "wildcard" => {
            let (wanted, found): (Vec<char>, Vec<char>) = (wanted.chars().collect(), found.chars().collect());
            wildcard(&wanted, &found)
        }
        _ => cidr(wanted, found),
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn wildcard(wanted: &[char], found: &[char]) -> bool {
    match wanted {
        [] => found.is_empty(),
        ['*', rest @ ..] => (0..=found.len()).any(|skipped| wildcard(rest, &found[skipped..])),
        ['\\', escaped, rest @ ..] => found.first() == Some(escaped) && wildcard(rest, &found[1..]),
        [first, rest @ ..] => found.first() == Some(first) && wildcard(rest, &found[1..]),
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let decimal =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u8>().ok()).flatten();
    let parts: Vec<Option<u8>> = text.split('.').map(decimal).collect();
    match parts[..] {
        [Some(a), Some(b), Some(c), Some(d)] => Some(IpAddr::from([a, b, c, d])),
        _ => text.parse().ok().filter(IpAddr::is_ipv6),
    }
}

fn cidr(block: &str, found: &str) -> bool {
    let (base, bits) = block.split_once('/').unwrap();
    let bits: usize = bits.parse().unwrap();
    let binary = |address: IpAddr| match address {
        IpAddr::V4(address) => format!("{:032b}", address.to_bits()),
        IpAddr::V6(address) => format!("{:0128b}", address.to_bits()),
    };
    let (Some(base), Some(found)) = (address(base).map(binary), address(found).map(binary)) else { return false };
    base.len() == found.len() && base[..bits] == found[..bits]
}
