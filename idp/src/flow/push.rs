//! A client pushes an authorization request and gets a reference to it (RFC 9126).

use std::sync::atomic::Ordering;

use crate::{
    error::Error,
    rules::{
        audit::{Event, Outcome, Record},
        authorize::pushed::{REQUEST_URI_LIFETIME, RequestUri},
        credentials::Presented,
        oauth::{Code, OauthError, refuse_if},
        parameters::Parameters,
        secret::Secret,
        time::Seconds,
    },
    service::Idp,
    store,
};

use super::{authenticate::authenticate, possession, request};

/// What the client is told (RFC 9126 §2.2).
#[derive(Debug)]
pub struct Pushed {
    /// The reference.
    pub request_uri: Secret<String>,
    /// How long it may be entered.
    pub expires_in: Seconds,
}

/// Takes a pushed request: authenticated first, then checked like any other, so that a citizen is sent here only with
/// a request that is good.
///
/// # Errors
/// The error response of RFC 9126 §2.3.
pub async fn push(idp: &Idp, presented: &Presented, sent: &Parameters) -> Result<Pushed, Error<OauthError>> {
    refuse_if(
        sent.has_repeated(),
        Code::InvalidRequest,
        "a parameter is repeated",
    )
    .map_err(Error::Refused)?;
    let client = authenticate(idp, presented).await?;
    // RFC 9126 §2.1 step 1.
    refuse_if(
        sent.value("request_uri").is_some(),
        Code::InvalidRequest,
        "request_uri has no place in a pushed request",
    )
    .map_err(Error::Refused)?;
    let mut checked = request::pushed(idp, &client, sent).await?;
    let proven = possession::pushed(idp, &presented.arrival, checked.dpop_jkt)?;
    checked.dpop_jkt = proven.shown.key.or(checked.dpop_jkt);
    let (now, uri) = (idp.now(), RequestUri::new(idp.opaque()));
    let digest = uri.opaque().digest();
    let mut write = idp.store.write().await?;
    proven.spend(&mut write).await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    store::pushed::insert(
        &mut write,
        keys,
        &digest,
        &checked,
        now.after(REQUEST_URI_LIFETIME),
    )
    .await?;
    // Who cannot prove who they are is anybody: they may push, but neither fill the log nor the table.
    if client.authentication.is_confidential() {
        let record = Record::new(Event::RequestPushed, Outcome::Done).client(&client.id);
        store::audit::append(&mut write, &record, now).await?;
    } else if idp
        .begun
        .fetch_add(1, Ordering::Relaxed)
        .is_multiple_of(BOUNDED_EVERY)
    {
        store::pushed::forget_beyond(&mut write, &client.id, MOST_OF_A_PUBLIC_CLIENT).await?;
    }
    write.commit().await?;
    Ok(Pushed {
        request_uri: uri.text(),
        expires_in: REQUEST_URI_LIFETIME,
    })
}

/// As many requests as citizens who are on their way with one app at the same moment, and then some.
const MOST_OF_A_PUBLIC_CLIENT: i64 = 10_000;
/// Looking for the oldest costs a walk over an index: not at each push.
const BOUNDED_EVERY: u32 = 1_000;
