//! Access tokens: made in the form that is wanted, and found again by whatever form comes back.

use sdk_jose::{Expected, Typ};

use crate::{
    error::{Error, Fault},
    rules::{
        access_token::{ACCESS_LIFETIME, AccessToken, Holder, JWT_LIFETIME, Returned, jti_digest},
        client::{AccessTokenFormat, Client, SIGNING},
        ids::CitizenId,
        oauth::{Code, OauthError},
        resource::{Audience, Resource},
        secret::{Digest, Opaque, Secret},
        time::{Seconds, Timestamp},
        tokens::subject,
    },
    service::Idp,
    store::{self, Connection, Write},
};

use super::protect;

/// An access token as somebody brought it: by what the store knows it.
#[derive(Debug)]
pub(super) enum Brought {
    /// By its digest, and no more is known of it.
    Row(Digest),
    /// A client's own JWT, known by our signature.
    Rowless(Returned),
}

/// How long an access token of this form lives.
pub(super) fn lifetime(format: AccessTokenFormat) -> Seconds {
    match format {
        AccessTokenFormat::Opaque => ACCESS_LIFETIME,
        AccessTokenFormat::Jwt => JWT_LIFETIME,
    }
}

/// The form of `client`'s tokens for `resource`, or for userinfo.
pub(super) fn format(client: &Client, resource: Option<&Resource>) -> AccessTokenFormat {
    resource.map_or(client.access_token_format, |resource| resource.format(client))
}

/// Makes the text of `token` and writes its row.
pub(super) async fn issue(
    idp: &Idp,
    write: &mut Write,
    (client, format): (&Client, AccessTokenFormat),
    token: &AccessToken,
) -> Result<Secret<String>, Error<OauthError>> {
    match format {
        AccessTokenFormat::Opaque => {
            let value = idp.bearer(client.profile);
            store::access_tokens::insert(write, &value.digest(), token).await?;
            Ok(value.text())
        }
        AccessTokenFormat::Jwt => {
            let jti = jti(idp);
            store::access_tokens::insert(write, &jti_digest(&jti), token).await?;
            let sub = match &token.holder {
                Holder::Citizen { grant, .. } => {
                    named(idp, write, client, (&token.audience, &grant.citizen)).await?
                }
                Holder::Client => client.id.to_string(),
            };
            Ok(signed(idp, client, token, (&sub, &jti)).await?)
        }
    }
}

/// Makes a client's own JWT. Nothing is written: whoever has our keys can check it, and it dies young.
pub(super) async fn issue_rowless(
    idp: &Idp,
    client: &Client,
    token: &AccessToken,
) -> Result<Secret<String>, Fault> {
    signed(idp, client, token, (client.id.as_str(), &jti(idp))).await
}

/// How a citizen is named in a token: as the client that runs its resource knows them, or as the client that asked.
async fn named(
    idp: &Idp,
    connection: &mut Connection,
    client: &Client,
    (audience, citizen): (&Audience, &CitizenId),
) -> Result<String, Error<OauthError>> {
    let resource = audience.resource().and_then(|uri| idp.config.resources.find(uri));
    let Some(resource) = resource else {
        return Ok(subject(&idp.derived.pairwise, client, citizen));
    };
    let found = store::clients::find(connection, &resource.client).await?;
    let (owner, _) = found.ok_or(Error::Refused(OauthError::new(
        Code::InvalidTarget,
        "nobody serves this resource at the moment",
    )))?;
    Ok(subject(&idp.derived.pairwise, &owner, citizen))
}

async fn signed(
    idp: &Idp,
    client: &Client,
    token: &AccessToken,
    (sub, jti): (&str, &str),
) -> Result<Secret<String>, Fault> {
    let by = (idp.config.issuer.as_str(), &idp.config.assurance);
    let claims = token.claims(by, sub, jti);
    let text = protect::signed(idp, TYP, client.id_token_alg, &claims).await?;
    Ok(Secret::new(text))
}

/// What `text` could be; `None` when it cannot be a token of ours.
pub(super) fn brought(idp: &Idp, text: &str, now: Timestamp) -> Option<Brought> {
    if let Some(value) = Opaque::parse(text) {
        return Some(Brought::Row(value.digest()));
    }
    let expected = Expected {
        algorithms: &SIGNING,
        typ: Typ::Required(TYP),
    };
    let returned: Returned = idp.signing.recognise(text, &expected)?.claims().ok()?;
    if !returned.is_good(idp.config.issuer.as_str(), now) {
        return None;
    }
    Some(if returned.is_clients_own() {
        Brought::Rowless(returned)
    } else {
        Brought::Row(returned.digest())
    })
}

/// The living token that `text` is, and the client that it was issued to, as registered today.
pub(super) async fn living(
    idp: &Idp,
    connection: &mut Connection,
    text: &str,
) -> Result<Option<(AccessToken, Client)>, Fault> {
    let now = idp.now();
    let found = match brought(idp, text, now) {
        None => None,
        Some(Brought::Row(digest)) => match store::access_tokens::find(connection, &digest, now).await? {
            Some(token) => Some(token),
            None => store::access_tokens::find_clients_own(connection, &digest, now).await?,
        },
        Some(Brought::Rowless(returned)) => {
            let issued = (&returned.client(), returned.issued_at());
            let revoked = store::access_tokens::is_revoked(connection, &returned.digest(), issued).await?;
            (!revoked).then(|| returned.clients_own(idp.config.issuer.as_str()))
        }
    };
    let Some(token) = found else { return Ok(None) };
    let client = store::clients::find(connection, &token.client).await?;
    Ok(client.map(|(client, _)| (token, client)))
}

fn jti(idp: &Idp) -> String {
    data_encoding::HEXLOWER.encode(&idp.id())
}

/// RFC 9068 §2.1.
const TYP: &str = "at+jwt";
