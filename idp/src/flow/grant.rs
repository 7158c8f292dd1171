//! Issuing: a code when the citizen agreed, tokens when the client brings it back.

use sdk_jose::hash::half_hash;
use serde_json::{Map, Value};

use crate::{
    error::{Error, Fault},
    rules::{
        answer::Answer,
        audit::{Event, Outcome, Record},
        authorize::AuthorizeRequest,
        client::{Client, GrantType, Profile},
        grant::{ACCESS_LIFETIME, Grant},
        ids::GrantId,
        oauth::OauthError,
        refusal::Refusal,
        scope::{Scope, Scopes},
        secret::{Digest, Secret},
        session::Session,
        session_state::session_state,
        time::Timestamp,
        tokens::{IdToken, named, subject},
    },
    service::Idp,
    store::{self, Write},
};

use super::{protect::Prepared, userinfo::facts};

/// A token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug)]
pub struct Tokens {
    /// In which dialect the client is answered.
    pub profile: Profile,
    /// Opaque.
    pub access_token: Secret<String>,
    /// Seconds.
    pub expires_in: i64,
    /// What it opens.
    pub scopes: Scopes,
    /// A signed JWT, encrypted where the client wants that.
    pub id_token: String,
    /// Where the client may refresh.
    pub refresh_token: Option<Secret<String>>,
}

/// Issues a code to `request`'s client for `session`'s citizen, and returns the answer that carries it.
///
/// # Errors
/// [`Refusal::RequestExpired`] when the request was pushed and another tab was answered first (RFC 9126 §7.3).
pub(super) async fn code(
    idp: &Idp,
    write: &mut Write,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Answer, Error> {
    let now = idp.now();
    answer_once(write, request, now).await?;
    let grant = Grant::given(GrantId::new(idp.id()), request, session, now);
    let code = idp.bearer(request.profile);
    store::grants::insert(write, &grant, request, &code.digest()).await?;
    let record = about(Event::CodeIssued, &grant).with("scope", grant.scopes.to_string());
    store::audit::append(write, &record, now).await?;
    let answer = Answer::code(request, &code.text());
    Ok(match told_state(idp, request, session) {
        Some(state) => answer.with("session_state", state),
        None => answer,
    })
}

/// `session_state` (Session Management 1.0 §2), for OpenID Connect without a profile: FAPI knows no such parameter, and
/// what Clave Única's integrators read was written down without it.
fn told_state(idp: &Idp, request: &AuthorizeRequest, session: &Session) -> Option<String> {
    if request.profile != Profile::Plain || !request.scopes.contains(Scope::Openid) {
        return None;
    }
    let browser = super::session::browser_state(idp, &session.sid).text();
    session_state(
        request.client.as_str(),
        &request.redirect_uri,
        browser.expose(),
        idp.id(),
    )
}

/// A pushed request has one answer, whoever asks for another (RFC 9126 §7.3); until then it may be entered again.
pub(super) async fn answer_once(
    write: &mut Write,
    request: &AuthorizeRequest,
    now: Timestamp,
) -> Result<(), Error> {
    match &request.pushed {
        Some(reference) if !store::pushed::answer(write, reference, now).await? => {
            Err(Refusal::RequestExpired.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// Issues tokens from `grant`; the id token as it was prepared for its client. `parent` is the refresh token that these
/// replace.
pub(super) async fn tokens(
    idp: &Idp,
    write: &mut Write,
    (client, id_token): (&Client, &Prepared),
    grant: &Grant,
    (scopes, nonce): (Scopes, Option<&str>),
    parent: Option<&Digest>,
) -> Result<Tokens, Fault> {
    let now = idp.now();
    let access = idp.bearer(client.profile);
    let lifetime = (now, now.after(ACCESS_LIFETIME));
    store::tokens::insert_access(write, &access.digest(), &grant.id, &scopes, lifetime).await?;
    let refresh = client.may_use(GrantType::RefreshToken).then(|| idp.opaque());
    if let Some(refresh) = &refresh {
        store::tokens::insert_refresh(write, &refresh.digest(), &grant.id, parent, now).await?;
    }
    let access_token = access.text();
    let at_hash = half_hash(client.id_token_alg, access_token.expose());
    let subject = subject(&idp.derived.pairwise, client, &grant.citizen);
    let claims = IdToken::of(
        grant,
        idp.config.issuer.named_to(client.profile),
        &subject,
        nonce,
        Some(at_hash),
        now,
    )
    .telling(
        grant.acr(&idp.config.assurance),
        single_claims(idp, write, grant).await?,
    );
    Ok(Tokens {
        id_token: id_token.token(idp, "JWT", &claims).await?,
        profile: client.profile,
        access_token,
        expires_in: ACCESS_LIFETIME.0,
        scopes,
        refresh_token: refresh.map(|refresh| refresh.text()),
    })
}

/// The single claims that the client asked for in its id tokens (OpenID Connect Core §5.5).
async fn single_claims(idp: &Idp, write: &mut Write, grant: &Grant) -> Result<Map<String, Value>, Fault> {
    let names = &grant.asked.claims.id_token;
    if names.is_empty() {
        return Ok(Map::new());
    }
    let person = store::citizens::person(write, &idp.seal, &grant.citizen).await?;
    Ok(person.map_or_else(Map::new, |(person, _)| named(names, &facts(&person))))
}

/// Revokes a family after a spent code or token came back.
pub(super) async fn revoke_replayed(
    idp: &Idp,
    write: &mut Write,
    grant: &Grant,
    event: Event,
) -> Result<(), Fault> {
    let now = idp.now();
    let revoked = store::grants::revoke(write, &grant.id, now).await?;
    let record = Record {
        outcome: Outcome::Refused("replayed"),
        ..about(event, grant)
    };
    let record = record.with("family_revoked", if revoked { "now" } else { "before" });
    store::audit::append(write, &record, now).await
}

/// A record about a grant.
pub(super) fn about(event: Event, grant: &Grant) -> Record {
    Record::new(event, Outcome::Done)
        .citizen(&grant.citizen)
        .client(&grant.client)
        .session(&grant.session)
        .with("grant", grant.id.as_str())
}

/// A refusal in the shape of the protocol endpoints.
pub(super) fn refused<T>(error: OauthError) -> Result<T, Error<OauthError>> {
    Err(Error::Refused(error))
}
