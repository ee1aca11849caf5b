//! The two ways to say which days: of the month, and of the week.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::cron::{value, values};

const WEEK: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

#[derive(Debug, Clone)]
pub(super) enum MonthDays {
    On(Vec<i16>),
    Last,
    /// The last Monday to Friday.
    LastWeekday,
    /// The Monday to Friday that is nearest to a day, in the same month.
    NearestWeekday(i8),
}

impl MonthDays {
    pub(super) fn parse(field: &str) -> Option<Self> {
        match (field, field.strip_suffix('W')) {
            ("L", _) => Some(Self::Last),
            ("LW", _) => Some(Self::LastWeekday),
            (_, Some(day)) => day.parse().ok().filter(|day| (1..=31).contains(day)).map(Self::NearestWeekday),
            _ => values(field, 1, 31, &[]).map(Self::On),
        }
    }

    pub(super) fn contain(&self, day: Date) -> bool {
        match self {
            Self::On(days) => days.contains(&i16::from(day.day())),
            Self::Last => day == day.last_of_month(),
            Self::LastWeekday => Some(day) == back_to_weekday(day.last_of_month()),
            Self::NearestWeekday(wanted) => Some(day) == nearest_weekday(day, *wanted),
        }
    }
}

fn back_to_weekday(day: Date) -> Option<Date> {
    let back = match day.weekday() {
        Weekday::Saturday => 1,
        Weekday::Sunday => 2,
        _ => 0,
    };
    day.checked_sub(back.days()).ok()
}

/// A month without the day has no nearest one.
fn nearest_weekday(in_month: Date, day: i8) -> Option<Date> {
    let wanted = Date::new(in_month.year(), in_month.month(), day).ok()?;
    let shift = match wanted.weekday() {
        Weekday::Saturday if day == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if wanted == wanted.last_of_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    wanted.checked_add(shift.days()).ok()
}

#[derive(Debug, Clone)]
pub(super) enum WeekDays {
    /// Days counted from Sunday, which is 1.
    On(Vec<i16>),
    /// The last such day of the month.
    Last(i16),
    /// Such a day for the n-th time in the month.
    Nth(i16, i8),
}

impl WeekDays {
    pub(super) fn parse(field: &str) -> Option<Self> {
        let day = |text| value(text, 1, &WEEK).filter(|day| (1..=7).contains(day));
        if field == "L" {
            return Some(Self::On(vec![7]));
        }
        if let Some((text, nth)) = field.split_once('#') {
            let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
            return day(text).map(|day| Self::Nth(day, nth));
        }
        match field.strip_suffix('L') {
            Some(text) => day(text).map(Self::Last),
            None => values(field, 1, 7, &WEEK).map(Self::On),
        }
    }

    pub(super) fn contain(&self, day: Date) -> bool {
        let of_week = i16::from(day.weekday().to_sunday_one_offset());
        match self {
            Self::On(days) => days.contains(&of_week),
            Self::Last(wanted) => of_week == *wanted && day.day() > day.days_in_month() - 7,
            Self::Nth(wanted, nth) => of_week == *wanted && (day.day() - 1) / 7 + 1 == *nth,
        }
    }
}
