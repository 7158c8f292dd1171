//! What a request to a protocol endpoint brings besides its form: DPoP proofs and the certificate of its connection.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use crate::{
    error::Error,
    rules::{
        certificate::Certificate,
        credentials::{Arrival, Presented},
        dpop,
        oauth::OauthError,
        parameters::Parameters,
    },
    service::Idp,
};

use super::token::authorization;

/// Who is at the other end of the connection. The listener puts it into each request.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The certificate that it showed, its key proven in the handshake.
    pub certificate: Option<Arc<Certificate>>,
}

/// A request's headers, as far as clients identify themselves by them.
#[derive(Debug)]
pub struct Arrived {
    authorization: Option<String>,
    arrival: Arrival,
}

impl Arrived {
    /// How the client presents itself, with this form.
    ///
    /// # Errors
    /// See [`Presented::read`].
    pub fn presented(self, form: &Parameters) -> Result<Presented, Error<OauthError>> {
        let presented = Presented::read(self.authorization.as_deref(), form).map_err(Error::Refused)?;
        Ok(presented.arrived(self.arrival))
    }

    /// The `Authorization` header, and the rest.
    #[must_use]
    pub fn parts(self) -> (Option<String>, Arrival) {
        (self.authorization, self.arrival)
    }
}

impl FromRequestParts<Arc<Idp>> for Arrived {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Idp>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().cloned().unwrap_or_default();
        Ok(Self {
            authorization: authorization(&parts.headers).map(str::to_owned),
            arrival: Arrival {
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path().to_owned(),
                proof: proof(&parts.headers),
                certificate: peer.certificate,
            },
        })
    }
}

/// RFC 9449 §4.3 step 1: not more than one.
fn proof(headers: &HeaderMap) -> dpop::Sent {
    let mut all = headers.get_all("dpop").iter();
    match (all.next(), all.next()) {
        (None, _) => dpop::Sent::None,
        (Some(only), None) => only
            .to_str()
            .map_or(dpop::Sent::Broken, |proof| dpop::Sent::One(proof.to_owned())),
        (Some(_), Some(_)) => dpop::Sent::Broken,
    }
}
