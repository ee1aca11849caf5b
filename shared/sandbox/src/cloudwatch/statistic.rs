//! The statistics that can be asked for.

use super::stats::Stats;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    Percentile(f64),
}

impl Statistic {
    /// `Sum`, `p99.9`. Trimmed means and the like are not here.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => {
                let percent = text.strip_prefix('p').filter(|text| text.starts_with(|c: char| c.is_ascii_digit()))?;
                Self::Percentile(percent.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))?)
            }
        })
    }

    pub(super) fn of(self, stats: &Stats) -> Option<f64> {
        Some(match self {
            Self::SampleCount => stats.count,
            Self::Average => stats.sum / stats.count,
            Self::Sum => stats.sum,
            Self::Minimum => stats.minimum,
            Self::Maximum => stats.maximum,
            Self::Percentile(percent) => return stats.percentile(percent),
        })
    }
}
