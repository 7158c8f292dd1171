//! Issuing: a code when the citizen agreed, tokens when the client brings it back.

use sdk_jose::hash::half_hash;
use serde_json::{Map, Value};

use crate::{
    error::{Error, Fault},
    rules::{
        access_token::{AccessToken, Holder},
        answer::Answer,
        audit::{Event, Outcome, Record},
        authorize::{AuthorizeRequest, details},
        binding::Binding,
        client::{Client, GrantType, Profile},
        details::Details,
        grant::{Grant, narrowed},
        oauth::{Code, OauthError},
        parameters::Parameters,
        refusal::Refusal,
        resource::{Audience, Resource, ScopeTokens},
        scope::Scope,
        secret::{Digest, Secret},
        session::Session,
        session_state::session_state,
        time::Timestamp,
        tokens::{IdToken, named, subject},
    },
    service::Idp,
    store::{self, Write},
};

use super::{access, protect::Prepared, userinfo::facts};

/// A token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug)]
pub struct Tokens {
    /// In which dialect the client is answered.
    pub profile: Profile,
    /// In whose hands the access token works.
    pub binding: Binding,
    /// Opaque to the client, whatever its form.
    pub access_token: Secret<String>,
    /// Seconds.
    pub expires_in: i64,
    /// What it opens.
    pub scope: ScopeTokens,
    /// What it opens in detail (RFC 9396 §7).
    pub details: Option<Details>,
    /// A signed JWT, encrypted where the client wants that; where a citizen logged in for this client.
    pub id_token: Option<String>,
    /// Where the client may refresh.
    pub refresh_token: Option<Secret<String>>,
    /// After an exchange, what `access_token` is (RFC 8693 §2.2.1).
    pub issued_token_type: Option<&'static str>,
}

/// What to issue from a grant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issue<'a> {
    grant: &'a Grant,
    nonce: Option<&'a str>,
    binding: Binding,
    parent: Option<&'a Digest>,
    request: Option<&'a Parameters>,
}

impl Tokens {
    /// An access token and nothing beside it.
    pub(super) fn bare(client: &Client, access_token: Secret<String>, token: &AccessToken) -> Self {
        Self {
            profile: client.profile,
            binding: token.binding,
            access_token,
            expires_in: token.expires_at.since(token.issued_at).0,
            scope: token.scope.clone(),
            details: token.details.clone(),
            id_token: None,
            refresh_token: None,
            issued_token_type: None,
        }
    }
}

impl<'a> Issue<'a> {
    /// The first tokens of a grant, with the `nonce` of its request, bound to what was shown.
    pub(super) fn first(grant: &'a Grant, nonce: Option<&'a str>, binding: Binding) -> Self {
        Self {
            grant,
            nonce,
            binding,
            parent: None,
            request: None,
        }
    }

    /// Tokens in place of those that came with the refresh token `parent`. OpenID Connect Core §12.2: without nonce, it
    /// belonged to the first answer.
    pub(super) fn again(grant: &'a Grant, parent: &'a Digest, binding: Binding) -> Self {
        Self {
            parent: Some(parent),
            ..Self::first(grant, None, binding)
        }
    }

    /// As far as the token request says more: `resource`, `scope`, `authorization_details`.
    pub(super) fn asking(self, request: &'a Parameters) -> Self {
        Self {
            request: Some(request),
            ..self
        }
    }

    fn asked(&self, name: &str) -> Option<&'a str> {
        self.request.and_then(|request| request.values(name).next())
    }
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
    let grant = Grant::given(idp.grant_id(now), request, session, now);
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

