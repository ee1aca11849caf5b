//! Numbers as patterns compare them.

use std::fmt;

/// EventBridge compares numbers between -5.0e9 and 5.0e9 only.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-numeric-matching>
const LIMIT: f64 = 5.0e9;

/// A number that patterns can compare: within the limits and exact in a double.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Number(f64);

impl Number {
    /// Reads a JSON number.
    ///
    /// # Errors
    /// Why it cannot be compared, in AWS's words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let value: f64 = text.parse().map_err(|_| format!("Cannot compare number : {text}"))?;
        if !value.is_finite() || Decimal::read(&format!("{value:e}")) != Decimal::read(text) {
            return Err(format!("Cannot compare number : {text}"));
        }
        if value.abs() > LIMIT {
            return Err(format!("Value must be between {:.1e} and {LIMIT:.1e}, inclusive", -LIMIT));
        }
        // Minus zero and zero are one number.
        Ok(Self(value + 0.0))
    }

    /// The number of an event's field, when it can be compared.
    pub(crate) fn of(number: &serde_json::Number) -> Option<Self> {
        Self::parse(&number.to_string()).ok()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    pub(crate) value: Number,
    pub(crate) inclusive: bool,
}

/// What `numeric` asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Numeric {
    Equal(Number),
    Range { bottom: Option<Bound>, top: Option<Bound> },
}

impl Numeric {
    pub(crate) fn between(bottom: Bound, top: Bound) -> Result<Self, &'static str> {
        if bottom.value >= top.value {
            return Err("Bottom must be less than top");
        }
        Ok(Self::Range { bottom: Some(bottom), top: Some(top) })
    }

    pub(crate) fn matches(&self, found: Number) -> bool {
        match self {
            Self::Equal(wanted) => *wanted == found,
            Self::Range { bottom, top } => {
                bottom.is_none_or(|b| found > b.value || (b.inclusive && found == b.value))
                    && top.is_none_or(|t| found < t.value || (t.inclusive && found == t.value))
            }
        }
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(value) => write!(f, r#"["=",{value}]"#),
            Self::Range { bottom, top } => {
                let bottom = bottom.map(|b| format!(r#""{}",{}"#, if b.inclusive { ">=" } else { ">" }, b.value));
                let top = top.map(|t| format!(r#""{}",{}"#, if t.inclusive { "<=" } else { "<" }, t.value));
                let parts: Vec<String> = bottom.into_iter().chain(top).collect();
                write!(f, "[{}]", parts.join(","))
            }
        }
    }
}

/// A decimal number's digits and the power of ten of the first, without zeros at either end: equal decimals are equal.
#[derive(Debug, PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.parse().unwrap_or(i64::MAX / 2);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading = all.len() - significant.len();
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        let exponent = exponent.saturating_add(whole.len() as i64).saturating_sub(leading as i64);
        Self { negative, digits, exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        for text in ["300", "300.0", "3e2", "3.00E+2", "0.3e3"] {
            assert_eq!(Number::parse(text), Number::parse("300"), "{text}");
        }
        assert_eq!(Number::parse("-0"), Number::parse("0.0"));
    }

    #[test]
    fn what_a_double_or_eventbridge_cannot_hold_is_refused() {
        assert_eq!(
            Number::parse("0.30000000000000000000001"),
            Err("Cannot compare number : 0.30000000000000000000001".into())
        );
        assert!(Number::parse("5000000001").is_err());
        assert!(Number::parse("5.0e9").is_ok());
        assert!(Number::parse("1e999").is_err());
    }
}
