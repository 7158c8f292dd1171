//! Forgetting what expired: conversations and passkey challenges that nobody finished.

use std::{sync::Arc, time::Duration};

use crate::{error::Fault, service::Idp, store};

/// Sweeps now and then, as long as the service runs. Nothing depends on it: what expired is refused anyway.
pub async fn forever(idp: Arc<Idp>) {
    loop {
        tokio::time::sleep(EVERY).await;
        match once(&idp).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "forgot what expired"),
            Err(fault) => tracing::warn!(%fault, "could not forget what expired"),
        }
    }
}

/// Sweeps once; how many rows went.
///
/// # Errors
/// A fault of the database.
pub async fn once(idp: &Idp) -> Result<u64, Fault> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let interactions = store::interactions::sweep(&mut write, now).await?;
    let ceremonies = store::authenticators::sweep_ceremonies(&mut write, now).await?;
    write.commit().await?;
    Ok(interactions.saturating_add(ceremonies))
}

/// Often enough that the tables stay small, seldom enough that nobody waits for it.
const EVERY: Duration = Duration::from_secs(300);
