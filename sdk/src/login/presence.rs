//! Proof that the person is there now, and for this.

use std::fmt;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use sdk_jose::{IdTokenClaims, Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use super::Login;
use super::assurance::Assurance;
use super::begin::Asked;
use super::citizen::Citizen;
use super::error::{Fault, LoginError};
use super::rejection::{Asker, Rejection};
use super::return_path::ReturnPath;
use super::secret::Kind;
use crate::look::Language;

/// What presence is proved for: a SHA-256 digest, for instance over exactly the documents to be signed.
///
/// It goes to the idp inside the nonce and comes back signed in the ID token, so that the proof says
/// what it was given for: `nonce = base64url(16 random bytes ‖ binding)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding(pub [u8; 32]);

impl Binding {
    /// The binding in a nonce of ours, if it has the shape of one. Lets an auditor read an ID token kept as evidence.
    #[must_use]
    pub fn from_nonce(nonce: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(nonce.as_bytes()).ok()?;
        let (_, binding) = bytes.split_at_checked(16)?;
        binding.try_into().ok().map(Self)
    }
}

/// That the person who is logged in proved at the idp, just now, that they are there.
///
/// Given out once: neither `Clone` nor buildable elsewhere.
#[derive(Serialize, Deserialize)]
pub struct Presence {
    binding: Binding,
    sub: String,
    auth_time: UnixTime,
    acr: Option<String>,
    amr: Vec<String>,
    id_token: String,
}

impl Presence {
    pub(crate) fn new(
        binding: Binding,
        auth_time: UnixTime,
        claims: &IdTokenClaims,
        id_token: String,
    ) -> Self {
        let (sub, acr, amr) = (claims.sub.clone(), claims.acr.clone(), claims.amr.clone());
        Self {
            binding,
            sub,
            auth_time,
            acr,
            amr,
            id_token,
        }
    }

    /// For what.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// By whom.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// When.
    #[must_use]
    pub fn auth_time(&self) -> UnixTime {
        self.auth_time
    }

    /// With which assurance.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        self.acr
            .as_deref()
            .map_or(Assurance::Unknown, Assurance::from_acr)
    }

    /// The assurance in the idp's words.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// By which methods (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// The evidence: signed by the idp, with the binding in its nonce.
    #[must_use]
    pub fn id_token(&self) -> &str {
        &self.id_token
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence")
            .field("sub", &self.sub)
            .field("auth_time", &self.auth_time)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Sends the person to the idp to prove that they are there (`max_age=0`), with at least the
    /// assurance of their session, and then to `return_to`, a path of ours. There,
    /// [`Login::take_presence`] has the proof.
    ///
    /// The answer is a redirect, or a page that says why not.
    pub async fn reauthenticate(
        &self,
        citizen: &Citizen,
        binding: Binding,
        return_to: &str,
        language: Language,
    ) -> Response {
        let return_to = ReturnPath::new(return_to);
        let asked = Asked::presence(return_to.clone(), citizen.assurance(), binding, citizen);
        match self.begin(asked, &HeaderMap::new(), language).await {
            Ok(redirect) => redirect,
            Err(error) => Rejection::failed(error, Asker::person(self, return_to, language)).into_response(),
        }
    }

    /// The proof of presence that this session has for `binding`: the first caller gets it, no other does.
    ///
    /// # Errors
    /// [`LoginError::Fault`] when the store cannot answer.
    pub async fn take_presence(
        &self,
        citizen: &Citizen,
        binding: &Binding,
    ) -> Result<Option<Presence>, LoginError> {
        let (store, now) = (&self.config().store, self.config().clock.now());
        let id = citizen.secret().hashed_id_for(Kind::Presence, &binding.0);
        let Some(stored) = store.take(&id, now).await.map_err(Fault::from)? else {
            return Ok(None);
        };
        let presence: Option<Presence> = citizen.secret().open(Kind::Presence, &stored.bytes);
        Ok(presence.filter(|presence| presence.binding == *binding && presence.sub == citizen.sub()))
    }

    pub(crate) async fn keep_presence(&self, citizen: &Citizen, presence: &Presence) -> Result<(), Fault> {
        let (store, now) = (&self.config().store, self.config().clock.now());
        let stored = super::store::Stored {
            bytes: citizen.secret().seal(Kind::Presence, presence, self.chance())?,
            expires: now.plus(PRESENCE_LIFETIME),
        };
        store
            .put(
                &citizen
                    .secret()
                    .hashed_id_for(Kind::Presence, &presence.binding.0),
                stored,
                now,
            )
            .await?;
        Ok(())
    }
}

/// Ours: the person is on the way back to the page that asked; there is nothing else to wait for.
const PRESENCE_LIFETIME: Seconds = Seconds(5 * 60);
