//! Who came: an extractor.

use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use sdk_jose::json::Object;
use sdk_jose::{IdTokenClaims, UnixTime};
use serde::{Deserialize, Serialize};

use super::assurance::Assurance;
use super::begin::Asked;
use super::error::{Fault, LoginError, Refusal};
use super::rejection::{Asker, Rejection};
use super::secret::{BrowserSecret, Kind};
use super::{Login, cookies};

/// A person who has logged in.
///
/// As an argument of a handler it sends whoever has not to the idp and back to the same page; a form or
/// a script without a session gets a 401 instead. `Option<Citizen>` sends nobody anywhere.
#[derive(Clone)]
pub struct Citizen {
    record: Arc<Record>,
    secret: Arc<BrowserSecret>,
}

/// What a session remembers. The store has it sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) acr: Option<String>,
    pub(crate) amr: Vec<String>,
    pub(crate) auth_time: Option<UnixTime>,
    /// Every other claim, of the ID token and of userinfo.
    pub(crate) claims: Object,
    /// For the logout (RP-Initiated Logout §2, `id_token_hint`).
    pub(crate) id_token: String,
    pub(crate) since: UnixTime,
}

impl Citizen {
    /// The person's id at this application: stable, and another one at the next application.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.record.sub
    }

    /// The idp that says so.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.record.iss
    }

    /// The full name, if it was asked for and released.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.claim("name")
    }

    /// Given names.
    #[must_use]
    pub fn given_name(&self) -> Option<&str> {
        self.claim("given_name")
    }

    /// Surnames.
    #[must_use]
    pub fn family_name(&self) -> Option<&str> {
        self.claim("family_name")
    }

    /// The name to greet with: whatever is there, the `sub` at last.
    #[must_use]
    pub fn display_name(&self) -> String {
        let parts = [self.given_name(), self.family_name()];
        let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.name()
            .map(str::to_owned)
            .or(Some(joined))
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| self.sub().to_owned())
    }

    /// The e-mail address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.claim("email")
    }

    /// Whether the idp has checked that the address is the person's.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        self.record
            .claims
            .get("email_verified")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }

    /// The national id in its canonical form, `11111111-1`. Needs the scope `national_id`.
    #[must_use]
    pub fn national_id(&self) -> Option<&str> {
        self.claim("national_id")
    }

    /// Which register the national id is of: `CL-RUN`, `PE-DNI`, `UY-CI`.
    #[must_use]
    pub fn national_id_scheme(&self) -> Option<&str> {
        self.claim("national_id_scheme")
    }

    /// A claim that is a text.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.record.claims.get(name)?.as_str()
    }

    /// All claims about the person, those with a method of their own included.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.record.claims
    }

    /// How sure the idp is.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.acr().map_or(Assurance::Unknown, Assurance::from_acr)
    }

    /// The assurance in the idp's words.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.record.acr.as_deref()
    }

    /// How the person proved who they are (RFC 8176): `pwd`, `otp`, `hwk`, ….
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.record.amr
    }

    /// When.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.record.auth_time
    }

    pub(crate) fn id_token(&self) -> &str {
        &self.record.id_token
    }

    pub(crate) fn secret(&self) -> &BrowserSecret {
        &self.secret
    }
}

impl fmt::Debug for Citizen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Citizen")
            .field("sub", &self.record.sub)
            .finish_non_exhaustive()
    }
}

impl Record {
    /// ID token first: what userinfo says besides never replaces it.
    pub(crate) fn new(id: IdTokenClaims, userinfo: Object, id_token: String, now: UnixTime) -> Self {
        let mut claims = userinfo;
        claims.extend(id.other);
        for protocol in PROTOCOL_CLAIMS {
            claims.remove(protocol);
        }
        let (iss, sub, acr, amr, auth_time) = (id.iss, id.sub, id.acr, id.amr, id.auth_time);
        Self {
            iss,
            sub,
            acr,
            amr,
            auth_time,
            claims,
            id_token,
            since: now,
        }
    }
}

/// Claims about the token rather than about the person.
const PROTOCOL_CLAIMS: [&str; 3] = ["sub", "iss", "jti"];

impl<S: Send + Sync> FromRequestParts<S> for Citizen {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        at_least(parts, Assurance::Unknown).await
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Citizen {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        let asker = Asker::from_parts(parts);
        current(parts)
            .await
            .map_err(|error| Rejection::failed(error, asker))
    }
}

