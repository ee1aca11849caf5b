//! Which failures are the same one.

use crate::keys::hash;

/// The fingerprint of failures of the same function and code whose causes have the same shape: what differs between two
/// occurrences (numbers, ids, anything with a digit in it) is left out.
pub fn fingerprint(function: &str, code: &str, cause: &str) -> String {
    hash(&[function, code, &shape(cause)])
}

fn shape(cause: &str) -> String {
    let mut shape = String::with_capacity(cause.len());
    let mut word = String::new();
    for character in cause.chars() {
        if character.is_alphanumeric() || character == '_' || character == '-' {
            word.push(character);
        } else {
            close(&mut word, &mut shape);
            shape.push(character);
        }
    }
    close(&mut word, &mut shape);
    shape
}

fn close(word: &mut String, shape: &mut String) {
    let id = ["evt_", "cor_", "saga_", "fail_", "ord_", "cus_", "pay_"].iter().any(|prefix| word.starts_with(prefix));
    if id || word.contains(|c: char| c.is_ascii_digit()) {
        shape.push('#');
    } else {
        shape.push_str(word);
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ids_do_not_tell_failures_apart() {
        let one = fingerprint("f", "gap", "order ord_completes is at version 3, event 0199-ab is 5");
        let two = fingerprint("f", "gap", "order ord_7 is at version 12, event 9f33-cd is 14");
        assert_eq!(one, two);
        assert_eq!(one.len(), 16);
    }

    #[test]
    fn function_code_and_words_do() {
        let one = fingerprint("f", "gap", "a cause");
        assert_ne!(one, fingerprint("g", "gap", "a cause"));
        assert_ne!(one, fingerprint("f", "hole", "a cause"));
        assert_ne!(one, fingerprint("f", "gap", "another cause"));
    }
}
