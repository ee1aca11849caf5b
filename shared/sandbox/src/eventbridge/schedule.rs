//! `rate(5 minutes)` and `cron(0 12 * * ? *)`.

mod cron;
mod days;

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use cron::Cron;

/// When a rule runs. All times are UTC.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    text: String,
    when: When,
}

#[derive(Debug, Clone)]
enum When {
    Every(SignedDuration),
    Cron(Box<Cron>),
}

impl Schedule {
    /// The first time after `last`, for a rule that was enabled at `started`.
    pub(super) fn next(&self, started: Timestamp, last: Timestamp) -> Option<Timestamp> {
        match &self.when {
            When::Every(period) => {
                let periods = last.duration_since(started).as_secs() / period.as_secs() + 1;
                let since = SignedDuration::from_secs(periods.checked_mul(period.as_secs())?);
                started.checked_add(since).ok()
            }
            When::Cron(cron) => cron.next(last),
        }
    }
}

impl FromStr for Schedule {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, inside) = text.strip_suffix(')').and_then(|text| text.split_once('(')).ok_or(())?;
        let when = match kind {
            "rate" => When::Every(rate(inside).ok_or(())?),
            "cron" => When::Cron(Box::new(Cron::parse(inside).ok_or(())?)),
            _ => return Err(()),
        };
        Ok(Self { text: text.to_owned(), when })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One takes the singular, more take the plural.
fn rate(text: &str) -> Option<SignedDuration> {
    let (count, unit) = text.split_once(' ')?;
    let count: u32 = count.parse().ok()?;
    let singular = if count == 1 { unit } else { unit.strip_suffix('s')? };
    let minutes = match singular {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        _ => return None,
    };
    (count > 0).then(|| SignedDuration::from_mins(i64::from(count) * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, from: &str, count: usize) -> Vec<String> {
        let schedule: Schedule = text.parse().unwrap_or_else(|()| panic!("{text}"));
        let started: Timestamp = from.parse().unwrap();
        let mut last = started;
        let next = std::iter::from_fn(|| {
            last = schedule.next(started, last)?;
            Some(last.to_string())
        });
        next.take(count).collect()
    }

    #[test]
    fn rates_count_from_the_start() {
        assert_eq!(
            runs("rate(5 minutes)", "2026-11-24T12:00:30Z", 2),
            ["2026-11-24T12:05:30Z", "2026-11-24T12:10:30Z"]
        );
        assert_eq!(runs("rate(1 day)", "2026-11-24T12:00:00Z", 1), ["2026-11-25T12:00:00Z"]);
        for text in [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(-1 minutes)",
            "rate(1 week)",
            "rate(1)",
            "rate( 5 minutes )",
            " rate(5 minutes)",
            "rate 1",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn cron_runs_as_aws_s_examples_say() {
        let table = [
            ("cron(0 10 * * ? *)", vec!["2026-11-25T10:00:00Z", "2026-11-26T10:00:00Z"]),
            (
                "cron(0 18 ? * MON-FRI *)",
                vec![
                    "2026-11-24T18:00:00Z",
                    "2026-11-25T18:00:00Z",
                    "2026-11-26T18:00:00Z",
                    "2026-11-27T18:00:00Z",
                    "2026-11-30T18:00:00Z",
                ],
            ),
            ("cron(0 8 1 * ? *)", vec!["2026-12-01T08:00:00Z", "2027-01-01T08:00:00Z"]),
            (
                "cron(0/30 20-21 ? * TUE *)",
                vec![
                    "2026-11-24T20:00:00Z",
                    "2026-11-24T20:30:00Z",
                    "2026-11-24T21:00:00Z",
                    "2026-11-24T21:30:00Z",
                    "2026-12-01T20:00:00Z",
                ],
            ),
            (
                "cron(15 10 ? * 6L 2026-2027)",
                vec!["2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z", "2027-01-29T10:15:00Z"],
            ),
            ("cron(0 9 ? * 2#1 *)", vec!["2026-12-07T09:00:00Z", "2027-01-04T09:00:00Z"]),
            ("cron(0 0 L FEB ? *)", vec!["2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"]),
            ("cron(0 0 15W 8,11 ? *)", vec!["2027-08-16T00:00:00Z", "2027-11-15T00:00:00Z"]),
            ("cron(0 0 1W 5 ? *)", vec!["2027-05-03T00:00:00Z"]),
            ("cron(0 0 ? * L *)", vec!["2026-11-28T00:00:00Z"]),
        ];
        for (text, expected) in table {
            assert_eq!(runs(text, "2026-11-24T12:00:00Z", expected.len()), expected, "{text}");
        }
        assert!(runs("cron(0 0 1 1 ? 2020)", "2026-11-24T12:00:00Z", 1).is_empty());
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let table = [
            "* * * * *",
            "* * * * * *",
            "* * ? * ? *",
            "* * 1 * 1 *",
            "60 * * * ? *",
            "* 24 * * ? *",
            "* * 32 * ? *",
            "* * ? * 8 *",
            "* * * * ? 2200",
            "5-1 * * * ? *",
            "*/0 * * * ? *",
            "a * * * ? *",
            "* * ? * 2#6 *",
        ];
        for text in table {
            assert!(format!("cron({text})").parse::<Schedule>().is_err(), "{text}");
        }
    }
}
