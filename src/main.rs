//! The program: everything but its memory is in the library, so that tests can use it.

mod allocator;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    chinwag::cli::run(allocator::give_back_unused)
}
