//! Where each service listens and what it is called from outside.

use std::net::{Ipv4Addr, TcpListener};

use crate::{Error, Refusal};

/// The three processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The identity provider.
    Idp,
    /// The signing service.
    Signer,
    /// The demonstration agency.
    Agency,
}

impl Service {
    /// All of them, in the order of their ports.
    pub const ALL: [Self; 3] = [Self::Idp, Self::Signer, Self::Agency];

    /// The name of its binary, its folder and its log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idp => "idp",
            Self::Signer => "signer",
            Self::Agency => "agency",
        }
    }
}

/// Ports and scheme of a run.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Of idp, signer and agency.
    pub ports: [u16; 3],
    /// Whether they speak https.
    pub tls: bool,
}

impl Addresses {
    /// The port of a service.
    #[must_use]
    pub fn port(&self, service: Service) -> u16 {
        let [idp, signer, agency] = self.ports;
        match service {
            Service::Idp => idp,
            Service::Signer => signer,
            Service::Agency => agency,
        }
    }

    /// The public address, without a slash at the end.
    #[must_use]
    pub fn url(&self, service: Service) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.port(service))
    }

    /// The client id of a service at this address. Another address is another client, so that one state can be
    /// started in several ways and each redirect address is registered exactly.
    #[must_use]
    pub fn client_id(&self, name: &str, service: Service) -> String {
        let usual = Self::default();
        if self.tls == usual.tls && self.port(service) == usual.port(service) {
            return name.to_owned();
        }
        let scheme = if self.tls { "https" } else { "http" };
        format!("{name}-{scheme}-{}", self.port(service))
    }

    /// Checks that every port is free.
    ///
    /// # Errors
    /// Refused with the first that is taken; `holder` may know by whom.
    pub fn free(&self, holder: impl Fn(Service) -> Option<u32>) -> Result<(), Error> {
        for service in Service::ALL {
            let port = self.port(service);
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
                let by = holder(service).map_or_else(String::new, |pid| {
                    format!(
                        " by an earlier {} (process {pid}; `kill {pid}` stops it)",
                        service.name()
                    )
                });
                return Err(Refusal::PortTaken {
                    port,
                    service: service.name(),
                    by,
                }
                .into());
            }
        }
        Ok(())
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            ports: [8080, 8081, 8082],
            tls: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_is_another_client() {
        let usual = Addresses::default();
        let other = Addresses {
            ports: [9080, 9081, 9082],
            tls: true,
        };
        assert_eq!(usual.client_id("agency", Service::Agency), "agency");
        assert_eq!(other.client_id("agency", Service::Agency), "agency-https-9082");
    }

    #[test]
    fn a_taken_port_is_named() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let addresses = Addresses {
            ports: [port, 0, 0],
            tls: false,
        };
        let error = addresses.free(|_| Some(7)).unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("idp") && error.contains("kill 7"),
            "{error}"
        );
    }
}
