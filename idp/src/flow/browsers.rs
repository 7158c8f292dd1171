//! A login from a browser that the account was not used with is told to its citizen (identity rows 64 and 68 tell the
//! other things that a thief would do first). The very first login is not: nobody was there before.

use crate::{
    error::Fault,
    rules::{
        ids::{CitizenId, ClientId},
        notice::Notice,
        secret::Opaque,
        session::Session,
        visitor::{BROWSER_LIFETIME, Met, Visitor},
    },
    service::Idp,
    store::{self, Write},
};

use super::notify;

/// Remembers the browser in which `session` begins, and tells the citizen where it is new to the account. The caller
/// holds the citizen.
pub(super) async fn meet(
    idp: &Idp,
    write: &mut Write,
    visitor: &Visitor,
    (session, client): (&Session, Option<&ClientId>),
) -> Result<(), Fault> {
    // Nobody logs in without: conversations and activations belong to a browser.
    let Some(browser) = &visitor.browser else {
        return Ok(());
    };
    let (citizen, now) = (&session.citizen, session.started_at);
    let tag = tag(idp, citizen, browser);
    let times = (now, now.before(BROWSER_LIFETIME));
    match store::browsers::meet(write, (citizen, &tag), times).await? {
        Met::Known | Met::First => return Ok(()),
        Met::New => {}
    }
    let agency = match client {
        Some(client) => store::clients::find(write, client).await?,
        None => None,
    };
    let notice = Notice::NewDevice {
        device: visitor.device.clone(),
        network: visitor.network.clone(),
        agency: agency.map(|(client, _)| client.name),
    };
    notify::tell(idp, write, citizen, notice).await
}

/// Of one citizen: the table does not tell that two of them share a browser.
fn tag(idp: &Idp, citizen: &CitizenId, browser: &Opaque) -> String {
    let browser = browser.digest();
    let parts = [
        b"browser".as_slice(),
        citizen.as_str().as_bytes(),
        browser.bytes(),
    ];
    idp.derived.index.tag_text(&parts)
}
