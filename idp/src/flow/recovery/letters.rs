//! What a recovery sends by mail: a code when it is asked for, and word when the wait is over. Both say how to stop it.

use crate::{
    error::Fault,
    flow::notify,
    rules::{
        audit::{Event, Outcome},
        ids::{CitizenId, RecoveryId},
        notice::{Notice, Told},
        recovery::{COLLECTING, IssuedCode, MOST_SENT},
    },
    service::Idp,
    store,
    world::bytes,
};

use super::about;

/// Sends a code for this recovery, unless the citizen got too many letters already.
///
/// # Errors
/// A fault of the database.
pub async fn issue(idp: &Idp, id: &RecoveryId, citizen: &CitizenId) -> Result<(), Fault> {
    let (now, code) = (idp.now(), IssuedCode::new(bytes(idp.chance.as_ref())));
    let mut write = idp.store.write().await?;
    let sent = store::recoveries::sent(&mut write, citizen, now.before(COLLECTING)).await?;
    if sent >= MOST_SENT {
        let record = about(Event::RecoveryCodeSent, Outcome::Refused("too-many"), id).citizen(citizen);
        store::audit::append(&mut write, &record, now).await?;
        return write.commit().await;
    }
    store::recoveries::issue(&mut write, id, &tag(idp, id, &code), now).await?;
    let notice = Notice::RecoveryCode {
        code: Told::new(&code.text()),
    };
    notify::tell(idp, &mut write, citizen, notice).await?;
    let record = about(Event::RecoveryCodeSent, Outcome::Done, id).citizen(citizen);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await
}

/// Tells every citizen whose wait is over, once; how many.
///
/// # Errors
/// A fault of the database.
pub async fn announce(idp: &Idp) -> Result<u64, Fault> {
    let mut write = idp.store.write().await?;
    let ready = store::recoveries::announce(&mut write, idp.now()).await?;
    let mut told = 0_u64;
    for (_, citizen) in &ready {
        notify::tell(idp, &mut write, citizen, Notice::RecoveryReady).await?;
        told = told.saturating_add(1);
    }
    write.commit().await?;
    Ok(told)
}

/// What stands for a sent code in the store: good for this recovery alone.
pub(super) fn tag(idp: &Idp, id: &RecoveryId, code: &IssuedCode) -> String {
    let parts = [b"issued code".as_slice(), id.as_str().as_bytes(), code.expose()];
    idp.derived.index.tag_text(&parts)
}
