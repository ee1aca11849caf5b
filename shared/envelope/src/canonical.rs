//! JSON in one form, so that equal values are equal texts.

use serde::Serialize;
use serde_json::Value;

/// The largest magnitude below which every whole number is exact as a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// So many members are sorted without a list of them.
const FEW: usize = 8;

/// The value as text: members sorted by name, no white space, whole numbers without a fraction (`1.0` is `1`).
///
/// Two values that differ only in the order of members or in that notation give the same text.
#[must_use]
pub fn canonical_json(value: &Value) -> String {
    let mut text = Vec::with_capacity(256);
    write_canonical_json(value, &mut text);
    // JSON is UTF-8.
    String::from_utf8(text).unwrap_or_default()
}

/// Adds [`canonical_json`] of a value to a text.
pub fn write_canonical_json(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) if members.len() <= FEW => {
            let mut few = [None; FEW];
            few.iter_mut().zip(members).for_each(|(place, member)| *place = Some(member));
            let few = few.get_mut(..members.len()).unwrap_or_default();
            few.sort_unstable_by_key(|member| member.map(|(name, _)| name));
            object(text, few.iter().copied().flatten());
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            object(text, members);
        }
        Value::Array(items) => list(text, [b'[', b']'], items, |text, item| write_canonical_json(item, text)),
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < EXACT => {
                text.extend_from_slice(format!("{:.0}", double + 0.0).as_bytes());
            }
            _ => scalar(number, text),
        },
        other => scalar(other, text),
    }
}

fn object<'a>(text: &mut Vec<u8>, members: impl IntoIterator<Item = (&'a String, &'a Value)>) {
    list(text, [b'{', b'}'], members, |text, (name, value)| {
        scalar(name, text);
        text.push(b':');
        write_canonical_json(value, text);
    });
}

fn scalar(value: &impl Serialize, text: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(text, value);
}

fn list<T>(
    text: &mut Vec<u8>,
    [open, close]: [u8; 2],
    items: impl IntoIterator<Item = T>,
    one: impl Fn(&mut Vec<u8>, T),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        one(text, item);
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::canonical_json;

    #[test]
    fn members_are_sorted_at_every_depth() {
        assert_eq!(
            canonical_json(&json!({"b": [{"d": 1, "c": null}], "a": "é\n"})),
            r#"{"a":"é\n","b":[{"c":null,"d":1}]}"#
        );
    }

    #[test]
    fn few_members_and_many_are_sorted_alike() {
        for count in [1_usize, 7, 8, 9, 40] {
            let names: Vec<String> = (0..count).map(|number| format!("{:02}", number * 7 % 41)).collect();
            let members = names.iter().map(|name| (name.clone(), json!(1))).collect();
            let mut sorted: Vec<String> = names.iter().map(|name| format!("\"{name}\":1")).collect();
            sorted.sort();
            assert_eq!(canonical_json(&serde_json::Value::Object(members)), format!("{{{}}}", sorted.join(",")));
        }
    }

    #[test]
    fn whole_numbers_have_one_form() {
        assert_eq!(
            canonical_json(&json!([1.0, 1, -0.0, 0.5, 12e3, u64::MAX])),
            "[1,1,0,0.5,12000,18446744073709551615]"
        );
    }
}
