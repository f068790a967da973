//! The command line: what can be set and how, and one file per subcommand. The only place that reads the environment.

mod backup;
mod log;
mod options;
mod serve;
mod signals;
mod transfer;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use options::{BackupOptions, MoveOptions, ServeOptions};

/// Exit code for a wrong command line or environment.
const USAGE: u8 = 2;

/// A self-hosted, person-to-person message centre: one program and one database.
///
/// Without a subcommand it serves.
#[derive(Parser)]
#[command(name = "chinwag", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the message centre (the default)
    Serve(ServeOptions),
    /// Copy the database into a new file, also while it is served
    Backup(BackupOptions),
    /// Move everything to another database, such as from a file to PostgreSQL or back
    ///
    /// No server may use either. The new one must be empty, and everything in it is compared with the old one, which
    /// stays as it is. When it is stopped, nothing is left at the new place; the same command starts again.
    Move(MoveOptions),
}

/// Runs the program with the process's arguments and environment.
pub fn run() -> ExitCode {
    let parsed = Cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let command = match parsed {
        Ok(Cli { command, serve }) => command.unwrap_or(Command::Serve(serve)),
        Err(error) if !error.use_stderr() => {
            // `--help` or `--version`; a closed standard output is not reported.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("chinwag: {}", one_line(&without_address(error).to_string()));
            return ExitCode::from(USAGE);
        }
    };
    let done = match command {
        Command::Serve(options) => serve::run(options),
        Command::Backup(options) => backup::run(options),
        Command::Move(options) => transfer::run(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chinwag: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The error without what follows the scheme of an address: it may hold a password, and this line goes to a log.
fn without_address(mut error: clap::Error) -> clap::Error {
    let of_redis = error.get(ContextKind::InvalidArg).is_some_and(|option| option.to_string().starts_with("--redis"));
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
        let Some(ContextValue::String(value)) = error.get(kind) else { continue };
        let shown = match value.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://…"),
            None if of_redis && kind == ContextKind::InvalidValue => "…".to_owned(),
            None => continue,
        };
        error.insert(kind, ContextValue::String(shown));
    }
    error
}

/// The reason in a message of the parser, without its label and the usage that follows.
fn one_line(message: &str) -> String {
    let reason = message.split("\n\n").next().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_value_is_reported_in_one_line() {
        let wrong = |args: &[&str]| one_line(&Cli::try_parse_from(args).err().unwrap().to_string());
        let shown = wrong(&["chinwag", "--port", "http"]);
        assert!(shown.contains("'http'") && shown.contains("--port") && !shown.contains('\n'), "{shown}");
        let shown = wrong(&["chinwag", "serve", "--signup", "maybe"]);
        assert!(shown.contains("open, closed"), "{shown}");
    }
}
