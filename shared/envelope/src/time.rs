//! Times as they are written.

use std::io::Write as _;

use jiff::Timestamp;

const DAY: u64 = 24 * 60 * 60;

/// Adds a time as RFC 3339 has it: in UTC, and always with nine digits of fraction, so that text order is time order.
pub fn write_time(time: Timestamp, text: &mut Vec<u8>) {
    let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(time.as_second()), u64::try_from(time.subsec_nanosecond()))
    else {
        // Before 1970. Writing to memory does not fail.
        let _ = write!(text, "{time:.9}");
        return;
    };
    let (year, month, day) = date(seconds / DAY);
    let second = seconds % DAY;
    let mut put = |after: u8, digits: &[u8]| {
        text.extend_from_slice(digits);
        text.push(after);
    };
    put(b'-', &digits::<4>(year));
    put(b'-', &digits::<2>(month));
    put(b'T', &digits::<2>(day));
    put(b':', &digits::<2>(second / 3600));
    put(b':', &digits::<2>(second / 60 % 60));
    put(b'.', &digits::<2>(second % 60));
    put(b'Z', &digits::<9>(nanoseconds));
}

/// Year, month and day of a day counted from 1970, in the Gregorian calendar: in a year that begins in March, the months' lengths repeat every
/// five months, and the leap day is the last day. See
/// [the algorithm](https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
fn date(day: u64) -> (u64, u64, u64) {
    let since_zero = day + 719_468;
    let (era, day_of_era) = (since_zero / 146_097, since_zero % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// A number in so many digits.
fn digits<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(time: Timestamp) -> String {
        let mut text = Vec::new();
        write_time(time, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn every_day_there_is_has_its_date() {
        let (mut time, day) = (Timestamp::UNIX_EPOCH, jiff::SignedDuration::from_hours(24));
        while let Ok(next) = time.checked_add(day) {
            assert_eq!(written(time), format!("{time:.9}"));
            time = next;
        }
        for time in [Timestamp::MIN, Timestamp::MAX, Timestamp::from_nanosecond(-1).unwrap()] {
            assert_eq!(written(time), format!("{time:.9}"));
        }
    }

    proptest! {
        #[test]
        fn a_time_is_written_as_jiff_writes_it(second in -62_000_000_000_i64..253_402_207_200, nano in 0..1_000_000_000) {
            let time = Timestamp::new(second, nano).unwrap();
            prop_assert_eq!(written(time), format!("{time:.9}"));
        }
    }
}
