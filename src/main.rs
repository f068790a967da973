//! The program: everything but its allocator is in the library, so that tests can use it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

/// Without huge pages, which would double the memory at start.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chinwag::cli::run()
}
