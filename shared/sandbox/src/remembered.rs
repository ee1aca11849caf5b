//! What is remembered for a time and then forgotten.

use std::collections::{BTreeMap, VecDeque};

/// Values by key, each until a time. Forgetting costs no more than remembering did: it looks only at what is over, as long as
/// later values are kept until later times.
#[derive(Debug)]
pub(crate) struct Remembered<V> {
    values: BTreeMap<String, (i64, V)>,
    /// Times and keys as they came; a key that came again is here more than once.
    order: VecDeque<(i64, String)>,
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V> Remembered<V> {
    /// Keeps a value until a time, in milliseconds since 1970.
    pub(crate) fn insert(&mut self, key: String, until: i64, value: V) {
        self.order.push_back((until, key.clone()));
        self.values.insert(key, (until, value));
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.values.get_mut(key).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.values.remove(key);
    }

    /// Forgets what is over.
    pub(crate) fn expire(&mut self, now: i64) {
        while self.order.front().is_some_and(|(until, _)| *until <= now) {
            let Some((until, key)) = self.order.pop_front() else { return };
            if self.values.get(&key).is_some_and(|(last, _)| *last == until) {
                self.values.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_forgotten_at_its_time_and_one_that_came_again_at_its_last() {
        let mut remembered = Remembered::default();
        remembered.insert("a".into(), 10, 1);
        remembered.insert("b".into(), 20, 2);
        remembered.insert("a".into(), 30, 3);
        remembered.expire(19);
        assert_eq!((remembered.get("a"), remembered.get("b")), (Some(&3), Some(&2)));
        remembered.expire(20);
        assert_eq!((remembered.get("a"), remembered.get("b")), (Some(&3), None));
        remembered.expire(30);
        assert_eq!(remembered.get("a"), None);
        assert!(remembered.order.is_empty());
    }
}
