//! What is known of the values in a bucket.

use std::collections::BTreeMap;

/// The values of a bucket: their sum and bounds, and how often each occurred, which percentiles need.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Stats {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
    /// How often each value occurred; none once a set came whose values are not known.
    values: Option<BTreeMap<Order, f64>>,
}

/// A double in the order of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Order(f64);

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Stats {
    /// A value that occurred `count` times.
    pub(super) fn of(value: f64, count: f64) -> Self {
        let values = Some(BTreeMap::from([(Order(value + 0.0), count)]));
        Self { count, sum: value * count, minimum: value, maximum: value, values }
    }

    /// A statistic set. Its values are known only where they are all the same
    /// ([percentiles](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Percentiles)).
    pub(super) fn of_set(count: f64, sum: f64, minimum: f64, maximum: f64) -> Self {
        let same = minimum == maximum || count == 1.0;
        let values = same.then(|| BTreeMap::from([(Order(minimum + 0.0), count)]));
        Self { count, sum, minimum, maximum, values }
    }

    pub(super) fn add(&mut self, other: &Self) {
        if self.count == 0.0 {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
        match (&mut self.values, &other.values) {
            (Some(values), Some(others)) => {
                for (value, count) in others {
                    *values.entry(*value).or_default() += count;
                }
            }
            _ => self.values = None,
        }
    }

    /// The smallest value that at least this share of the values does not exceed.
    pub(super) fn percentile(&self, percent: f64) -> Option<f64> {
        let values = self.values.as_ref()?;
        let wanted = self.count * percent / 100.0;
        let mut seen = 0.0;
        for (value, count) in values {
            seen += count;
            if seen >= wanted {
                return Some(value.0);
            }
        }
        values.last_key_value().map(|(value, _)| value.0)
    }
}
