//! The `ephemint` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ephemint::cli::run()
}
