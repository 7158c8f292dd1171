//! A signing service: an official approves exactly these documents.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(signer::render::COMMAND) {
        // A child that draws one page: no runtime, no configuration, nothing to find.
        return match signer::render::child() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    signer::command::main()
}
