//! A signing service: an official approves exactly these documents.

use std::process::ExitCode;

use signer::cells::Kind;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(signer::cells::COMMAND) {
        // A cell: no runtime, no configuration, nothing to find.
        let kind = arguments.next().and_then(|word| Kind::from_word(&word));
        let served = kind.map(|kind| signer::cells::child(kind, signer::flow::cell::work));
        return match served {
            Some(Ok(())) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        };
    }
    signer::command::main()
}