/// Issues tokens from a grant, as far as the client's registration of today still allows it; the id token as it was
/// prepared for its client.
pub(super) async fn tokens(
    idp: &Idp,
    write: &mut Write,
    (client, id_token): (&Client, &Prepared),
    issue: Issue<'_>,
) -> Result<Tokens, Error<OauthError>> {
    let (now, grant) = (idp.now(), issue.grant);
    let resource = idp
        .config
        .resources
        .of_grant(
            client,
            (&grant.asked.resources, idp.config.issuer.as_str()),
            issue.asked("resource"),
        )
        .map_err(Error::Refused)?;
    let format = access::format(client, resource);
    let token = AccessToken {
        client: client.id.clone(),
        holder: Holder::Citizen {
            grant: Box::new(grant.clone()),
            actors: Vec::new(),
        },
        binding: issue.binding,
        audience: Audience::of(resource),
        scope: scope(client, resource, &issue).map_err(Error::Refused)?,
        details: granted_details(idp, client, resource, &issue).map_err(Error::Refused)?,
        issued_at: now,
        expires_at: now.after(access::lifetime(format)).min(grant.expires_at),
    };
    let access_token = access::issue(idp, write, (client, format), &token).await?;
    let refresh = client.may_use(GrantType::RefreshToken).then(|| idp.growing());
    if let Some(refresh) = &refresh {
        // RFC 9449 §5: a public client's is bound to its key, another's by its authentication.
        let binding = if client.authentication.is_confidential() {
            Binding::None
        } else {
            issue.binding
        };
        let before = (issue.parent, binding);
        store::refresh_tokens::insert(write, &refresh.digest(), &grant.id, before, now).await?;
    }
    let id_token = if grant.scopes.contains(Scope::Openid) {
        let at_hash = half_hash(client.id_token_alg, access_token.expose());
        let subject = subject(&idp.derived.pairwise, client, &grant.citizen);
        let issuer = idp.config.issuer.named_to(client.profile);
        let claims = IdToken::of(grant, issuer, &subject, issue.nonce, Some(at_hash), now).telling(
            grant.acr(&idp.config.assurance),
            single_claims(idp, write, grant).await?,
        );
        Some(id_token.token(idp, "JWT", &claims).await?)
    } else {
        None
    };
    Ok(Tokens {
        id_token,
        refresh_token: refresh.map(|refresh| refresh.text()),
        ..Tokens::bare(client, access_token, &token)
    })
}

/// What the access token opens: of what was granted, what the client may still ask and its audience knows.
fn scope(client: &Client, resource: Option<&Resource>, issue: &Issue<'_>) -> Result<ScopeTokens, OauthError> {
    let data = ScopeTokens::from(&issue.grant.scopes.and(&client.scopes));
    let granted = data.or(&issue.grant.asked.resource_scopes);
    let asked = narrowed(&granted, issue.asked("scope"))?;
    Ok(match resource {
        None => asked.and(&data),
        Some(resource) => asked.and(&resource.scope),
    })
}

/// What it opens in detail: what was granted, or fewer when the request names them (RFC 9396 §7).
fn granted_details(
    idp: &Idp,
    client: &Client,
    resource: Option<&Resource>,
    issue: &Issue<'_>,
) -> Result<Option<Details>, OauthError> {
    let granted = &issue.grant.asked.details;
    let asked = match issue.request {
        Some(request) => Details::of(details::read(request, client, &idp.config.authorization_details)?),
        None => None,
    };
    let details = match asked {
        None => Details::of(granted.clone()),
        Some(asked) if asked.within(granted) => Some(asked),
        Some(_) => {
            return Err(OauthError::new(
                Code::InvalidAuthorizationDetails,
                "authorization_details holds more than was granted",
            ));
        }
    };
    Ok(match resource {
        None => details,
        Some(resource) => details.and_then(|details| details.for_location(&resource.uri)),
    })
}

/// The single claims that the client asked for in its id tokens (OpenID Connect Core §5.5). Their release is in the
/// citizen's history before it happens, as at userinfo.
async fn single_claims(idp: &Idp, write: &mut Write, grant: &Grant) -> Result<Map<String, Value>, Fault> {
    let names = &grant.asked.claims.id_token;
    if names.is_empty() {
        return Ok(Map::new());
    }
    let person = store::citizens::person(write, &idp.seal, &grant.citizen).await?;
    let Some((person, _)) = person else {
        return Ok(Map::new());
    };
    let record = about(Event::ClaimsReleased, grant).with("claims", names.join(" "));
    store::audit::append(write, &record, idp.now()).await?;
    Ok(named(names, &facts(&person)))
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
