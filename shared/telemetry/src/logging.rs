//! Ordinary log lines.

use std::sync::Arc;

use serde_json::{Map, Value};
use throughline_envelope::Ambient;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::fields;
use crate::sink::{Sink, Stdout};

/// Sends `tracing`'s output to standard output as JSON, one object a line. The level is `RUST_LOG`'s, else Lambda's
/// `AWS_LAMBDA_LOG_LEVEL`, else `info`; for one target another by `info,target=debug`. Does nothing when a subscriber is set already.
#[expect(clippy::disallowed_methods, reason = "logging is set up before there are settings")]
pub fn init_logging() {
    let level = std::env::var("RUST_LOG").or_else(|_| std::env::var("AWS_LAMBDA_LOG_LEVEL"));
    let info = Targets::new().with_default(LevelFilter::INFO);
    let filter = level.ok().and_then(|level| level.parse().ok()).unwrap_or(info);
    let logs = JsonLogs::to(Arc::new(Stdout), &Ambient::system());
    let _ = Registry::default().with(filter).with(logs).try_init();
}

/// Writes log lines as flat JSON objects: the time, the level, the message, the line's own fields, and those of the spans it is
/// in. So a line that is written while an event is handled has the event's id, its correlation id, the function, the attempt
/// and the stage on its top level, under the names that journal lines have for them.
pub struct JsonLogs {
    sink: Arc<dyn Sink>,
    ambient: Ambient,
}

impl JsonLogs {
    /// Log lines to any sink.
    #[must_use]
    pub fn to(sink: Arc<dyn Sink>, ambient: &Ambient) -> Self {
        Self { sink, ambient: ambient.clone() }
    }
}

/// The fields of a span, kept with it. There are spans for every event, and seldom a line in one.
struct SpanFields(Vec<(&'static str, Value)>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLogs {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut found = Fields::default();
        attributes.record(&mut found);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(found.0));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut found = Fields::default();
        values.record(&mut found);
        if let Some(span) = context.span(id)
            && let Some(SpanFields(known)) = span.extensions_mut().get_mut()
        {
            found.0.into_iter().for_each(|(name, value)| set(known, name, value));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        line.insert(fields::TIME.to_owned(), format!("{:.9}", self.ambient.now()).into());
        line.insert(fields::LEVEL.to_owned(), event.metadata().level().as_str().into());
        let mut own = Fields::default();
        event.record(&mut own);
        // As it always was: the last field comes in its place.
        let message = own.0.iter().position(|(name, _)| *name == MESSAGE).map(|at| own.0.swap_remove(at));
        line.extend(message.map(named));
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(SpanFields(known)) = span.extensions().get() {
                line.extend(known.iter().cloned().map(named));
            }
        }
        line.extend(own.0.into_iter().map(named));
        line.insert("target".to_owned(), event.metadata().target().into());
        // The field that marks a journal line is the journal's alone.
        line.remove(fields::JOURNAL);
        self.sink.line(&Value::Object(line).to_string());
    }
}

impl std::fmt::Debug for JsonLogs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonLogs").finish_non_exhaustive()
    }
}

/// The name that `tracing` has for what a line says.
const MESSAGE: &str = "message";

#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        set(&mut self.0, field.name(), value.into());
    }
}

/// Sets a field: in its place, where it is there.
fn set(fields: &mut Vec<(&'static str, Value)>, name: &'static str, value: Value) {
    match fields.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => fields.push((name, value)),
    }
}

fn named((name, value): (&'static str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
}
