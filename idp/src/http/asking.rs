//! Who asks: the box on top of the pages of an interaction, and where their forms may end.

use super::{pages::Agency, security::FormTarget};
use crate::{
    error::Error,
    flow,
    rules::{
        ids::ClientId,
        interaction::{Interaction, Purpose},
    },
    service::Idp,
};

/// The agency of an interaction; `None` for our own pages.
pub async fn agency(idp: &Idp, interaction: &Interaction) -> Result<Option<Agency>, Error> {
    let Purpose::Authorize(request) = &interaction.purpose else {
        return Ok(None);
    };
    let host = url::Url::parse(&request.redirect_uri)
        .ok()
        .and_then(|url| Some(url.host_str()?.to_owned()));
    Ok(Some(Agency {
        name: name(idp, &request.client).await?,
        host: host.unwrap_or_default(),
    }))
}

/// The registered name of a client; its id, if it was removed since.
pub async fn name(idp: &Idp, client: &ClientId) -> Result<String, Error> {
    let found = flow::client::name(idp, client).await?;
    Ok(found.unwrap_or_else(|| client.as_str().to_owned()))
}

/// Where a form on a page of this interaction may end.
pub fn target(interaction: &Interaction) -> Option<FormTarget> {
    match &interaction.purpose {
        Purpose::Authorize(request) => FormTarget::of(&request.redirect_uri),
        Purpose::Account { .. } => None,
    }
}

/// Languages that the client suggests, best first.
pub fn locales(interaction: &Interaction) -> &[String] {
    match &interaction.purpose {
        Purpose::Authorize(request) => &request.ui_locales,
        Purpose::Account { .. } => &[],
    }
}

/// The client says that the person has no credential yet (`prompt=create`).
pub fn newcomer(interaction: &Interaction) -> bool {
    match &interaction.purpose {
        Purpose::Authorize(request) => request.prompt.create,
        Purpose::Account { .. } => false,
    }
}

/// What the client thinks the person would type.
pub fn hint(interaction: &Interaction) -> &str {
    match &interaction.purpose {
        Purpose::Authorize(request) => request.login_hint.as_deref().unwrap_or_default(),
        Purpose::Account { .. } => "",
    }
}
