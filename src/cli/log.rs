//! The program's log, on standard error: a line an event.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::options::LogFormat;

/// Dependencies that, at their loudest, write down what people ask for or send.
const INDISCREET: &[&str] = &["tungstenite", "warp"];

/// Starts logging. `level` is one that the command line has checked.
pub fn start(level: &str, format: LogFormat) {
    let quietly = |filter: EnvFilter, module: &&str| {
        filter.add_directive(format!("{module}=warn").parse().expect("a module and a level"))
    };
    let filter = INDISCREET.iter().fold(EnvFilter::builder().parse_lossy(level), quietly);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(true).with_span_list(false).init(),
    }
    // A panic is an event like any other: one line, and in the format asked for.
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic: {text}");
    }));
}
