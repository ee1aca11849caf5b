//! Intrinsic functions.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>

mod format;
pub(crate) mod functions;
mod parse;

use serde_json::Value;
use uuid::Builder;

use crate::data::{Data, EvaluationError};
use crate::path::Path;

/// A call: `States.Format('order {}', $.id)`.
#[derive(Debug, Clone)]
pub(crate) struct Intrinsic {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone)]
enum Argument {
    Literal(Value),
    Path(Path),
    Call(Intrinsic),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Format" => Self::Format,
            "StringToJson" => Self::StringToJson,
            "JsonToString" => Self::JsonToString,
            "Array" => Self::Array,
            "ArrayPartition" => Self::ArrayPartition,
            "ArrayContains" => Self::ArrayContains,
            "ArrayRange" => Self::ArrayRange,
            "ArrayGetItem" => Self::ArrayGetItem,
            "ArrayLength" => Self::ArrayLength,
            "ArrayUnique" => Self::ArrayUnique,
            "Base64Encode" => Self::Base64Encode,
            "Base64Decode" => Self::Base64Decode,
            "Hash" => Self::Hash,
            "JsonMerge" => Self::JsonMerge,
            "MathRandom" => Self::MathRandom,
            "MathAdd" => Self::MathAdd,
            "StringSplit" => Self::StringSplit,
            "UUID" => Self::Uuid,
            _ => return None,
        })
    }

    /// The least and the most arguments.
    fn arity(self) -> (usize, usize) {
        match self {
            Self::Uuid => (0, 0),
            Self::Array => (0, usize::MAX),
            Self::Format => (1, usize::MAX),
            Self::StringToJson | Self::JsonToString | Self::ArrayLength | Self::ArrayUnique => (1, 1),
            Self::Base64Encode | Self::Base64Decode => (1, 1),
            Self::ArrayPartition | Self::ArrayContains | Self::ArrayGetItem => (2, 2),
            Self::Hash | Self::MathAdd | Self::StringSplit => (2, 2),
            Self::MathRandom => (2, 3),
            Self::ArrayRange | Self::JsonMerge => (3, 3),
        }
    }
}

impl Intrinsic {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse::parse(text)
    }

    /// Calls it. Calls nest no deeper than [`parse::DEPTH`].
    pub(crate) fn call(&self, data: Data<'_>) -> Result<Value, EvaluationError> {
        let mut values = Vec::new();
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => value.clone(),
                Argument::Call(call) => call.call(data)?,
                Argument::Path(path) => path.require(data)?,
            });
        }
        self.apply(&values, data).map_err(|e| EvaluationError { cause: format!("{}: {}", self.text, e.cause), ..e })
    }

    fn apply(&self, args: &[Value], data: Data<'_>) -> Result<Value, EvaluationError> {
        match self.function {
            Function::Format => format::format(args),
            Function::StringToJson => functions::parse(args),
            Function::JsonToString => Ok(args.first().map(ToString::to_string).into()),
            Function::Array => Ok(Value::Array(args.to_vec())),
            Function::ArrayPartition => functions::partition(args),
            Function::ArrayContains => functions::contains(args),
            Function::ArrayRange => functions::range(args),
            Function::ArrayGetItem => functions::item(args),
            Function::ArrayLength => functions::length(args),
            Function::ArrayUnique => functions::unique(args),
            Function::Base64Encode => functions::base64_encode(args),
            Function::Base64Decode => functions::base64_decode(args),
            Function::Hash => functions::hash(args),
            Function::JsonMerge => functions::merge(args),
            Function::MathRandom => functions::random(args, || data.random.next()),
            Function::MathAdd => functions::add(args),
            Function::StringSplit => functions::split(args),
            Function::Uuid => {
                let bytes = functions::wide(data.random.next(), data.random.next());
                Ok(Builder::from_random_bytes(bytes).into_uuid().to_string().into())
            }
        }
    }
}
