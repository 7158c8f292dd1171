//! The sector identifier of a client whose redirect URIs have several hosts (OpenID Connect Registration §5): a document
//! at one of them that lists them all. It is read when the client is registered or changed, and not kept.

use url::Url;

use crate::{
    fetch::JSON,
    rules::{client::Client, registration::Invalid},
    service::Idp,
};

/// Reads the document and finds every redirect URI in it. A client without one passes.
///
/// # Errors
/// What is wrong with the document, or that it could not be read.
pub(super) async fn check(idp: &Idp, client: &Client) -> Result<(), Invalid> {
    let Some(uri) = &client.sector_identifier_uri else {
        return Ok(());
    };
    let wrong = |problem: String| Invalid::here("sector_identifier_uri", format!("{uri}: {problem}"));
    let url = Url::parse(uri).map_err(|error| wrong(error.to_string()))?;
    let document = idp
        .fetch
        .get(&url, JSON)
        .await
        .map_err(|problem| wrong(problem.to_string()))?;
    let listed: Vec<String> = serde_json::from_slice(&document.body)
        .map_err(|_| wrong("not a JSON array of redirect URIs".to_owned()))?;
    match client.redirect_uris.iter().find(|uri| !listed.contains(uri)) {
        Some(missing) => Err(wrong(format!("does not list {missing}"))),
        None => Ok(()),
    }
}
