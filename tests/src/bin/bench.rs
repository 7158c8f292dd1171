//! Figures.
//!
//! `cargo run --release -p tests --bin bench -- idp [--peers] [--json] [--only NAME] [--seconds N] [--before FILE]`:
//! what the idp costs. `… -- credentials [--citizens N] [--seconds N]`: what logging in costs. `… -- verify [checks | lists | hostile [NAME] | FILE ROOT [SECONDS]]`: what verifying a document costs, this one
//! or documents made for the purpose.

use std::process::ExitCode;

use tests::bench::{credentials, empty_handler, idp, lists, verify};
use tests::browser::Trouble;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let told = match arguments[..] {
        ["idp", ref rest @ ..] => idp::Asked::read(rest).and_then(|asked| idp::bench(&asked)),
        ["credentials", ref rest @ ..] => {
            credentials::Asked::read(rest).and_then(|asked| credentials::bench(&asked))
        }
        ["verify"] => verify::bench(3),
        ["verify", "checks"] => verify::bench_checks(),
        ["verify", "lists"] => verify::bench_lists(),
        ["verify", "hostile"] => verify::bench_hostile(""),
        ["verify", "hostile", only] => verify::bench_hostile(only),
        ["verify", file, root] => verify::bench_file(file, root, 3),
        ["verify", file, root, seconds] => seconds
            .parse()
            .map_err(Trouble::from)
            .and_then(|seconds| verify::bench_file(file, root, seconds)),
        // How the bench starts itself: for one file in a process of its own, and to measure the limit
        ["verify-alone", file, root] => verify::alone(file, root),
        ["list-alone", file, signer] => lists::alone(file, signer),
        ["empty-handler"] => empty_handler(),
        _ => Err(
            "usage: bench idp [--peers] [--json] [--only NAME] [--seconds N] [--idp FILE] [--before FILE]\n       \
             bench credentials [--citizens N] [--seconds N] [--idp FILE]\n       \
             bench verify [checks | lists | hostile [NAME] | FILE ROOT [SECONDS]]"
                .into(),
        ),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench: {trouble}");
            ExitCode::FAILURE
        }
    }
}
