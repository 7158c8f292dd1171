//! Revocation (RFC 7009): a client gives a token back.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::Client,
        credentials::Presented,
        grant::Grant,
        ids::GrantId,
        oauth::{Code, OauthError},
        parameters::Parameters,
        secret::Digest,
        time::Timestamp,
    },
    service::Idp,
    store::{self, Write},
};

use super::{
    access::{self, Brought},
    client::authenticate,
    grant::{about, refused},
};

/// Revokes a token of the client that presents itself: an access token alone, a refresh token with its whole family.
/// A token of another client, or of nobody, is answered the same way and left alone (§2.2).
///
/// # Errors
/// `invalid_client`, or `invalid_request` without a token.
pub async fn revoke(idp: &Idp, presented: &Presented, request: &Parameters) -> Result<(), Error<OauthError>> {
    if request.has_repeated() {
        return refused(OauthError::new(Code::InvalidRequest, "a parameter is repeated"));
    }
    let client = authenticate(idp, presented).await?;
    let Some(token) = request.value("token") else {
        return refused(OauthError::new(Code::InvalidRequest, "token is missing"));
    };
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let revoked = match access::brought(idp, token, now) {
        None => None,
        Some(Brought::Row(digest)) => by_row(&mut write, &client, &digest, now).await?,
        Some(Brought::Rowless(returned)) if returned.client() == client.id => {
            store::access_tokens::revoke_rowless(&mut write, &returned.digest(), returned.expires_at())
                .await?;
            Some(clients_own(&client))
        }
        Some(Brought::Rowless(_)) => None,
    };
    let Some(record) = revoked else { return Ok(()) };
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

/// A refresh token with its family, an access token alone; `None` when it is not this client's.
async fn by_row(
    write: &mut Write,
    client: &Client,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<Record>, Fault> {
    if let Some(family) = store::refresh_tokens::family(write, digest).await? {
        let Some(grant) = of(write, client, &family).await? else {
            return Ok(None);
        };
        store::grants::revoke(write, &grant.id, now).await?;
        return Ok(Some(
            about(Event::TokenRevoked, &grant).with("kind", "refresh_token"),
        ));
    }
    if let Some((family, holder)) = store::access_tokens::family(write, digest).await? {
        let grant = store::grants::find(write, &family).await?;
        let Some(grant) = grant.filter(|_| holder == client.id) else {
            return Ok(None);
        };
        store::access_tokens::revoke(write, digest, now).await?;
        let record = about(Event::TokenRevoked, &grant).client(&client.id);
        return Ok(Some(record.with("kind", "access_token")));
    }
    let own = store::access_tokens::revoke_clients_own(write, digest, &client.id, now).await?;
    Ok(own.then(|| clients_own(client)))
}

async fn of(write: &mut Write, client: &Client, family: &GrantId) -> Result<Option<Grant>, Fault> {
    let grant = store::grants::find(write, family).await?;
    Ok(grant.filter(|grant| grant.client == client.id))
}

fn clients_own(client: &Client) -> Record {
    Record::new(Event::TokenRevoked, Outcome::Done)
        .client(&client.id)
        .with("kind", "client_token")
}
