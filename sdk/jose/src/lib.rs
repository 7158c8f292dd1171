//! JWK, JWS, JWE and claims: parse, verify and decrypt; a [`Signer`] trait, no signing keys.
//!
//! Whoever checks a token finds it here, whoever issues one brings a [`Signer`].
//! Three habits hold everywhere in this crate:
//!
//! * Nothing can be read before it is verified. [`Unverified`] offers the header's `kid`, `alg` and
//!   `typ`; the claims come out of [`Verified`].
//! * An algorithm belongs to a key. [`PublicKey`] decides which [`Algorithm`]s it can check, so a
//!   token cannot choose how it is checked (RFC 8725 §3.1); `none` has no name here, and the one
//!   symmetric algorithm lives apart, in [`mac`].
//! * Outside bytes are bounded in size and depth, and no member appears twice ([`json`]).
//!
//! ```
//! use sdk_jose::{Algorithm, Expected, JwkSet, Typ, Unverified};
//!
//! # fn check(token: &str, jwks: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let keys = JwkSet::parse(jwks)?;
//! let verified = Unverified::parse(token)?
//!     .verify(&keys, &Expected { algorithms: &[Algorithm::ES256], typ: Typ::Required("at+jwt") })?;
//! let claims: sdk_jose::json::Object = verified.claims()?;
//! # Ok(()) }
//! ```
#![doc = include_str!("manual/divergences.md")]

mod algorithm;
mod clock;
pub mod hash;
pub mod id_token;
pub mod json;
pub mod jwe;
mod jwk;
mod jwk_set;
mod jws;
pub mod mac;
mod possession;
mod purpose;
mod sign;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use clock::{LEEWAY, Seconds, UnixTime};
pub use id_token::{Audience, IdTokenClaims};
pub use jwk::{Jwk, JwkRefusal, PublicKey};
pub use jwk_set::{JwkSet, MAX_JWKS_BYTES, MAX_JWKS_KEYS};
pub use jws::{Expected, MAX_TOKEN_BYTES, Refusal, Typ, Unverified, Verified};
pub use possession::claimed_issuer;
pub use sign::{SignError, Signer, SigningFault, Unsigned, sign_compact};
