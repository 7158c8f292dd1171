//! What we tell a client as a token: signed, and encrypted to the client where it wants that. Id tokens, userinfo,
//! authorization responses (JARM) and introspection responses (RFC 9701) all leave through here.

use ring::rand::SystemRandom;
use sdk_jose::{
    Algorithm, Jwk,
    jwe::{Content, EncryptError, encrypt_compact},
};
use serde::Serialize;

use crate::{
    error::{Error, Fault},
    rules::{
        client::{Client, Encryption, Protection},
        oauth::{Code, OauthError},
    },
    service::Idp,
};

use super::client_keys;

/// `claims` as a signed token of the kind `typ`, by the key that signs with `algorithm` now.
///
/// # Errors
/// A fault when there is no such key, or it cannot sign.
pub(crate) async fn signed(
    idp: &Idp,
    typ: &str,
    algorithm: Algorithm,
    claims: &impl Serialize,
) -> Result<String, Fault> {
    let signer = idp
        .signing
        .signer(algorithm, idp.now())
        .ok_or(Fault::plain("no key signs with this algorithm"))?;
    signer.token(typ, claims).await
}

/// The receiver's key is at hand: what is left needs nobody else.
#[derive(Debug)]
pub(crate) struct Prepared {
    signed: Option<Algorithm>,
    encrypted: Option<(Encryption, Jwk)>,
}

/// Prepares an answer to `client` that is protected so: signed, signed and then encrypted (RFC 7519 §11.2), or encrypted
/// alone. Which of these a kind of answer may be is its caller's rule. The client's keys may have to be fetched, so this
/// is not done while a transaction is open; what comes after it, [`Prepared::token`], may be.
///
/// # Errors
/// A refusal when the client has none.
pub(crate) async fn prepare(
    idp: &Idp,
    client: &Client,
    protection: Protection,
) -> Result<Prepared, Error<OauthError>> {
    let encrypted = match protection.encrypted {
        None => None,
        Some(encryption) => Some((encryption, Box::pin(receiver(idp, client, encryption)).await?)),
    };
    Ok(Prepared {
        signed: protection.signed,
        encrypted,
    })
}

impl Prepared {
    /// The token.
    ///
    /// # Errors
    /// A fault of ours.
    pub(crate) async fn token(&self, idp: &Idp, typ: &str, claims: &impl Serialize) -> Result<String, Fault> {
        let signed = match self.signed {
            Some(algorithm) => Some(signed(idp, typ, algorithm, claims).await?),
            None => None,
        };
        match (&self.encrypted, signed) {
            (None, Some(token)) => Ok(token),
            (Some(to), Some(token)) => encrypt(Content::Jwt(&token), to),
            (Some(to), None) => {
                let claims =
                    serde_json::to_vec(claims).map_err(|source| Fault::of("writing claims", source))?;
                encrypt(Content::Claims(&claims), to)
            }
            (None, None) => Err(Fault::plain("a token that is neither signed nor encrypted")),
        }
    }
}

/// The key of `client` for this encryption (OpenID Connect Core §10.2).
async fn receiver(idp: &Idp, client: &Client, encryption: Encryption) -> Result<Jwk, Error<OauthError>> {
    client_keys::of(idp, client)
        .await?
        .for_encryption(encryption.alg)
        .cloned()
        .ok_or(Error::Refused(NO_KEY))
}

fn encrypt(content: Content<'_>, (encryption, to): &(Encryption, Jwk)) -> Result<String, Fault> {
    // The key pair of an agreement is made by ring, which takes chance from the operating system alone.
    encrypt_compact(
        content,
        to,
        (encryption.alg, encryption.enc),
        &SystemRandom::new(),
    )
    .map_err(|source: EncryptError| Fault::of("encrypting a token", source))
}

const NO_KEY: OauthError = OauthError::new(
    Code::InvalidRequest,
    "the client's keys hold none to encrypt to: an EC key, use enc",
);
