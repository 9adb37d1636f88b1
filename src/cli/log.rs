//! The log: lines for people, or a JSON object a line for programs.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Clock;

/// What is told unless `YUNFUSHAN_LOG` says otherwise.
const USUAL: &str = "warn,yunfushan=info,wgpu=error,wgpu_hal=error,naga=error,bevy_egui=error,calloop=error";

/// A line for each request is told by `serve` alone: where server and viewer share a process, their talk is no news.
const WITHOUT_REQUESTS: &str = ",yunfushan::server::observe=warn";

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Begins to write the log to standard error; without a format it is not that of a server.
pub(super) fn begin(format: Option<LogFormat>) {
    let requests = if format.is_some() { "" } else { WITHOUT_REQUESTS };
    let usual = |_not_said| EnvFilter::new(format!("{USUAL}{requests}"));
    let filter = EnvFilter::try_from_env("YUNFUSHAN_LOG").unwrap_or_else(usual);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format.unwrap_or_default() {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.with_ansi(false).event_format(JsonLines).init(),
    }
}

/// One object a line: `time`, `level`, `target`, `message`, the fields of the event, and the span that it is in as `within`.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let mut line = Map::new();
        line.insert("time".to_owned(), Clock::real_now().to_string().into());
        line.insert("level".to_owned(), metadata.level().as_str().into());
        line.insert("target".to_owned(), metadata.target().into());
        if let Some(span) = context.lookup_current() {
            let extensions = span.extensions();
            let said = extensions.get::<FormattedFields<N>>().map(|fields| fields.fields.as_str());
            line.insert("within".to_owned(), format!("{} {}", span.name(), said.unwrap_or_default()).into());
        }
        // What an event calls its fields does not hide what the line begins with.
        for (name, value) in fields.0 {
            line.entry(name).or_insert(value);
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Held(Arc<Mutex<Vec<u8>>>);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a lock").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_is_an_object_with_what_the_event_says() {
        let held = Held::default();
        let writer = held.clone();
        let log = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .event_format(JsonLines)
            .finish();
        tracing::subscriber::with_default(log, || {
            let _span = tracing::info_span!("request", id = "r-1").entered();
            tracing::info!(
                status = 200_u16,
                level = "x",
                caller = None::<&str>,
                "said \"so\"\nover two lines"
            );
        });
        let text = String::from_utf8(held.0.lock().expect("a lock").clone()).expect("UTF-8");
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&line["level"], &line["status"]), (&"INFO".into(), &200.into()));
        assert_eq!(line["message"], "said \"so\"\nover two lines");
        assert_eq!(line["within"], "request id=\"r-1\"");
        assert!(line.get("caller").is_none() && line["time"].is_string());
    }
}
