//! The log: one line an event on standard error, JSON unless a person is looking.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging; `IDP_LOG` filters (`info` by default, e.g. `idp=debug`).
pub fn start() {
    let filter = EnvFilter::try_from_env("IDP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
}
