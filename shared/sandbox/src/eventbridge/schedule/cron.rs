//! Six fields: minutes, hours, day of month, month, day of week, year.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::days::{MonthDays, WeekDays};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
/// EventBridge knows no later year.
const LAST_YEAR: i16 = 2_199;

#[derive(Debug, Clone)]
pub(super) struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Days,
    months: Vec<i16>,
    years: Vec<i16>,
}

/// Only one of the two may say anything; the other is `?`.
#[derive(Debug, Clone)]
enum Days {
    OfMonth(MonthDays),
    OfWeek(WeekDays),
}

impl Cron {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, month_days, months, week_days, years] = fields.as_slice() else { return None };
        let days = match (*month_days, *week_days) {
            ("?", "?") => return None,
            (days, "?") => Days::OfMonth(MonthDays::parse(days)?),
            ("?", days) => Days::OfWeek(WeekDays::parse(days)?),
            _ => return None,
        };
        Some(Self {
            minutes: values(minutes, 0, 59, &[])?,
            hours: values(hours, 0, 23, &[])?,
            days,
            months: values(months, 1, 12, &MONTHS)?,
            years: values(years, 1970, LAST_YEAR, &[])?,
        })
    }

    /// The first minute after `last` that all fields allow.
    pub(super) fn next(&self, last: Timestamp) -> Option<Timestamp> {
        let last = last.to_zoned(TimeZone::UTC).datetime();
        let mut day = last.date();
        while day.year() <= LAST_YEAR {
            if let Some(time) = self.time_on(day, last) {
                return time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
            }
            day = self.day_after(day)?;
        }
        None
    }

    fn time_on(&self, day: Date, last: DateTime) -> Option<DateTime> {
        if !self.years.contains(&day.year())
            || !self.months.contains(&i16::from(day.month()))
            || !self.days.contain(day)
        {
            return None;
        }
        let times = self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
        let times =
            times.filter_map(|(hour, minute)| Some(day.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0)));
        times.into_iter().find(|time| *time > last)
    }

    /// The next day, or the first of the next month or year where nothing in between is allowed.
    fn day_after(&self, day: Date) -> Option<Date> {
        if !self.years.contains(&day.year()) {
            return Date::new(day.year().checked_add(1)?, 1, 1).ok();
        }
        if !self.months.contains(&i16::from(day.month())) {
            return day.first_of_month().checked_add(1.month()).ok();
        }
        day.tomorrow().ok()
    }
}

impl Days {
    fn contain(&self, day: Date) -> bool {
        match self {
            Self::OfMonth(days) => days.contain(day),
            Self::OfWeek(days) => days.contain(day),
        }
    }
}

/// The values that a field allows, in order.
pub(super) fn values(field: &str, low: i16, high: i16, names: &[&str]) -> Option<Vec<i16>> {
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (value(from, low, names)?, value(to, low, names)?),
            None if range == "*" => (low, high),
            // A start with a step goes on to the end of the field.
            None => value(range, low, names).map(|from| (from, if step.is_some() { high } else { from }))?,
        };
        if from > to || from < low || to > high {
            return None;
        }
        all.extend((from..=to).step_by(step.unwrap_or(1)));
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

/// A number, or a name that stands for one.
pub(super) fn value(text: &str, low: i16, names: &[&str]) -> Option<i16> {
    let named = names.iter().zip(low..).find(|(name, _)| name.eq_ignore_ascii_case(text));
    named.map(|(_, value)| value).or_else(|| text.parse().ok())
}
