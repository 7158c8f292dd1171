//! Clients with TLS certificates (RFC 8705), over a real https listener.

use std::{net::TcpListener, sync::Arc};

use idp::{http::serve::serve, service::Idp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use reqwest::{Client, Identity, StatusCode};
use sdk_jose::{Algorithm, Jwk, PublicKey};
use serde_json::{Value, json};

use crate::{agency::Agency, browser::House};

/// A certificate with its key, as PEM.
struct Pair {
    certificate: String,
    key: KeyPair,
}

impl Pair {
    fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params("agency").self_signed(&key).unwrap().pem();
        Self { certificate, key }
    }

    fn jwks(&self) -> Value {
        let point = PublicKey::from_point(self.key.public_key_raw()).unwrap();
        json!({ "keys": [Jwk::new(point, "tls", Algorithm::ES256)] })
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// An authority that issues clients' certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params("authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    fn issue(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut asked = params(name);
        asked.distinguished_name = rcgen::DistinguishedName::new();
        asked.distinguished_name.push(DnType::CommonName, name);
        let certificate = asked.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key }
    }
}

/// A provider on a port of its own, with an authority for clients.
struct Listening {
    house: House,
    authority: Authority,
    origin: String,
    server: String,
    _files: tempfile::TempDir,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Listening {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let (server, authority) = (Pair::self_signed(), Authority::new());
        let path = |name: &str| files.path().join(name);
        std::fs::write(path("server.pem"), &server.certificate).unwrap();
        std::fs::write(path("server.key"), server.key.serialize_pem()).unwrap();
        std::fs::write(path("clients.pem"), &authority.pem).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let folder = files.path().display();
        let more = format!(
            "[tls]\ncertificate = \"{folder}/server.pem\"\nkey = \"{folder}/server.key\"\n\
             [mtls]\nauthorities = \"{folder}/clients.pem\"\n"
        );
        let house = House::configured(&origin, &more).await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let idp: Arc<Idp> = Arc::clone(&house.idp);
        tokio::spawn(serve(idp, listener, async move {
            let _ = stopped.await;
        }));
        Self {
            house,
            authority,
            origin,
            server: server.certificate,
            _files: files,
            _stop: stop,
        }
    }

    /// An https client that shows `pair`, if any.
    fn client(&self, pair: Option<&Pair>) -> Client {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let server = reqwest::Certificate::from_pem(self.server.as_bytes()).unwrap();
        let builder = Client::builder().no_proxy().tls_certs_only([server]);
        let builder = match pair {
            None => builder,
            Some(pair) => {
                let pem = format!("{}{}", pair.certificate, pair.key.serialize_pem());
                builder.identity(Identity::from_pem(pem.as_bytes()).unwrap())
            }
        };
        builder.build().unwrap()
    }

    /// Whether a client is believed to be itself when it shows this.
    async fn believes(&self, agency: &Agency, pair: Option<&Pair>) -> StatusCode {
        let fields = [("client_id", agency.id.as_str()), ("token", "unknown")];
        let sent = self
            .client(pair)
            .post(format!("{}/revoke", self.origin))
            .form(&fields);
        sent.send().await.unwrap().status()
    }
}

#[tokio::test]
async fn a_client_is_known_by_its_self_signed_certificate() {
    let listening = Listening::new().await;
    let (own, other) = (Pair::self_signed(), Pair::self_signed());
    let registration = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": own.jwks(),
    });
    let agency = Agency::with(&listening.house, registration).await;
    assert_eq!(listening.believes(&agency, Some(&own)).await, StatusCode::OK);
    assert_eq!(
        listening.believes(&agency, Some(&other)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(listening.believes(&agency, None).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_is_known_by_the_name_that_an_authority_certified() {
    let listening = Listening::new().await;
    let registration = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=agency",
    });
    let agency = Agency::with(&listening.house, registration).await;
    let own = listening.authority.issue("agency");
    assert_eq!(listening.believes(&agency, Some(&own)).await, StatusCode::OK);
    for wrong in [
        listening.authority.issue("other"),
        Authority::new().issue("agency"),
        Pair::self_signed(),
    ] {
        assert_eq!(
            listening.believes(&agency, Some(&wrong)).await,
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(listening.believes(&agency, None).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_certificate_is_no_way_in_for_a_client_with_a_secret() {
    let listening = Listening::new().await;
    let agency = Agency::new(&listening.house).await;
    let certified = listening.authority.issue("agency");
    assert_eq!(
        listening.believes(&agency, Some(&certified)).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn nobody_must_show_a_certificate() {
    let listening = Listening::new().await;
    let found = listening
        .client(None)
        .get(format!("{}/.well-known/openid-configuration", listening.origin))
        .send()
        .await
        .unwrap();
    let metadata: Value = found.json().await.unwrap();
    let methods = metadata["token_endpoint_auth_methods_supported"].to_string();
    assert!(methods.contains("\"tls_client_auth\"") && methods.contains("\"self_signed_tls_client_auth\""));
}
