//! Reading an `id_token_hint`: one of our own id tokens, perhaps expired, as the client gives it back.

use sdk_jose::{Expected, Typ};
use serde::Deserialize;

use crate::{
    rules::{client::SIGNING, logout::Hint},
    service::Idp,
};

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(flatten)]
    hint: Hint,
}

/// What the hint says, if we signed it with a key that was not revoked. Its age does not matter, and neither does its
/// key's; who holds it, the caller checks.
#[must_use]
pub fn read(idp: &Idp, token: &str) -> Option<Hint> {
    let expected = Expected {
        algorithms: &SIGNING,
        typ: Typ::JwtOrAbsent,
    };
    let claims: Claims = idp.signing.recognise(token, &expected)?.claims().ok()?;
    idp.config.issuer.is_ours(&claims.iss).then_some(claims.hint)
}
