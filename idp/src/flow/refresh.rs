//! Refreshing: each token once, a lost answer may be asked for again, a copy in other hands ends the family.

use crate::{
    error::Error,
    rules::{
        audit::Event,
        client::Client,
        grant::Refreshed,
        oauth::{Code, OauthError},
        parameters::Parameters,
        secret::Opaque,
    },
    service::Idp,
    store::{self, refresh_tokens::Spent},
};

use super::{
    grant::{Issue, Tokens, about, refused, revoke_replayed, tokens},
    possession::Held,
    protect::prepare,
};

/// Exchanges a refresh token for fresh tokens (RFC 6749 §6, OpenID Connect Core §12).
pub(super) async fn refresh(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    held: &Held,
) -> Result<Tokens, Error<OauthError>> {
    let unknown = OauthError::new(Code::InvalidGrant, "the refresh token is not good, or no longer");
    let Some(token) = request.value("refresh_token") else {
        return refused(OauthError::new(Code::InvalidRequest, "refresh_token is missing"));
    };
    let Some(token) = Opaque::parse(token) else {
        return refused(unknown);
    };
    // Before the transaction: it may have to fetch the client's keys.
    let id_token = prepare(idp, client, client.id_token()).await?;
    let (now, digest) = (idp.now(), token.digest());
    let mut write = idp.store.write().await?;
    if !is_of(&mut write, client, &digest).await? {
        // Not spent: whoever brings another client's token learns nothing and breaks nothing.
        return refused(unknown);
    }
    // Not spent either: a thief without the key does not get far enough to be noticed.
    let bound = store::refresh_tokens::binding_of(&mut write, &digest).await?;
    if !bound.holds(&held.shown) {
        return refused(OauthError::new(
            Code::InvalidGrant,
            "the refresh token is bound to another key",
        ));
    }
    let (how, grant) = match store::refresh_tokens::spend(&mut write, &digest, now).await? {
        Spent::Now(how, grant) => (how, grant),
        Spent::Again(grant) => {
            revoke_replayed(idp, &mut write, &grant, Event::RefreshReplayed).await?;
            write.commit().await?;
            return refused(unknown);
        }
        Spent::Unknown => return refused(unknown),
    };
    if grant.expires_at.reached(now) {
        return refused(unknown);
    }
    // When more is asked than was granted nothing is committed: the token stays good for a better request.
    let issue = Issue::again(&grant, &digest, held.binding).asking(request);
    let issued = tokens(idp, &mut write, (client, &id_token), issue).await?;
    let record = about(Event::RefreshRedeemed, &grant).with(
        "use",
        match how {
            Refreshed::First => "first",
            Refreshed::Retried => "retried",
        },
    );
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(issued)
}

/// The token belongs to a living family of this client.
async fn is_of(
    write: &mut store::Write,
    client: &Client,
    token: &crate::rules::secret::Digest,
) -> Result<bool, Error<OauthError>> {
    let Some(family) = store::refresh_tokens::family(write, token).await? else {
        return Ok(false);
    };
    let grant = store::grants::find(write, &family).await?;
    Ok(grant.is_some_and(|grant| grant.client == client.id))
}
