//! JSON in one form, so that equal values are equal texts.

use serde_json::Value;

/// The largest magnitude below which every whole number is exact as a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value as text: members sorted by name, no white space, whole numbers without a fraction (`1.0` is `1`).
///
/// Two values that differ only in the order of members or in that notation give the same text.
#[must_use]
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            list(text, ['{', '}'], members, |text, (name, value)| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        Value::Array(items) => list(text, ['[', ']'], items, |text, item| write(item, text)),
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < EXACT => {
                text.push_str(&format!("{:.0}", double + 0.0));
            }
            _ => text.push_str(&number.to_string()),
        },
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    one: impl Fn(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
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
    fn whole_numbers_have_one_form() {
        assert_eq!(
            canonical_json(&json!([1.0, 1, -0.0, 0.5, 12e3, u64::MAX])),
            "[1,1,0,0.5,12000,18446744073709551615]"
        );
    }
}
