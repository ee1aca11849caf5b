//! Ordinary log lines.

use tracing_subscriber::EnvFilter;

/// Sends `tracing`'s output to standard output as JSON, one object a line. The level is `RUST_LOG`'s, else Lambda's
/// `AWS_LAMBDA_LOG_LEVEL`, else `info`. Does nothing when a subscriber is set already.
#[expect(clippy::disallowed_methods, reason = "logging is set up before there are settings")]
pub fn init_logging() {
    let level = std::env::var("RUST_LOG").or_else(|_| std::env::var("AWS_LAMBDA_LOG_LEVEL"));
    let filter =
        EnvFilter::try_new(level.unwrap_or_else(|_| "info".to_owned())).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}
