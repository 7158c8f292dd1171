//! An authorization request (OpenID Connect Core §3.1.2.1, RFC 6749 §4.1.1).

use serde::{Deserialize, Serialize};

use super::{assurance::Aal, ids::ClientId, scope::Scopes, time::Seconds};

/// A request that passed every check: safe to keep and to answer by a redirect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes: exactly a registered URI.
    pub redirect_uri: String,
    /// What is asked, limited to what the client may ask.
    pub scopes: Scopes,
    /// Returned unchanged.
    pub state: Option<String>,
    /// Goes into the id token unchanged.
    pub nonce: Option<String>,
    /// RFC 7636 `code_challenge`, method S256.
    pub challenge: Option<String>,
    /// What the client wants to see happen.
    pub prompt: Prompt,
    /// Presence at most this old.
    pub max_age: Option<Seconds>,
    /// The level that must be reached.
    pub required: Aal,
    /// Who the client thinks it is; only fills the field.
    pub login_hint: Option<String>,
    /// Languages, best first (RFC 5646 tags).
    pub ui_locales: Vec<String>,
}

/// `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Show nothing: answer at once or say why not.
    pub none: bool,
    /// Ask for presence again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the citizen be another one.
    pub select_account: bool,
}
