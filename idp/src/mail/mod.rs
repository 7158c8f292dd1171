//! Letters to citizens: notices leave the outbox, are worded in the citizen's language, and are carried to a mail server,
//! each at least once. A node that dies in between leaves a claim that runs out; the letter's `Message-ID` stays the same.

mod folder;
mod letter;
mod settings;
mod smtp;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::task::JoinSet;

pub use folder::{Folder, Kept};
pub use letter::Letter;
pub use settings::{Encryption, Settings};
pub use smtp::Smtp;

use crate::{
    error::Fault,
    flow,
    rules::notice::{Fate, Heard, Posted, fate},
    service::Idp,
    world::bytes,
};

/// Takes a letter to where it goes. A field of the service, so that tests can stand in for the world.
pub trait Carrier: Send + Sync {
    /// Tries once.
    fn carry<'a>(&'a self, letter: &'a Letter) -> Carrying<'a>;
}

/// A letter under way.
pub type Carrying<'a> = Pin<Box<dyn Future<Output = Heard> + Send + 'a>>;

/// Who carries letters, by the configuration.
///
/// # Errors
/// A fault that names what the configuration has wrong.
pub fn carrier(settings: &Settings) -> Result<Arc<dyn Carrier>, Fault> {
    match &settings.folder {
        Some(folder) => Ok(Arc::new(Folder::new(folder))),
        None => Ok(Arc::new(Smtp::new(settings)?)),
    }
}

/// Carries notices as long as the service runs; looks every other second for what is due.
pub async fn forever(idp: Arc<Idp>) {
    if idp.mail.is_none() {
        tracing::warn!(
            "no [mail] in the configuration: nobody is told by mail what happens to their account"
        );
        return;
    }
    loop {
        if let Err(fault) = once(&idp).await {
            tracing::warn!(%fault, "carrying notices");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Carries what is due now and comes back; how many notices were tried. What fails is due again later.
///
/// # Errors
/// A fault of the database.
pub async fn once(idp: &Arc<Idp>) -> Result<usize, Fault> {
    let Some(carrier) = &idp.mail else { return Ok(0) };
    let mut tried = 0_usize;
    loop {
        let claimed = flow::notify::claim(idp).await?;
        if claimed.is_empty() {
            return Ok(tried);
        }
        tried = tried.saturating_add(claimed.len());
        let mut carrying = JoinSet::new();
        for posted in claimed {
            let (idp, carrier) = (Arc::clone(idp), Arc::clone(carrier));
            carrying.spawn(async move { carry(&idp, carrier.as_ref(), &posted).await });
        }
        while let Some(carried) = carrying.join_next().await {
            carried.map_err(|source| Fault::of("carrying a notice", source))??;
        }
    }
}

/// Carries one claimed notice and settles it.
async fn carry(idp: &Idp, carrier: &dyn Carrier, posted: &Posted) -> Result<(), Fault> {
    let letter = Letter::of(idp, posted)?;
    let heard = tokio::time::timeout(PATIENCE, carrier.carry(&letter)).await;
    let heard = heard.unwrap_or(Heard::Nothing);
    let [jitter] = bytes::<1>(idp.chance.as_ref());
    let fate = fate(heard, posted.attempts, posted.at, idp.now(), jitter);
    if !matches!(fate, Fate::Sent) {
        // Neither the address nor the words: they are personal data.
        tracing::warn!(notice = %posted.id, attempts = posted.attempts, ?heard, ?fate, "a notice did not leave");
    }
    flow::notify::settle(idp, posted, fate).await
}

/// Notices arrive within a minute (identity requirements, row 64); what another process wrote is found this soon.
const EVERY: Duration = Duration::from_secs(2);
/// A mail server may take its time over a greeting; one that takes longer is tried again.
pub const PATIENCE: Duration = Duration::from_secs(30);
