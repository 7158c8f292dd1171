//! Clients with TLS certificates (RFC 8705), over a real https listener.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use axum::extract::ConnectInfo;
use idp::{http::serve::serve, service::Idp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use reqwest::{Client, Identity, StatusCode};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use sdk_jose::{Algorithm, Jwk, PublicKey};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    agency::{Agency, CALLBACK, VERIFIER},
    browser::House,
};

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

    /// Tokens for a client that shows this.
    async fn tokens(&self, agency: &Agency, pair: &Pair) -> Value {
        let code = agency.code(&self.house).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", agency.id.as_str()),
        ];
        let sent = self
            .client(Some(pair))
            .post(format!("{}/token", self.origin))
            .form(&fields);
        sent.send().await.unwrap().json().await.unwrap()
    }

    async fn userinfo(&self, token: &str, pair: Option<&Pair>) -> StatusCode {
        let sent = self
            .client(pair)
            .get(format!("{}/userinfo", self.origin))
            .bearer_auth(token);
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
async fn a_token_works_for_the_holder_of_its_certificate() {
    let listening = Listening::new().await;
    let (own, other) = (Pair::self_signed(), Pair::self_signed());
    let registration = json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": own.jwks(),
        "tls_client_certificate_bound_access_tokens": true,
    });
    let agency = Agency::with(&listening.house, registration).await;
    let tokens = listening.tokens(&agency, &own).await;
    assert_eq!(tokens["token_type"], "Bearer");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(listening.userinfo(token, Some(&own)).await, StatusCode::OK);
    assert_eq!(
        listening.userinfo(token, Some(&other)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(listening.userinfo(token, None).await, StatusCode::UNAUTHORIZED);
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
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], true);
    let methods = metadata["token_endpoint_auth_methods_supported"].to_string();
    assert!(methods.contains("\"tls_client_auth\"") && methods.contains("\"self_signed_tls_client_auth\""));
}

/// Whether a client is believed that comes from `peer` with these headers.
async fn believed(house: &House, agency: &Agency, peer: [u8; 4], headers: &[&str]) -> StatusCode {
    let form = format!("client_id={}&token=unknown", agency.id);
    let mut request = http::Request::builder()
        .method("POST")
        .uri("/revoke")
        .extension(ConnectInfo(SocketAddr::from((peer, 40_000))))
        .header("content-type", "application/x-www-form-urlencoded");
    for value in headers {
        request = request.header("client-cert", *value);
    }
    let request = request.body(axum::body::Body::from(form)).unwrap();
    let response = idp::http::router(Arc::clone(&house.idp))
        .oneshot(request)
        .await
        .unwrap();
    response.status()
}

#[tokio::test]
async fn a_trusted_proxy_hands_on_the_certificate_and_nobody_else() {
    let files = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = files.path().join("clients.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    let more = format!(
        "[proxy]\ntrusted = [\"10.0.0.0/8\"]\ncertificate_header = \"Client-Cert\"\n[mtls]\nauthorities = \"{}\"\n",
        file.display()
    );
    let house = House::configured("https://id.example", &more).await;
    let registration = json!({
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=agency",
    });
    let agency = Agency::with(&house, registration).await;
    let value = |pair: &Pair| {
        let der = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
        format!(":{}:", data_encoding::BASE64.encode(&der))
    };
    let (own, other) = (
        value(&authority.issue("agency")),
        value(&Authority::new().issue("agency")),
    );
    let (proxy, stranger) = ([10, 1, 2, 3], [192, 0, 2, 1]);
    assert_eq!(believed(&house, &agency, proxy, &[&own]).await, StatusCode::OK);
    for (peer, headers) in [
        (stranger, vec![own.as_str()]),
        (proxy, vec![]),
        (proxy, vec![own.as_str(), own.as_str()]),
        (proxy, vec![other.as_str()]),
        (proxy, vec!["(null)"]),
    ] {
        assert_eq!(
            believed(&house, &agency, peer, &headers).await,
            StatusCode::UNAUTHORIZED
        );
    }
}
