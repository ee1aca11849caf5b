//! The part of CBOR ([RFC 8949](https://www.rfc-editor.org/rfc/rfc8949)) that Smithy's RPC protocol uses. It is small, and how AWS
//! writes it matters: lists and maps without a length, numbers as doubles, times as tagged doubles.

use serde_json::{Map, Value};

use super::is_time_member;

/// Anything nested deeper is refused.
const DEEPEST: usize = 64;
const BREAK: u8 = 0xff;

/// Writes an answer.
pub(super) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value, false);
    out
}

fn put(out: &mut Vec<u8>, value: &Value, is_time: bool) {
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(flag) => out.push(if *flag { 0xf5 } else { 0xf4 }),
        Value::Number(number) => {
            if is_time {
                out.push(0xc1);
            }
            out.push(0xfb);
            out.extend(number.as_f64().unwrap_or_default().to_be_bytes());
        }
        Value::String(text) => put_text(out, text),
        Value::Array(items) => {
            out.push(0x9f);
            items.iter().for_each(|item| put(out, item, is_time));
            out.push(BREAK);
        }
        Value::Object(members) => {
            out.push(0xbf);
            for (name, member) in members {
                put_text(out, name);
                put(out, member, is_time_member(name));
            }
            out.push(BREAK);
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    match u8::try_from(text.len()) {
        Ok(length @ 0..24) => out.push(0x60 | length),
        Ok(length) => out.extend([0x78, length]),
        Err(_) => {
            out.push(0x7b);
            out.extend((text.len() as u64).to_be_bytes());
        }
    }
    out.extend(text.as_bytes());
}

/// Reads a request. `None` when it is not CBOR, or more than JSON can hold.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { rest: bytes, depth: 0 };
    let value = reader.value()?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

/// The first byte of an item: its major type and what follows.
struct Head {
    major: u8,
    info: u8,
    argument: u64,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn head(&mut self) -> Option<Head> {
        let first = *self.take(1)?.first()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..24 => u64::from(info),
            24..28 => self.take(1 << (info - 24))?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
            31 => 0,
            _ => return None,
        };
        Some(Head { major, info, argument })
    }

    fn value(&mut self) -> Option<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let head = self.head()?;
        let value = match head.major {
            0 => head.argument.into(),
            1 => (-1 - i64::try_from(head.argument).ok()?).into(),
            3 => self.text(&head)?.into(),
            4 => self.items(&head, Self::value)?.into(),
            5 => Value::Object(self.items(&head, Self::member)?.into_iter().collect::<Map<_, _>>()),
            // A tag says what kind of value follows: for times, seconds since 1970.
            6 => self.value()?,
            7 => simple(&head)?,
            _ => return None,
        };
        self.depth -= 1;
        Some(value)
    }

    fn member(&mut self) -> Option<(String, Value)> {
        let head = self.head().filter(|head| head.major == 3)?;
        Some((self.text(&head)?, self.value()?))
    }

    /// As many items as the head says, or all until the break.
    fn items<T>(&mut self, head: &Head, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        let mut left = (head.info != 31).then_some(head.argument);
        loop {
            match &mut left {
                Some(0) => return Some(items),
                Some(left) => *left -= 1,
                None if self.rest.first() == Some(&BREAK) => {
                    self.take(1)?;
                    return Some(items);
                }
                None => {}
            }
            items.push(item(self)?);
        }
    }

    fn text(&mut self, head: &Head) -> Option<String> {
        if head.info == 31 {
            let whole = Head { major: 4, info: 31, argument: 0 };
            let chunk = |reader: &mut Self| {
                let head = reader.head().filter(|head| head.major == 3 && head.info != 31)?;
                reader.text(&head)
            };
            return self.items(&whole, chunk).map(|chunks| chunks.concat());
        }
        let bytes = self.take(usize::try_from(head.argument).ok()?)?;
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

fn simple(head: &Head) -> Option<Value> {
    Some(match head.info {
        20 => false.into(),
        21 => true.into(),
        22 | 23 => Value::Null,
        25 => half(head.argument).into(),
        26 => f64::from(f32::from_bits(u32::try_from(head.argument).ok()?)).into(),
        27 => f64::from_bits(head.argument).into(),
        _ => return None,
    })
}

/// A number of sixteen bits: sign, five bits of exponent, ten of fraction.
fn half(bits: u64) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::try_from(bits >> 10 & 0x1f).unwrap_or_default();
    let fraction = f64::from(u16::try_from(bits & 0x3ff).unwrap_or_default());
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let long = "x".repeat(300);
        let value = json!({"Id": "a", "Values": [1.0, -0.5], "Label": long, "Timestamps": [1.0], "Empty": [], "None": null, "Yes": true});
        assert_eq!(read(&write(&value)), Some(value));
    }

    #[test]
    fn times_are_tagged_doubles_in_lists_without_a_length() {
        let bytes = write(&json!({"Timestamps": [1_765_977_780.0]}));
        assert!(bytes.windows(4).any(|window| window == [0x9f, 0xc1, 0xfb, 0x41]));
    }

    #[test]
    fn every_form_of_a_number_is_read() {
        let table: [(&[u8], Value); 9] = [
            (&[0x17], json!(23)),
            (&[0x18, 0x64], json!(100)),
            (&[0x19, 0x03, 0xe8], json!(1_000)),
            (&[0x20], json!(-1)),
            (&[0x39, 0x03, 0xe7], json!(-1_000)),
            (&[0xf9, 0x3e, 0x00], json!(1.5)),
            (&[0xf9, 0x00, 0x01], json!(5.960_464_477_539_063e-8)),
            (&[0xfa, 0x47, 0xc3, 0x50, 0x00], json!(100_000.0)),
            (&[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0], json!(1_363_896_240)),
        ];
        for (bytes, value) in table {
            assert_eq!(read(bytes), Some(value), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_not_cbor_is_not_read() {
        let deep = [0x81; 1_000];
        let table: [&[u8]; 7] = [&[], &[0x62, 0x61], &[0x9f, 0x01], &[0xa1, 0x01, 0x02], &[0x1c], &[0x01, 0x02], &deep];
        for bytes in table {
            assert_eq!(read(bytes), None, "{bytes:02x?}");
        }
    }
}
