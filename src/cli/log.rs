//! The program's log, on standard error: one line per event. A separate thread writes it, so that no request waits for
//! a slow reader of the log: then lines are dropped, and a later line says how many.

use std::io::{self, BufWriter, IsTerminal, Stderr, Write};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use super::options::LogFormat;

/// Dependencies that log what people request or send, at their more detailed levels.
const MUTED_TARGETS: &[&str] = &["tungstenite", "warp"];

/// Lines that may wait to be written.
const MAX_WAITING_LINES: usize = 2048;

/// Pause between two writes: waking the thread for each line would cost more than the line.
const FLUSH_INTERVAL: Duration = Duration::from_millis(10);

/// Starts logging. `level` is one that the command line has checked. What is left of the log is written when the guard
/// is dropped.
pub fn start(level: &str, format: LogFormat) -> WorkerGuard {
    let dropped = Arc::new(OnceLock::new());
    let output = Output { lines: BufWriter::new(io::stderr()), dropped: Arc::clone(&dropped), reported: 0 };
    let appender = NonBlockingBuilder::default().thread_name("log").buffered_lines_limit(MAX_WAITING_LINES);
    let (lines, guard) = appender.finish(output);
    dropped.get_or_init(|| lines.error_counter());
    let mute = |filter: EnvFilter, target: &&str| {
        filter.add_directive(format!("{target}=warn").parse().expect("a module and a level"))
    };
    let filter = MUTED_TARGETS.iter().fold(EnvFilter::builder().parse_lossy(level), mute);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines).with_target(false);
    let log = log.with_ansi(io::stderr().is_terminal());
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
    guard
}

/// Standard error, as the log's thread writes it: many lines at once.
struct Output {
    lines: BufWriter<Stderr>,
    dropped: Arc<OnceLock<ErrorCounter>>,
    /// Dropped lines that the log has mentioned already.
    reported: usize,
}

impl Write for Output {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.write(line)
    }

    /// Called when no more lines wait.
    fn flush(&mut self) -> io::Result<()> {
        self.lines.flush()?;
        let dropped = self.dropped.get().map_or(0, ErrorCounter::dropped_lines);
        if dropped > self.reported {
            // Usually the next line that is written.
            tracing::warn!(lines = dropped - self.reported, "log lines dropped: the log is read too slowly");
            self.reported = dropped;
        }
        thread::sleep(FLUSH_INTERVAL);
        Ok(())
    }
}
