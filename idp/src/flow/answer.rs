//! An answer on its way to the client: in the open, or signed and perhaps encrypted as the client asked (JARM).

use crate::{
    error::{Error, Fault},
    rules::{
        answer::{Answer, Delivery},
        client::Protection,
        refusal::Refusal,
    },
    service::Idp,
};

use super::protect::prepare;

/// Wraps `answer`. To be called after everything is written: keys may take their time.
///
/// # Errors
/// [`Refusal::RequestMalformed`] when the client has no key that its answer could be encrypted to: then it is told
/// nothing, since it wants nothing in the open. A fault of the database or of our keys.
pub async fn deliver(idp: &Idp, answer: Answer) -> Result<Delivery, Error> {
    let issuer = idp.config.issuer.named_to(answer.to.profile);
    if !answer.to.response_mode.is_signed() {
        return Ok(answer.plain(issuer));
    }
    let found = super::client::find(idp, &answer.to.client).await?;
    let client = found.ok_or(Fault::plain("answering a client that is gone"))?;
    let registered = client.authorization_response;
    // JARM §3: always signed, encrypted where registered.
    let protection = Protection {
        signed: registered.signed.or(Some(client.id_token_alg)),
        encrypted: registered.encrypted,
    };
    let prepared = prepare(idp, &client, protection).await;
    let prepared =
        prepared.map_err(|error| error.map(|error| Refusal::RequestMalformed(error.description)))?;
    let claims = answer.claims(issuer, idp.now());
    let token = prepared.token(idp, "JWT", &claims).await?;
    Ok(answer.signed(token))
}
