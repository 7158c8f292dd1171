//! Forgetting what expired: conversations and passkey challenges that nobody finished, tokens and families past their
//! end. Personal data is kept no longer than it serves.

use std::{sync::Arc, time::Duration};

use crate::{
    error::Fault,
    rules::{
        notice::LONGEST,
        recovery::MOST_IDLE,
        throttle::{FEW_FAILURES, QUIET},
        time::Seconds,
        visitor::BROWSER_LIFETIME,
    },
    service::Idp,
    store,
};

use super::session;

/// Sweeps now and then, as long as the service runs. Nothing depends on it: what expired is refused anyway.
pub async fn forever(idp: Arc<Idp>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(fault) = super::recovery::letters::announce(&idp).await {
            tracing::warn!(%fault, "could not tell whose recovery is ready");
        }
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
    session::end_aged(idp).await?;
    let mut write = idp.store.write().await?;
    let gone = [
        store::interactions::sweep(&mut write, now).await?,
        store::pushed::sweep(&mut write, now).await?,
        store::ceremonies::sweep(&mut write, now).await?,
        store::access_tokens::sweep(&mut write, now).await?,
        // Before the families that they lead to.
        store::devices::sweep(&mut write, now).await?,
        store::grants::sweep(&mut write, now).await?,
        store::replays::sweep(&mut write, now).await?,
        store::sessions::sweep(&mut write, now).await?,
        store::registrations::sweep(&mut write, now).await?,
        store::clients::sweep(&mut write, now).await?,
        // A day longer than anybody carries them: where nobody does, they must not pile up.
        store::notices::sweep(&mut write, now, now.before(LONGEST).before(A_DAY)).await?,
        store::staff::sweep(&mut write, now).await?,
        store::activations::sweep(&mut write, now, super::activation::slot(now)).await?,
        store::upstreams::sweep(&mut write, now).await?,
        store::contacts::sweep(&mut write, now).await?,
        store::recoveries::sweep(&mut write, now).await?,
        store::recoveries::forget_beyond(&mut write, MOST_IDLE).await?,
        store::throttles::sweep(&mut write, now.before(BROWSER_LIFETIME)).await?,
        store::throttles::sweep_failures(&mut write, FEW_FAILURES, now.before(QUIET)).await?,
    ];
    write.commit().await?;
    Ok(gone.into_iter().fold(0, u64::saturating_add))
}

const A_DAY: Seconds = Seconds(86_400);
/// Often enough that the tables stay small, seldom enough that nobody waits for it.
const EVERY: Duration = Duration::from_secs(300);
