//! What the functions do. Some are shared with JSONata.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};
use sha2::Digest as _;

use crate::data::EvaluationError;

type Answer = Result<Value, EvaluationError>;

/// AWS's limit for Base64 and hash arguments, in characters.
const TEXT_CHARS: usize = 10_000;
/// AWS's limit for arrays that a function makes.
const ARRAY_ITEMS: i64 = 1_000;

fn bad<T>(cause: impl Into<String>) -> Result<T, EvaluationError> {
    Err(EvaluationError::intrinsic(cause))
}

fn array(args: &[Value], at: usize) -> Result<&Vec<Value>, EvaluationError> {
    args.get(at).and_then(Value::as_array).map_or_else(|| bad(format!("argument {} must be an array", at + 1)), Ok)
}

fn text(args: &[Value], at: usize) -> Result<&str, EvaluationError> {
    args.get(at).and_then(Value::as_str).map_or_else(|| bad(format!("argument {} must be a string", at + 1)), Ok)
}

/// Whole numbers; others are rounded to the nearest, halves up, as AWS does.
fn integer(args: &[Value], at: usize) -> Result<i64, EvaluationError> {
    let value = args.get(at);
    if let Some(whole) = value.and_then(Value::as_i64) {
        return Ok(whole);
    }
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is checked to be finite by JSON itself")]
    value
        .and_then(Value::as_f64)
        .map_or_else(|| bad(format!("argument {} must be a number", at + 1)), |n| Ok((n + 0.5).floor() as i64))
}

/// Text that is JSON. Blank text is `null`, and there is no negative zero, as on AWS.
pub(crate) fn parse(args: &[Value]) -> Answer {
    match text(args, 0)?.trim() {
        "" => return Ok(Value::Null),
        "-0" => return Ok(0.into()),
        _ => {}
    }
    serde_json::from_str(text(args, 0)?).or_else(|e| bad(format!("the string is not JSON: {e}")))
}

/// An array in chunks.
pub(crate) fn partition(args: &[Value]) -> Answer {
    let items = array(args, 0)?;
    match usize::try_from(integer(args, 1)?) {
        Ok(size) if size > 0 => Ok(items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect()),
        _ => bad("the chunk size must be a positive integer"),
    }
}

/// First, last, step.
pub(crate) fn range(args: &[Value]) -> Answer {
    let (first, last, step) = (integer(args, 0)?, integer(args, 1)?, integer(args, 2)?);
    if step == 0 {
        return bad("the increment must not be zero");
    }
    let (from, to) = (i128::from(first), i128::from(last));
    let count = ((to - from) / i128::from(step)).max(-1) + 1;
    let count = if (to - from).signum() * i128::from(step).signum() < 0 { 0 } else { count };
    if count > i128::from(ARRAY_ITEMS) {
        return bad(format!("a range has at most {ARRAY_ITEMS} items"));
    }
    let count = i64::try_from(count).unwrap_or(0);
    Ok((0..count).map(|n| Value::from(first.saturating_add(n.saturating_mul(step)))).collect())
}

