//! A citizen closes their own account. In one transaction: nobody logs in any more, sessions end and agencies are told,
//! every token given in the account's name is dead, every address is told.

use crate::{
    error::Error,
    rules::{
        audit::{Event, Outcome, Record},
        logout::Farewell,
        notice::Notice,
        refusal::Refusal,
        session::Session,
    },
    service::Idp,
    store,
};

use super::{methods, notify, session};

/// Closes the account of whoever is signed in here; whom the end of this session concerns in this browser. What the
/// agencies know the citizen as stays theirs for ever: nobody else gets it (row 28).
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::AccountClosed`] when it was closed meanwhile.
pub async fn close(idp: &Idp, here: &Session) -> Result<Farewell, Error> {
    let now = idp.now();
    if !methods::proven(idp, here).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let citizen = &here.citizen;
    let mut write = idp.store.write().await?;
    if !store::citizens::close(&mut write, citizen, now).await? {
        return Err(Refusal::AccountClosed.into());
    }
    notify::tell(idp, &mut write, citizen, Notice::AccountClosed).await?;
    let ended = session::end_all_within(idp, &mut write, citizen).await?;
    store::grants::revoke_of_citizen(&mut write, citizen, now).await?;
    // Every row before the log, which others queue for.
    session::note_ended(idp, &mut write, (citizen, &ended), "closed").await?;
    let record = Record::new(Event::AccountClosed, Outcome::Done)
        .citizen(citizen)
        .session(&here.sid)
        .with("by", "citizen");
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    let own = ended.into_iter().find(|(sid, _)| *sid == here.sid);
    Ok(own.map(|(_, farewell)| farewell).unwrap_or_default())
}
