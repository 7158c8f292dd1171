//! Whom the end of a session concerns: notices for agencies are written in the transaction that ends it, so that none is
//! forgotten when the machine goes down; addresses for the browser are handed to the page that says goodbye.
//!
//! The notices are carried by [`super::backchannel`].

use crate::{
    error::Fault,
    rules::{
        ids::{CitizenId, Sid},
        logout::{Farewell, frame},
    },
    service::Idp,
    store::{self, Write},
};

/// Writes the notices of a session that ends in this transaction. Every client that ever got a code in it is told,
/// also one whose tokens were revoked: its own session may go on.
pub(super) async fn leave(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    sid: &Sid,
) -> Result<Farewell, Fault> {
    let now = idp.now();
    let mut farewell = Farewell::default();
    for id in store::grants::clients_of_session(write, sid).await? {
        let Some((client, _)) = store::clients::find(write, &id).await? else {
            continue;
        };
        if client.backchannel_logout.is_some() {
            store::outbox::insert(write, &client.id, (citizen, sid), now).await?;
        }
        if let Some(logout) = &client.frontchannel_logout {
            farewell.frames.push(frame(
                &logout.uri,
                idp.config.issuer.named_to(client.profile),
                sid,
            ));
        }
    }
    Ok(farewell)
}
