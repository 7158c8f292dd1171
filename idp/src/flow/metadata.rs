//! What the provider says of itself, also as a token: whoever got it by another way than from us can tell that it is
//! ours (RFC 8414 §2.1).

use sdk_jose::Algorithm;
use serde_json::Value;

use super::protect::signed;
use crate::{error::Fault, service::Idp};

/// `metadata` as a token of our own.
///
/// # Errors
/// A fault when it cannot be signed.
pub async fn as_token(idp: &Idp, metadata: &Value) -> Result<String, Fault> {
    let mut claims = metadata.clone();
    if let Some(claims) = claims.as_object_mut() {
        claims.insert("iss".to_owned(), idp.config.issuer.as_str().into());
        claims.insert("iat".to_owned(), idp.now().0.into());
    }
    signed(idp, "JWT", ALGORITHM, &claims).await
}

/// Every client can check it: FAPI 2.0 §5.4.1 knows it, and it is what id tokens have unless registered otherwise.
pub const ALGORITHM: Algorithm = Algorithm::ES256;
