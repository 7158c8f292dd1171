//! Who asks: the address of the connection, or the one that a proxy of ours forwards.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::service::Service;

/// The address, where there is one.
pub(super) struct Peer(pub(super) Option<IpAddr>);

impl FromRequestParts<Arc<Service>> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Infallible> {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let trusted = &service.config.proxy.trusted;
        Ok(Self(
            connection.map(|from| origin(from.0.ip(), &parts.headers, trusted)),
        ))
    }
}

/// From the connection backwards along what proxies wrote, as far as each is one of ours: what lies behind the first
/// stranger, that stranger may have made up.
fn origin(connection: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut origin = connection.to_canonical();
    let lines = headers.get_all(FORWARDED).iter();
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    for forwarded in lines.iter().flat_map(|line| line.split(',')).rev() {
        if !trusted.contains(&origin) {
            break;
        }
        let Ok(address) = forwarded.trim().parse::<IpAddr>() else {
            break;
        };
        origin = address.to_canonical();
    }
    origin
}

/// What proxies write, and what ours must; `Forwarded` (RFC 7239) is not read beside it, or two lists could disagree.
const FORWARDED: &str = "x-forwarded-for";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(connection: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        origin(connection.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_does_not_choose_its_address() {
        assert_eq!(told("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(told("10.0.0.1", &["198.51.100.7, 192.0.2.1"]), "192.0.2.1");
    }

    #[test]
    fn our_proxies_are_believed_one_behind_the_other() {
        assert_eq!(told("10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(told("10.0.0.1", &["192.0.2.1, 10.0.0.2"]), "192.0.2.1");
        assert_eq!(told("10.0.0.1", &["192.0.2.1", "10.0.0.2"]), "192.0.2.1");
    }

    #[test]
    fn what_is_no_address_is_not_followed() {
        assert_eq!(told("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(told("10.0.0.1", &[]), "10.0.0.1");
    }
}
