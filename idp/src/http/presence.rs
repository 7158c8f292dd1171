//! Presence again before something is changed that opens the account.

use axum::response::Response;

use super::{interaction::go, pages::Page, visitor::SignedIn};
use crate::{
    error::Error,
    flow,
    rules::{
        assurance::Aal,
        interaction::{Purpose, Stage},
    },
    service::Idp,
};

/// Sends somebody whose presence is too old, or was proven below the highest level that they can reach, to prove it and
/// come back to `return_to`; none when there is nothing to prove.
pub async fn prove_presence(
    idp: &Idp,
    page: &Page,
    signed_in: &SignedIn,
    return_to: &str,
) -> Result<Option<Response>, Error> {
    let session = &signed_in.session;
    if flow::methods::proven(idp, session).await? {
        return Ok(None);
    }
    let purpose = Purpose::Account {
        return_to: return_to.to_owned(),
    };
    let alone = flow::methods::reach(idp, &session.citizen).await? < Some(Aal::Two);
    let stage = if alone {
        // Somebody with a password and nothing else has nothing else to prove it with.
        Stage::Identify
    } else {
        Stage::Reauthenticate {
            citizen: session.citizen.clone(),
            session: session.sid.clone(),
        }
    };
    let moved = flow::interaction::start(idp, &signed_in.visitor, purpose, stage).await?;
    Ok(Some(go(idp, page, moved).await))
}
