//! The log: one line an event on standard error, JSON unless a person is looking.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging; `SIGNER_LOG` filters (`info` for the server, `warn` for commands, unless set).
pub(super) fn start(serving: bool) {
    let usual = if serving { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("SIGNER_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        log.init();
    } else {
        log.json().init();
    }
}
