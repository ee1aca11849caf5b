//! The functions that Step Functions adds to JSONata, and those it changes.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn>

use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;
use serde_json::Value;

use crate::data::{Data, EvaluationError};
use crate::intrinsic::functions as shared;

pub(super) fn register(evaluator: &mut Evaluator, data: Data<'_>) -> Result<(), EvaluatorError> {
    // Random choices are drawn now: host functions must be `'static`, and the source of randomness is borrowed.
    let seed = data.random.next();
    let draws = std::cell::Cell::new(seed);
    evaluator.register_fn_override("random", move |args: &[JValue]| {
        let unit = match args.first().and_then(JValue::as_f64) {
            Some(seed) => crate::execute::unit(shared::mix(seed.to_bits())),
            None => crate::execute::unit(step(&draws)),
        };
        Ok(JValue::from(unit))
    })?;
    let draws = std::cell::Cell::new(data.random.next());
    evaluator.register_fn("uuid", move |_: &[JValue]| {
        let id = uuid::Builder::from_random_bytes(shared::wide(step(&draws), step(&draws))).into_uuid();
        Ok(JValue::from(id.to_string()))
    })?;
    evaluator.register_fn("partition", |args: &[JValue]| host(args, shared::partition))?;
    // A range of one number is that number, as JSONata's sequences are.
    evaluator.register_fn("range", |args: &[JValue]| {
        host(args, |args| {
            let mut range = shared::range(args)?;
            match range.as_array_mut() {
                Some(items) if items.len() == 1 => Ok(items.pop().unwrap_or_default()),
                _ => Ok(range),
            }
        })
    })?;
    evaluator.register_fn("hash", |args: &[JValue]| host(args, shared::hash))?;
    evaluator.register_fn("parse", |args: &[JValue]| host(args, shared::parse))?;
    evaluator.register_fn_override("eval", |_: &[JValue]| {
        Err(EvaluatorError::EvaluationError("$eval is not available; use $parse".into()))
    })
}

/// One more draw from a sequence that one number starts.
fn step(draws: &std::cell::Cell<u64>) -> u64 {
    draws.set(draws.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
    shared::mix(draws.get())
}

fn host(
    args: &[JValue],
    function: impl Fn(&[Value]) -> Result<Value, EvaluationError>,
) -> Result<JValue, EvaluatorError> {
    let bad = |message: String| EvaluatorError::EvaluationError(message);
    let mut values = Vec::new();
    for arg in args {
        let text = arg.to_json_string().map_err(|e| bad(e.to_string()))?;
        values.push(serde_json::from_str(&text).map_err(|e: serde_json::Error| bad(e.to_string()))?);
    }
    function(&values).map(JValue::from).map_err(|e| bad(e.cause))
}
