//! Asks a service whether it is ready: one small GET over http, or https under the development root.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Addresses, Service};
use crate::Error;

/// Knows how to ask.
pub struct Probe {
    addresses: Addresses,
    tls: Option<Arc<ClientConfig>>,
}

impl Probe {
    /// For services at these addresses.
    ///
    /// # Errors
    /// A fault when the development root cannot be read.
    pub fn new(addresses: Addresses, root: &Path) -> Result<Self, Error> {
        let tls = if addresses.tls {
            Some(Arc::new(client_config(root)?))
        } else {
            None
        };
        Ok(Self { addresses, tls })
    }

    /// Whether `GET /readyz` answers 200 now.
    #[must_use]
    pub fn is_ready(&self, service: Service) -> bool {
        self.ask(service).unwrap_or(false)
    }

    fn ask(&self, service: Service) -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.addresses.port(service)));
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        match &self.tls {
            None => exchange(stream, address),
            Some(config) => {
                let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
                let connection =
                    ClientConnection::new(Arc::clone(config), name).map_err(std::io::Error::other)?;
                exchange(StreamOwned::new(connection, stream), address)
            }
        }
    }
}

fn exchange(mut stream: impl Read + Write, address: SocketAddr) -> std::io::Result<bool> {
    let port = address.port();
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head)?;
    Ok(head.ends_with(b" 200"))
}

fn client_config(root: &Path) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(root).map_err(Error::file(root))?;
    roots.add(certificate).map_err(Error::file(root))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::fault("preparing https"))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// A service on the same machine answers at once or is not there yet.
const PATIENCE: Duration = Duration::from_secs(2);
