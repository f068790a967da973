//! When to stop: at the first SIGTERM or Ctrl-C. Further SIGTERMs change nothing, since Heroku sends several; a second
//! Ctrl-C is someone who does not want to wait.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code of a process ended by SIGINT, as shells show it.
const INTERRUPTED: i32 = 130;

pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over, so that from now on none ends the process by itself.
    pub fn take() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Completes when the program should stop.
    pub async fn stop(mut self) {
        let interrupted = tokio::select! {
            _ = self.terminate.recv() => false,
            _ = self.interrupt.recv() => true,
        };
        tracing::info!("stopping");
        tokio::spawn(async move {
            if !interrupted {
                self.interrupt.recv().await;
            }
            self.interrupt.recv().await;
            process::exit(INTERRUPTED);
        });
    }
}
