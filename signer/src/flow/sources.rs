//! Keeps what judgements rest on current: an operator drops a newer revocation list, and nobody restarts anything.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use crate::service::Service;

/// Looks at the operator's files again and again, until the service stops.
pub async fn watch(service: Arc<Service>, mut stopping: Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopping.changed() => return,
            () = tokio::time::sleep(BETWEEN_LOOKS) => {}
        }
        let looking = Arc::clone(&service);
        if let Err(fault) = super::blocking(move || looking.look_at_sources()).await {
            tracing::error!(%fault, "looking at the operator's files");
        }
    }
}

/// Own choice: a few questions to the file system, and an operator who looks sees it at once.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
