//! An OpenID provider: one credential for every agency.

use std::process::ExitCode;

use clap::Parser as _;

/// For everything in this process, C included.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("idp: another TLS provider is installed");
        return ExitCode::FAILURE;
    }
    idp::cli::run(idp::cli::Arguments::parse()).await
}
