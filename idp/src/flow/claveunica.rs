//! Leaving as Clave Única's integrators do it: an address that always ends the session and always lands somewhere.

use crate::{
    error::{Error, Fault},
    rules::{claveunica::leaves_to, visitor::Visitor},
    service::Idp,
    store,
};

use super::logout::{Goodbye, end};

/// Ends the browser's session, if it has one, and says where the browser goes.
///
/// `asked` is every address that the request names, best first: it is followed when its authority is registered for a
/// logout. Without one, `referrer` (the origin of the page that sent the browser here) leads back to what that agency
/// registered. Without either it stays on our own page.
///
/// # Errors
/// A fault of the database.
pub async fn leave(
    idp: &Idp,
    visitor: &Visitor,
    asked: &[&str],
    referrer: Option<&str>,
) -> Result<Goodbye, Error> {
    let goodbye = Goodbye {
        destination: destination(idp, asked, referrer).await?,
        ..Goodbye::default()
    };
    match &visitor.session {
        Some(session) => Ok(end(idp, session, goodbye).await?),
        None => Ok(goodbye),
    }
}

async fn destination(idp: &Idp, asked: &[&str], referrer: Option<&str>) -> Result<Option<String>, Fault> {
    for address in asked {
        if let Some((origin, address)) = leaves_to(address)
            && registered(idp, &origin).await?.is_some()
        {
            return Ok(Some(address));
        }
    }
    match referrer.and_then(leaves_to) {
        Some((origin, _)) => registered(idp, &origin).await,
        None => Ok(None),
    }
}

/// The address that some client registered at this origin.
async fn registered(idp: &Idp, origin: &str) -> Result<Option<String>, Fault> {
    let mut read = idp.store.read().await?;
    store::clients::logout_uri_at(&mut read, origin).await
}
