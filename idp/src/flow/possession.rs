//! What the sender of a request proved to hold: a key by its DPoP proof (RFC 9449), a certificate by its connection.

use crate::{
    error::Error,
    rules::{
        binding::{Binding, Demanded, Shown},
        client::Client,
        credentials::Arrival,
        dpop::{self, Refusal, Sent, Target},
        oauth::{Code, OauthError},
        tokens::SubjectKey,
    },
    service::Idp,
    store,
};

/// What `arrival` shows, for a request with this access token or without one. A proof is spent by this.
///
/// # Errors
/// `invalid_dpop_proof`, or `use_dpop_nonce` where nonces are required.
pub async fn shown(
    idp: &Idp,
    arrival: &Arrival,
    access_token: Option<&str>,
) -> Result<Shown, Error<OauthError>> {
    let certificate = arrival
        .certificate
        .as_ref()
        .map(|certificate| certificate.thumbprint());
    let proof = match &arrival.proof {
        Sent::None => {
            return Ok(Shown {
                key: None,
                certificate,
            });
        }
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
    let mut write = idp.store.write().await?;
    if !store::replays::spend(&mut write, &proof.once).await? {
        return Err(refused(Refusal::Invalid("the proof was used before (jti)")));
    }
    write.commit().await?;
    Ok(Shown {
        key: Some(proof.key),
        certificate,
    })
}

/// What tokens for `client` are bound to when it asks for them so.
///
/// # Errors
/// As [`shown`]; `invalid_grant` when the client must show more than it did.
pub async fn binding(
    idp: &Idp,
    client: &Client,
    arrival: &Arrival,
) -> Result<(Shown, Binding), Error<OauthError>> {
    let shown = shown(idp, arrival, None).await?;
    let demanded = Demanded {
        key: client.dpop_bound_access_tokens,
        certificate: client.tls_bound_access_tokens,
    };
    let binding = Binding::of(&shown, demanded).map_err(Error::Refused)?;
    Ok((shown, binding))
}

/// A nonce for the next proof.
#[must_use]
pub fn nonce(idp: &Idp) -> String {
    dpop::nonce(&idp.derived.dpop, idp.now())
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
