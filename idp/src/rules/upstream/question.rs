//! What the person's browser takes to the other provider (OpenID Connect Core §3.1.2.1).

use sdk_jose::hash::code_challenge_s256;
use url::Url;

use super::{AWAY, Endpoints, Provider};
use crate::rules::{secret::Opaque, tokens::SubjectKey};

/// One question: its state, and what follows from it. The nonce and the verifier are tags over the state under a key of
/// ours, so that nobody who reads the store, or the address in the browser, has them.
#[derive(Debug)]
pub struct Question {
    /// Names it, in the browser's address and back.
    pub state: Opaque,
    nonce: String,
    verifier: String,
}

impl Question {
    /// The question under `state` to the provider of this name.
    #[must_use]
    pub fn new(key: &dyn SubjectKey, name: &str, state: Opaque) -> Self {
        let digest = state.digest();
        let tag = |what: &[u8]| key.tag_text(&[what, name.as_bytes(), digest.bytes()]);
        Self {
            nonce: tag(b"nonce"),
            verifier: tag(b"verifier"),
            state,
        }
    }

    /// The nonce that the ID token must carry.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The verifier of RFC 7636 §4.1: 43 characters.
    #[must_use]
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// Where the browser is sent.
    #[must_use]
    pub fn address(&self, provider: &Provider, endpoints: &Endpoints, redirect_uri: &str) -> String {
        let mut address: Url = endpoints.authorization.clone();
        let mut query = address.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &provider.scope)
            .append_pair("state", self.state.text().expose())
            .append_pair("nonce", &self.nonce)
            .append_pair("code_challenge", &code_challenge_s256(&self.verifier))
            .append_pair("code_challenge_method", "S256");
        if provider.fresh_login {
            // Somebody else may have left a session there on a shared computer.
            query
                .append_pair("prompt", "login")
                .append_pair("max_age", &AWAY.0.to_string());
        }
        if !provider.acr_values.is_empty() {
            query.append_pair("acr_values", &provider.acr_values.join(" "));
        }
        drop(query);
        address.into()
    }
}
