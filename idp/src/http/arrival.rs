//! What a request to a protocol endpoint brings besides its form: DPoP proofs and the certificate of its connection.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{
    config::HeaderLine,
    error::Error,
    rules::{
        certificate::Certificate,
        credentials::{Arrival, Presented},
        dpop, forwarded,
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

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Infallible> {
        Ok(Self {
            authorization: authorization(&parts.headers).map(str::to_owned),
            arrival: Arrival {
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path().to_owned(),
                proof: proof(&parts.headers),
                certificate: certificate(idp, parts),
            },
        })
    }
}

/// The certificate of the sender. Of a proxy that the operator trusts, the one that it hands on, and never its own.
fn certificate(idp: &Idp, parts: &Parts) -> Option<Arc<Certificate>> {
    let proxy = &idp.config.proxy;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let trusted = peer.is_some_and(|peer| {
        proxy
            .trusted
            .iter()
            .any(|one| one.contains(peer.0.ip().to_canonical()))
    });
    match &proxy.certificate_header {
        Some(HeaderLine(name)) if trusted => {
            let mut all = parts.headers.get_all(name).iter();
            let (Some(only), None) = (all.next(), all.next()) else {
                return None;
            };
            let der = forwarded::certificate(only.to_str().ok()?)?;
            idp.authorities.certificate(&[der.into()], idp.now())
        }
        Some(_) | None => parts.extensions.get::<Peer>()?.certificate.clone(),
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