/// The hash of a string, as hexadecimal text.
pub(crate) fn hash(args: &[Value]) -> Answer {
    let data = text(args, 0)?;
    if data.chars().count() > TEXT_CHARS {
        return bad(format!("at most {TEXT_CHARS} characters can be hashed"));
    }
    let data = data.as_bytes();
    Ok(Value::String(match text(args, 1)? {
        "MD5" => hex(&md5::Md5::digest(data)),
        "SHA-1" => hex(&<sha1::Sha1 as sha1::Digest>::digest(data)),
        "SHA-256" => hex(&sha2::Sha256::digest(data)),
        "SHA-384" => hex(&sha2::Sha384::digest(data)),
        "SHA-512" => hex(&sha2::Sha512::digest(data)),
        other => return bad(format!("'{other}' is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512")),
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn contains(args: &[Value]) -> Answer {
    Ok(args.get(1).is_some_and(|wanted| array(args, 0).is_ok_and(|items| items.contains(wanted))).into())
        .and_then(|found| array(args, 0).map(|_| found))
}

pub(super) fn item(args: &[Value]) -> Answer {
    let index = usize::try_from(integer(args, 1)?);
    let found = index.ok().and_then(|index| args.first()?.get(index));
    array(args, 0)?;
    found.cloned().map_or_else(|| bad("the index is outside of the array"), Ok)
}

pub(super) fn length(args: &[Value]) -> Answer {
    Ok(array(args, 0)?.len().into())
}

pub(super) fn unique(args: &[Value]) -> Answer {
    let mut found: Vec<Value> = Vec::new();
    for item in array(args, 0)? {
        if !found.contains(item) {
            found.push(item.clone());
        }
    }
    Ok(Value::Array(found))
}

pub(super) fn base64_encode(args: &[Value]) -> Answer {
    let data = text(args, 0)?;
    if data.chars().count() > TEXT_CHARS {
        return bad(format!("at most {TEXT_CHARS} characters can be encoded"));
    }
    Ok(STANDARD.encode(data).into())
}

pub(super) fn base64_decode(args: &[Value]) -> Answer {
    let data = text(args, 0)?;
    if data.chars().count() > TEXT_CHARS {
        return bad(format!("at most {TEXT_CHARS} characters can be decoded"));
    }
    let bytes = STANDARD.decode(data).or_else(|e| bad(format!("the string is not Base64: {e}")))?;
    String::from_utf8(bytes).map(Value::String).or_else(|_| bad("the bytes are not UTF-8"))
}

/// Two objects; members of the second win. AWS has the shallow mode only.
pub(super) fn merge(args: &[Value]) -> Answer {
    let object = |at: usize| args.get(at).and_then(Value::as_object);
    match (object(0), object(1), args.get(2)) {
        (Some(first), Some(second), Some(Value::Bool(false))) => {
            let mut merged: Map<String, Value> = first.clone();
            merged.extend(second.clone());
            Ok(Value::Object(merged))
        }
        (Some(_), Some(_), Some(Value::Bool(true))) => bad("deep merging is not supported"),
        (Some(_), Some(_), _) => bad("argument 3 must be a boolean"),
        _ => bad("arguments 1 and 2 must be objects"),
    }
}

/// From the first number on, up to but not including the second; the third is a seed.
pub(super) fn random(args: &[Value], draw: impl FnOnce() -> u64) -> Answer {
    let (start, end) = (integer(args, 0)?, integer(args, 1)?);
    let draw = match args.get(2) {
        Some(seed) => mix(seed.as_f64().map_or_else(|| bad("the seed must be a number"), |n| Ok(n.to_bits()))?),
        None => draw(),
    };
    match end.checked_sub(start).and_then(|width| u64::try_from(width).ok()) {
        Some(width) if width > 0 => Ok((start + i64::try_from(draw % width).unwrap_or(0)).into()),
        _ => bad("the end must be greater than the start"),
    }
}

pub(super) fn add(args: &[Value]) -> Answer {
    let sum = integer(args, 0)?.checked_add(integer(args, 1)?);
    sum.map_or_else(|| bad("the sum is too large"), |n| Ok(Value::Number(Number::from(n))))
}

/// Splits at any of the second argument's characters; empty pieces are left out, as AWS does.
pub(super) fn split(args: &[Value]) -> Answer {
    let (whole, separators) = (text(args, 0)?, text(args, 1)?);
    let pieces = whole.split(|c| separators.contains(c)).filter(|piece| !piece.is_empty());
    Ok(pieces.map(Value::from).collect())
}

/// SplitMix64's finisher: a seed to a well spread number.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Two numbers as sixteen bytes.
pub(crate) fn wide(high: u64, low: u64) -> [u8; 16] {
    ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
}
