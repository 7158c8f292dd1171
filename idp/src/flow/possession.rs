//! What the sender of a request proved to hold: a key by its DPoP proof (RFC 9449), a certificate by its connection.

use crate::{
    error::Error,
    rules::{
        binding::{Binding, Demanded, Scheme, Shown},
        client::Client,
        credentials::Arrival,
        dpop::{self, Refusal, Sent, Target},
        oauth::{Code, OauthError},
        replay::Once,
        secret::Digest,
        tokens::SubjectKey,
    },
    service::Idp,
    store::{self, Write},
};

/// What a token request proved, and what tokens for it are bound to. Its proof was spent.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// What was shown.
    pub shown: Shown,
    /// What follows for the tokens.
    pub binding: Binding,
}

/// What a request shows, its proof not spent yet: that is for the write that goes with the request.
#[derive(Debug)]
pub struct Unspent {
    /// What was shown.
    pub shown: Shown,
    once: Option<Once>,
}

impl Unspent {
    /// There is a proof that must be spent in a write.
    #[must_use]
    pub fn needs_write(&self) -> bool {
        self.once.is_some()
    }

    /// Spends the proof, if there was one.
    ///
    /// # Errors
    /// `invalid_dpop_proof` when it was spent before.
    pub async fn spend(self, write: &mut Write) -> Result<Shown, Error<OauthError>> {
        match &self.once {
            Some(once) if !store::replays::spend(write, once).await? => {
                Err(refused(Refusal::Invalid("the proof was used before (jti)")))
            }
            Some(_) | None => Ok(self.shown),
        }
    }
}

/// What a token request of `client` proves, by what its registration demands.
///
/// # Errors
/// `invalid_dpop_proof`, `use_dpop_nonce`, or `invalid_grant` when the client must show more than it did.
pub async fn held(idp: &Idp, client: &Client, arrival: &Arrival) -> Result<Held, Error<OauthError>> {
    let unspent = shown(idp, arrival, None)?;
    let demanded = Demanded {
        key: client.dpop_bound_access_tokens,
        certificate: client.tls_bound_access_tokens,
    };
    let binding = Binding::of(&unspent.shown, demanded).map_err(Error::Refused)?;
    if unspent.once.is_none() {
        return Ok(Held {
            shown: unspent.shown,
            binding,
        });
    }
    let mut write = idp.store.write().await?;
    let shown = unspent.spend(&mut write).await?;
    write.commit().await?;
    Ok(Held { shown, binding })
}

/// What a pushed request proves (RFC 9449 §10.1): its proof is as good as a `dpop_jkt` of the same key.
///
/// # Errors
/// `invalid_dpop_proof`, `use_dpop_nonce`, or `invalid_request` when `dpop_jkt` names another key.
pub fn pushed(idp: &Idp, arrival: &Arrival, dpop_jkt: Option<Digest>) -> Result<Unspent, Error<OauthError>> {
    let unspent = shown(idp, arrival, None)?;
    match (unspent.shown.key, dpop_jkt) {
        (Some(key), Some(asked)) if key != asked => Err(Error::Refused(OauthError::new(
            Code::InvalidRequest,
            "dpop_jkt is not the key of the DPoP proof",
        ))),
        (Some(_), _) | (None, _) => Ok(unspent),
    }
}

/// What a request shows that carries this access token by this scheme. A bearer shows no key, whatever it sends along.
///
/// # Errors
/// `invalid_dpop_proof` or `use_dpop_nonce`.
pub fn carried(
    idp: &Idp,
    arrival: &Arrival,
    (scheme, token): (Scheme, &str),
) -> Result<Unspent, Error<OauthError>> {
    match (scheme, &arrival.proof) {
        (Scheme::Bearer, _) => Ok(without_key(arrival)),
        (Scheme::Dpop, Sent::None) => Err(refused(Refusal::Invalid("the DPoP header is missing"))),
        (Scheme::Dpop, Sent::One(_) | Sent::Broken) => shown(idp, arrival, Some(token)),
    }
}

/// A nonce for the next proof.
#[must_use]
pub fn nonce(idp: &Idp) -> String {
    dpop::nonce(&idp.derived.dpop, idp.now())
}

fn shown(idp: &Idp, arrival: &Arrival, access_token: Option<&str>) -> Result<Unspent, Error<OauthError>> {
    let proof = match &arrival.proof {
        Sent::None => return Ok(without_key(arrival)),
        Sent::Broken => return Err(refused(Refusal::Invalid("there must be one DPoP header"))),
        Sent::One(proof) => proof,
    };
    let addresses = idp
        .config
        .issuer
        .everywhere(&arrival.path, idp.config.mtls.as_ref());
    let target = Target {
        method: &arrival.method,
        addresses: &addresses,
        access_token,
    };
    let key: &dyn SubjectKey = &idp.derived.dpop;
    let nonces = idp.config.dpop.require_nonce.then_some(key);
    let proof = dpop::check(proof, &target, nonces, idp.now()).map_err(refused)?;
    let mut unspent = without_key(arrival);
    unspent.shown.key = Some(proof.key);
    unspent.once = Some(proof.once);
    Ok(unspent)
}

fn without_key(arrival: &Arrival) -> Unspent {
    let certificate = arrival.certificate.as_ref();
    Unspent {
        shown: Shown {
            key: None,
            certificate: certificate.map(|certificate| certificate.thumbprint()),
        },
        once: None,
    }
}

fn refused(refusal: Refusal) -> Error<OauthError> {
    Error::Refused(match refusal {
        Refusal::Invalid(description) => OauthError::new(Code::InvalidDpopProof, description),
        Refusal::Nonce => OauthError::new(
            Code::UseDpopNonce,
            "the proof needs the nonce of the DPoP-Nonce header",
        ),
    })
}
