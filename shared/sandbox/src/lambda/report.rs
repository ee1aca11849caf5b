//! What Lambda itself writes about an invocation
//! ([log formats](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html), records as in the
//! [Telemetry API](https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html)).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::environment::End;
use super::logging::LogWriter;
use super::spec::{FunctionSpec, LogFormat, LogLevel};
use crate::wire::{json_text, set_member};

/// Writes an invocation's platform lines.
pub(super) struct Reporter<'a> {
    pub(super) spec: &'a FunctionSpec,
    pub(super) log: &'a LogWriter,
    pub(super) request_id: &'a str,
    pub(super) version: &'a str,
}

/// What an invocation took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) duration: Duration,
    /// A cold start's initialization.
    pub(super) init: Option<Duration>,
    pub(super) memory_mb: u64,
}

impl Usage {
    /// Initialization is billed too
    /// ([since August 2025](https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/)).
    fn billed_ms(&self) -> u64 {
        let total = self.duration + self.init.unwrap_or_default();
        u64::try_from(total.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}

/// As Lambda writes times: milliseconds and a `Z`.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

impl Reporter<'_> {
    pub(super) fn start(&self) {
        match self.spec.log_format {
            LogFormat::Text => self.log.line(format!("START RequestId: {} Version: {}", self.request_id, self.version)),
            LogFormat::Json if self.writes(LogLevel::Info) => {
                let record = json!({ "requestId": self.request_id, "version": self.version });
                self.json(LogLevel::Info, "platform.start", &record);
            }
            LogFormat::Json => {}
        }
    }

    /// The end, and the bill.
    pub(super) fn end(&self, end: &End, usage: Usage) {
        match self.spec.log_format {
            LogFormat::Text => self.end_text(end, usage),
            LogFormat::Json => self.end_json(end, usage),
        }
    }

    fn end_text(&self, end: &End, usage: Usage) {
        let Self { spec, log, request_id, .. } = self;
        if let End::Timeout(_) = end {
            let at = time(log.cloud().clock().now());
            log.line(format!("{at} {request_id} Task timed out after {:.2} seconds", spec.timeout.as_secs_f64()));
        }
        if let End::Exit(exit) = end {
            log.line(format!("RequestId: {request_id} Error: {exit}"));
            log.line("Runtime.ExitError");
        }
        log.line(format!("END RequestId: {request_id}"));
        let mut line = format!(
            "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory \
             Used: {} MB\t",
            ms(usage.duration),
            usage.billed_ms(),
            spec.memory_mb,
            usage.memory_mb,
        );
        if let Some(init) = usage.init {
            line.push_str(&format!("Init Duration: {:.2} ms\t", ms(init)));
        }
        match end {
            End::Timeout(_) => line.push_str("Status: timeout"),
            End::Exit(_) => line.push_str("Status: error\tError Type: Runtime.ExitError"),
            End::Response(_) | End::Error(_) => {}
        }
        log.line(line);
    }

    fn end_json(&self, end: &End, usage: Usage) {
        let level = if end.status() == "success" { LogLevel::Info } else { LogLevel::Warn };
        if !self.writes(level) {
            return;
        }
        let mut metrics = json!({
            "durationMs": ms(usage.duration),
            "billedDurationMs": usage.billed_ms(),
            "memorySizeMB": self.spec.memory_mb,
            "maxMemoryUsedMB": usage.memory_mb,
        });
        if let Some(init) = usage.init {
            set_member(&mut metrics, "initDurationMs", ms(init));
        }
        let mut record = json!({ "requestId": self.request_id, "metrics": metrics });
        set_member(&mut record, "status", end.status());
        if let Some(kind) = end.error_type() {
            set_member(&mut record, "errorType", kind);
        }
        let done_level = if level == LogLevel::Info { LogLevel::Debug } else { level };
        if self.writes(done_level) {
            let mut done = record.clone();
            let produced = end.payload(self.request_id).len();
            set_member(&mut done, "metrics", json!({ "durationMs": ms(usage.duration), "producedBytes": produced }));
            self.json(done_level, "platform.runtimeDone", &done);
        }
        self.json(level, "platform.report", &record);
    }

    /// An initialization that failed: on its own (phase `init`), or as part of the invocation (`invoke`).
    pub(super) fn init_failed(&self, phase: &str, took: Duration, kind: &str, reason: &str) {
        let status = if kind == "Sandbox.Timedout" { "timeout" } else { "error" };
        match self.spec.log_format {
            LogFormat::Text => {
                self.log.line(reason);
                let error = if status == "error" { format!("\tError Type: {kind}") } else { String::new() };
                let took = ms(took);
                self.log
                    .line(format!("INIT_REPORT Init Duration: {took:.2} ms\tPhase: {phase}\tStatus: {status}{error}"));
            }
            LogFormat::Json => {
                let record = json!({
                    "initializationType": "on-demand",
                    "phase": phase,
                    "status": status,
                    "errorType": kind,
                    "errorMessage": reason,
                    "metrics": { "durationMs": ms(took) },
                });
                self.json(LogLevel::Warn, "platform.initReport", &record);
            }
        }
    }

    fn writes(&self, level: LogLevel) -> bool {
        level >= self.spec.system_log_level
    }

    fn json(&self, level: LogLevel, kind: &str, record: &Value) {
        if self.writes(level) {
            let at = time(self.log.cloud().clock().now());
            self.log.line(json_text(&json!({ "time": at, "type": kind, "record": record })));
        }
    }
}
