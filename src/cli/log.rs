//! The program's log, on standard error: a line an event. A thread of its own writes it, so that nobody who is served waits
//! for who reads it: where it is read too slowly, lines are lost, and a line says how many.

use std::io::{self, IsTerminal, Write};
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::options::LogFormat;

/// Dependencies that, at their loudest, write down what people ask for or send.
const INDISCREET: &[&str] = &["tungstenite", "warp"];

/// Lines that may wait to be written.
const WAITING: usize = 2048;

/// How long lines gather before they are written together: waking the thread for each would cost more than the line.
const GATHER: Duration = Duration::from_millis(10);

/// How long the end of the program waits for the last lines to be written.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// Writes what is left of the log when it is dropped.
pub struct Log {
    end: SyncSender<Entry>,
    written: Receiver<()>,
}

enum Entry {
    Line(Vec<u8>),
    End,
}

/// Starts logging. `level` is one that the command line has checked.
pub fn start(level: &str, format: LogFormat) -> io::Result<Log> {
    let (lines, waiting) = sync_channel(WAITING);
    let (tell, written) = sync_channel(1);
    let end = lines.clone();
    let lines = Lines { lines, lost: Arc::default() };
    let lost = Arc::clone(&lines.lost);
    thread::Builder::new().name("log".into()).spawn(move || {
        write(&waiting, &lost);
        let _ = tell.send(());
    })?;
    let quietly = |filter: EnvFilter, module: &&str| {
        filter.add_directive(format!("{module}=warn").parse().expect("a module and a level"))
    };
    let filter = INDISCREET.iter().fold(EnvFilter::builder().parse_lossy(level), quietly);
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
    Ok(Log { end, written })
}

impl Drop for Log {
    fn drop(&mut self) {
        // Where there is no room for it, nobody reads, and what is left is lost.
        if self.end.try_send(Entry::End).is_ok() {
            let _ = self.written.recv_timeout(LAST_PATIENCE);
        }
    }
}

/// Where events leave their lines; never waits.
struct Lines {
    lines: SyncSender<Entry>,
    lost: Arc<AtomicU64>,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Write for &Lines {
    /// Takes a whole line: an event is written at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.lines.try_send(Entry::Line(line.to_vec())) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines until the end of the program.
fn write(waiting: &Receiver<Entry>, lost: &AtomicU64) {
    let mut ends = false;
    while let Ok(first) = waiting.recv() {
        let mut text = Vec::new();
        for entry in iter::once(first).chain(waiting.try_iter()) {
            match entry {
                Entry::Line(line) => text.extend(line),
                Entry::End => ends = true,
            }
        }
        // A closed standard error is no reason not to serve.
        let _ = io::stderr().write_all(&text);
        match lost.swap(0, Ordering::Relaxed) {
            0 if ends => return,
            0 => thread::sleep(GATHER),
            // The next line to be written, unless others were quicker.
            lines => tracing::warn!(lines, "the log was read too slowly, and lines of it are lost"),
        }
    }
}