/// A person whose assurance is at least `LEVEL` (1, 2 or 3); who has less is asked by the idp for more.
#[derive(Debug, Clone)]
pub struct RequireAal<const LEVEL: u8>(pub Citizen);

impl<const LEVEL: u8> RequireAal<LEVEL> {
    const ASSURANCE: Assurance = match LEVEL {
        1 => Assurance::Aal1,
        2 => Assurance::Aal2,
        3 => Assurance::Aal3,
        // Stops the compiler, not the program.
        _ => panic!("levels are 1, 2 and 3"),
    };
}

impl<const LEVEL: u8, S: Send + Sync> FromRequestParts<S> for RequireAal<LEVEL> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        at_least(parts, Self::ASSURANCE).await.map(Self)
    }
}

async fn at_least(parts: &mut Parts, needed: Assurance) -> Result<Citizen, Rejection> {
    let asker = Asker::from_parts(parts);
    let found = match current(parts).await {
        Ok(found) => found,
        Err(error) => return Err(Rejection::failed(error, asker)),
    };
    if let Some(citizen) = found.filter(|citizen| citizen.assurance() >= needed) {
        return Ok(citizen);
    }
    if !asker.is_navigation {
        return Err(Rejection::failed(Refusal::LoginRequired.into(), asker));
    }
    let Some(login) = parts.extensions.get::<Login>() else {
        return Err(Rejection::failed(Fault::NoLayer.into(), asker));
    };
    let asked = Asked::login(asker.page.clone(), needed);
    match login.begin(asked, &parts.headers, asker.language).await {
        Ok(redirect) => Err(Rejection::SentToLogin(Box::new(redirect))),
        Err(error) => Err(Rejection::failed(error, asker)),
    }
}

/// The person of this request's session, if there is one.
async fn current(parts: &mut Parts) -> Result<Option<Citizen>, LoginError> {
    if let Some(citizen) = parts.extensions.get::<Citizen>() {
        return Ok(Some(citizen.clone()));
    }
    let login = parts.extensions.get::<Login>().ok_or(Fault::NoLayer)?.clone();
    let found = login.citizen(&parts.headers).await?;
    if let Some(citizen) = &found {
        parts.extensions.insert(citizen.clone());
    }
    Ok(found)
}

impl Login {
    /// The person whose session the request's cookie opens. Keeps the session awake.
    pub(crate) async fn citizen(&self, headers: &HeaderMap) -> Result<Option<Citizen>, LoginError> {
        let (config, now) = (self.config(), self.config().clock.now());
        let Some(secret) = self.cookies().session(headers) else {
            return Ok(None);
        };
        let id = secret.hashed_id(Kind::Session);
        let Some(stored) = config.store.get(&id, now).await.map_err(Fault::from)? else {
            return Ok(None);
        };
        let Some(record) = secret.open::<Record>(Kind::Session, &stored.bytes) else {
            return Ok(None);
        };
        let end = record.since.plus(config.lifetime);
        if end <= now {
            return Ok(None);
        }
        // One write in five minutes is enough to notice who is still there.
        let awake_until = now.plus(config.idle).min(end);
        if awake_until > stored.expires.plus(super::SELDOM) {
            config
                .store
                .extend(&id, awake_until, now)
                .await
                .map_err(Fault::from)?;
        }
        Ok(Some(Citizen {
            record: Arc::new(record),
            secret: Arc::new(secret),
        }))
    }

    /// Opens a session in a browser: a new secret every time, so that nobody can have planted it.
    pub(crate) async fn open_session(
        &self,
        record: Record,
        old: Option<BrowserSecret>,
        headers: &mut HeaderMap,
    ) -> Result<(), Fault> {
        let (config, now) = (self.config(), self.config().clock.now());
        let secret = BrowserSecret::fresh(self.chance())?;
        let stored = super::store::Stored {
            bytes: secret.seal(Kind::Session, &record, self.chance())?,
            expires: now.plus(config.idle).min(now.plus(config.lifetime)),
        };
        config
            .store
            .put(&secret.hashed_id(Kind::Session), stored, now)
            .await?;
        if let Some(old) = old {
            config.store.remove(&old.hashed_id(Kind::Session)).await?;
        }
        cookies::set(headers, [self.cookies().set_session(&secret)]);
        Ok(())
    }
}
