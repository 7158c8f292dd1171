//! Userinfo: the data that the citizen allowed, released and written down.

use serde_json::{Map, Value};

use crate::{
    error::Error,
    rules::{
        access_token::Holder,
        audit::Event,
        binding::Scheme,
        claveunica,
        client::Profile,
        credentials::Arrival,
        oauth::{Code, OauthError},
        person::{Address, Person},
        resource::Audience,
        scope::Scope,
        step_up::{self, Challenge},
        tokens::{Facts, named, subject, userinfo},
    },
    service::Idp,
    store,
};

use super::{access, grant::about, possession, protect::prepare, readings::Known};

/// What userinfo answers (OpenID Connect Core §5.3.2).
#[derive(Debug)]
pub enum Answer {
    /// Plain claims.
    Claims(Map<String, Value>),
    /// The claims as a token: signed, encrypted or both, as the client registered.
    Token(String),
}

/// Why userinfo stays shut.
#[derive(Debug)]
pub enum Shut {
    /// The token, or what came with it.
    Token(OauthError),
    /// The login behind it (RFC 9470).
    Login(Challenge),
}

impl From<Error<OauthError>> for Error<Shut> {
    fn from(error: Error<OauthError>) -> Self {
        error.map(Shut::Token)
    }
}

/// The claims that a living access token opens (OpenID Connect Core §5.3.2). The release is in the citizen's history
/// before it happens: without its record nothing is released. The same data, read again with the same token, is counted.
///
/// # Errors
/// `invalid_token`, `invalid_dpop_proof`; `insufficient_scope` without `openid`; `invalid_request` when the client has no
/// key that its answer could be encrypted to; a challenge when its registration asks for a better login than the token's.
pub async fn claims(
    idp: &Idp,
    arrival: &Arrival,
    (scheme, text): (Scheme, &str),
) -> Result<Answer, Error<Shut>> {
    let dead = OauthError::new(Code::InvalidToken, "the access token is not good, or no longer");
    let refused = |error| Err(Error::Refused(Shut::Token(error)));
    let held = possession::carried(idp, arrival, (scheme, text))?;
    let mut read = idp.store.read().await?;
    let Some((token, client)) = access::living(idp, &mut read, text).await? else {
        return refused(dead);
    };
    token
        .binding
        .opens(scheme, &held.shown)
        .map_err(|error| Error::Refused(Shut::Token(error)))?;
    // A token for a resource opens that resource alone (RFC 8707 §1), and a client's own is nobody's data.
    let (Audience::Userinfo, Holder::Citizen { grant, .. }) = (&token.audience, &token.holder) else {
        return refused(dead);
    };
    let person = store::citizens::person(&mut read, &idp.seal, &grant.citizen).await?;
    drop(read);
    let Some((person, updated_at)) = person else {
        return refused(dead);
    };
    let scopes = token.scope.of_citizen().and(&client.scopes);
    if !scopes.contains(Scope::Openid) {
        return refused(OauthError::new(
            Code::InsufficientScope,
            "userinfo is opened by scope openid",
        ));
    }
    step_up::enough(grant, &client, &idp.config.assurance)
        .map_err(|challenge| Error::Refused(Shut::Login(challenge)))?;
    let protected = prepare(idp, &client, client.userinfo).await?;
    // A token that was narrowed at a refresh opens its scopes and nothing else.
    let single: &[String] = if scopes == grant.scopes {
        &grant.asked.claims.userinfo
    } else {
        &[]
    };
    let opened = (scopes.to_string(), single.join(" "));
    let record = || {
        about(Event::ClaimsReleased, grant)
            .with("scope", opened.0.as_str())
            .with("claims", opened.1.as_str())
    };
    let reading = Known::of(text, [&opened.0, &opened.1, &updated_at.0.to_string()]);
    // A proof is spent in a write, which takes the record along.
    if !held.needs_write() && idp.readings.knows(reading) {
        idp.tally.reading(reading, record, idp.now())?;
    } else {
        let mut write = idp.store.write().await?;
        held.spend(&mut write).await?;
        store::audit::append(&mut write, &record(), idp.now()).await?;
        write.commit().await?;
        idp.readings.remember(reading);
    }
    let subject = subject(&idp.derived.pairwise, &client, &grant.citizen);
    let facts = facts(&person);
    let mut claims = match client.profile {
        Profile::ClaveUnica => claveunica::userinfo(&scopes, &subject, &facts),
        Profile::Plain | Profile::Fapi2Security | Profile::Fapi2MessageSigning => {
            userinfo(&scopes, &subject, &facts)
        }
    };
    claims.extend(named(single, &facts));
    if client.userinfo.is_plain() {
        return Ok(Answer::Claims(claims));
    }
    // OpenID Connect Core §5.3.2: a signed answer says who speaks, and to whom.
    claims.insert("iss".to_owned(), idp.config.issuer.as_str().into());
    claims.insert("aud".to_owned(), client.id.as_str().into());
    Ok(Answer::Token(protected.token(idp, "JWT", &claims).await?))
}

pub(super) fn facts(person: &Person) -> Facts {
    Facts {
        given_name: person.given_name.as_str().to_owned(),
        family_name: person.family_name.as_str().to_owned(),
        name: person.full_name(),
        email: person.email.as_str().to_owned(),
        email_verified: person.email_confirmed,
        phone: person.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        address: person.address.as_ref().map(Address::claim),
        national_id: person.national_id.as_str().to_owned(),
        national_id_scheme: person.national_id.scheme().name().to_owned(),
    }
}
