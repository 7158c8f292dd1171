//! Hashes that bind one message to another: `at_hash` and `c_hash`, and the code challenge of PKCE.

use data_encoding::BASE64URL_NOPAD;
use ring::digest;
use subtle::ConstantTimeEq;

use crate::Algorithm;

/// The left half of the hash of an access token or a code (OpenID Connect Core §3.1.3.6, §3.3.2.11).
///
/// The hash is the one that `algorithm`, the ID token's, uses itself; Ed25519 uses SHA-512.
#[must_use]
pub fn half_hash(algorithm: Algorithm, of: &str) -> String {
    let hash = match algorithm {
        Algorithm::ES256 | Algorithm::PS256 | Algorithm::RS256 => &digest::SHA256,
        Algorithm::ES384 => &digest::SHA384,
        Algorithm::EdDSA => &digest::SHA512,
    };
    let whole = digest::digest(hash, of.as_bytes());
    let (left, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
    BASE64URL_NOPAD.encode(left)
}

/// The `S256` code challenge for a verifier (RFC 7636 §4.2).
#[must_use]
pub fn code_challenge_s256(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}

/// Whether two strings are equal, in a time that does not tell where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_of_the_rfc() {
        let challenge = code_challenge_s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    /// OpenID Connect Core, appendix A.3.
    #[test]
    fn the_at_hash_of_the_specification() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn an_ed25519_hash_is_half_of_sha512() {
        assert_eq!(
            BASE64URL_NOPAD
                .decode(half_hash(Algorithm::EdDSA, "x").as_bytes())
                .unwrap()
                .len(),
            32
        );
    }
}
