//! JWK, JWS and claims: parse and verify; a Signer trait, no private keys.
