//! The program, built so that it can make mistakes: `src/mistakes.rs`.

fn main() -> std::process::ExitCode {
    chinwag::cli::run()
}
