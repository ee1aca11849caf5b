//! The units of metrics.

/// In the order in which CloudWatch prefers them, where a query asks for none and there are several.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html>
const UNITS: [&str; 27] = [
    "Megabits",
    "Terabits",
    "Gigabits",
    "Count",
    "Bytes",
    "Gigabytes",
    "Gigabytes/Second",
    "Kilobytes",
    "Kilobits/Second",
    "Terabytes",
    "Terabits/Second",
    "Bytes/Second",
    "Percent",
    "Megabytes",
    "Megabits/Second",
    "Milliseconds",
    "Microseconds",
    "Kilobytes/Second",
    "Gigabits/Second",
    "Megabytes/Second",
    "Bits",
    "Bits/Second",
    "Count/Second",
    "Seconds",
    "Kilobits",
    "Terabytes/Second",
    NONE,
];

/// The unit of a metric that has none.
pub(super) const NONE: &str = "None";

/// A unit, as its place in CloudWatch's own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit(usize);

impl Unit {
    pub(super) fn parse(text: &str) -> Option<Self> {
        UNITS.iter().position(|unit| *unit == text).map(Self)
    }

    pub(super) fn as_str(self) -> &'static str {
        UNITS.get(self.0).copied().unwrap_or(NONE)
    }

    /// All of them, as a validation error lists them.
    pub(super) fn all() -> String {
        UNITS.join(", ")
    }
}

impl Default for Unit {
    fn default() -> Self {
        Self(UNITS.len() - 1)
    }
}
