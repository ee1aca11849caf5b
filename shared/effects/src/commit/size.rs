//! How large an item is.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put};

use crate::failure::Failure;
use crate::limits::{ITEM_BYTES, TRANSACTION_BYTES};

/// Refuses an item that DynamoDB would refuse. `name` is the item's for people.
pub(super) fn checked(put: &Put, name: impl FnOnce() -> String) -> Result<usize, Failure> {
    let bytes = members(put.item());
    if bytes > ITEM_BYTES {
        let cause = format!("{} is {bytes} bytes; an item has at most {ITEM_BYTES}", name());
        return Err(Failure::permanent("too_large", cause));
    }
    Ok(bytes)
}

/// Refuses a transaction whose new items are together more than DynamoDB takes.
pub(super) fn all_checked(bytes: usize) -> Result<(), Failure> {
    if bytes > TRANSACTION_BYTES {
        let cause = format!("the items are {bytes} bytes; a transaction has at most {TRANSACTION_BYTES}");
        return Err(Failure::permanent("too_large", cause));
    }
    Ok(())
}

/// Bytes of names and values, as
/// [DynamoDB counts them](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
fn members(members: &HashMap<String, AttributeValue>) -> usize {
    members.iter().map(|(name, value)| name.len() + bytes(value)).sum()
}

fn bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => number(digits),
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|digits| number(digits)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|blob| blob.as_ref().len()).sum(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + bytes(value)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + members(map),
        _ => 1,
    }
}

/// A byte for every two digits, and one more.
fn number(digits: &str) -> usize {
    digits.len().div_ceil(2) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_count_and_what_holds_them() {
        let text = AttributeValue::S("é".into());
        let item = [
            ("ab".to_owned(), text.clone()),
            ("n".to_owned(), AttributeValue::N("1234".into())),
            ("l".to_owned(), AttributeValue::L(vec![text.clone(), AttributeValue::Bool(true)])),
            ("m".to_owned(), AttributeValue::M([("k".to_owned(), text)].into())),
        ];
        assert_eq!(members(&item.into()), (2 + 2) + (1 + 3) + (1 + 3 + 3 + 2) + (1 + 3 + 1 + 1 + 2));
    }
}
