//! Amazon States Language: parse, validate, execute on an injected clock and task executor.
