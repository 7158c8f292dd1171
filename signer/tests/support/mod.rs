//! A service in a folder of its own, an official with a certificate, and PDFs made byte by byte.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod lists;
pub mod pdf;
pub mod running;
pub mod timestamp;
pub mod wire;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use signer::clock::Clock;
use signer::config::Config;
use signer::error::Error;
use signer::flow::{authorise, officials, propose, receive, work};
use signer::rules::batch::ItemState;
use signer::rules::document::Document;
use signer::rules::official::{Official, Profile};
use signer::rules::policy::Presence;
use signer::rules::stamp::Stamp;
use signer::rules::{BatchId, DocumentId, Moment};
use signer::service::Service;
use tempfile::TempDir;

pub struct House {
    pub folder: TempDir,
    pub service: Arc<Service>,
    pub ca: Ca,
}

pub struct Ca {
    key: rcgen::KeyPair,
    params: rcgen::CertificateParams,
    pub pem: String,
}

impl Ca {
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        params.key_usages = vec![
            rcgen::KeyUsagePurpose::KeyCertSign,
            rcgen::KeyUsagePurpose::CrlSign,
        ];
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Test CA");
        let pem = params.self_signed(&key).unwrap().pem();
        Self { key, params, pem }
    }

    /// A chain for a request: leaf, then the authority.
    pub fn certify(&self, request: &str) -> String {
        self.certify_with(request, |_| {})
    }

    pub fn certify_with(&self, request: &str, change: impl FnOnce(&mut rcgen::CertificateParams)) -> String {
        let mut request = rcgen::CertificateSigningRequestParams::from_pem(request).unwrap();
        let now = Clock::system().now();
        request.params.not_before = Moment(now.0 - 3600).utc();
        request.params.not_after = Moment(now.0 + 86_400).utc();
        request.params.key_usages = vec![
            rcgen::KeyUsagePurpose::DigitalSignature,
            rcgen::KeyUsagePurpose::ContentCommitment,
        ];
        change(&mut request.params);
        let issuer = rcgen::Issuer::from_params(&self.params, &self.key);
        format!("{}{}", request.signed_by(&issuer).unwrap().pem(), self.pem)
    }
}

impl Ca {
    pub fn issuer(&self) -> rcgen::Issuer<'_, &rcgen::KeyPair> {
        rcgen::Issuer::from_params(&self.params, &self.key)
    }

    /// A revocation list of an hour ago that names these, and ends in so many seconds.
    pub fn crl(&self, revoked: &[(Vec<u8>, Moment)], seconds: i64) -> String {
        self.crl_because(revoked, seconds, rcgen::RevocationReason::KeyCompromise)
    }

    pub fn crl_because(
        &self,
        revoked: &[(Vec<u8>, Moment)],
        seconds: i64,
        why: rcgen::RevocationReason,
    ) -> String {
        let revoked = revoked.iter().map(|(serial, since)| rcgen::RevokedCertParams {
            serial_number: rcgen::SerialNumber::from_slice(serial),
            revocation_time: since.utc(),
            reason_code: Some(why),
            invalidity_date: None,
        });
        self.list(revoked.collect(), seconds)
    }

    /// As [`Ca::crl`], with whole entries.
    pub fn list(&self, revoked_certs: Vec<rcgen::RevokedCertParams>, seconds: i64) -> String {
        let now = Clock::system().now();
        let list = rcgen::CertificateRevocationListParams {
            this_update: Moment(now.0 - 3600).utc(),
            next_update: Moment(now.0 + seconds).utc(),
            crl_number: rcgen::SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer()).unwrap().pem().unwrap()
    }
}

pub fn profile() -> Profile {
    Profile {
        national_id: "11111111-1".parse().unwrap(),
        given_name: "María José".into(),
        family_name: "Muñoz del Río".into(),
        institution: "Municipalidad de Temuco".into(),
        position: "Directora de Obras".into(),
    }
}

/// A configuration file in `folder`, with everything it names.
pub fn configuration(folder: &Path, ca: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let key = folder.join("signer.key");
    if !key.exists() {
        std::fs::write(&key, data_encoding::BASE64.encode(&[7; 32])).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(folder.join("secret"), "not used").unwrap();
        std::fs::write(folder.join("root.pem"), ca).unwrap();
    }
    let at = folder.display();
    format!(
        "url = \"http://localhost:8081\"\nlisten = \"127.0.0.1:0\"\ndatabase = \"sqlite://{at}/signer.db\"\n\
         documents = \"{at}/documents\"\nsealing_key_file = \"{at}/signer.key\"\ntrust = [\"{at}/root.pem\"]\n\
         [login]\nissuer = \"http://localhost:8080\"\nclient_id = \"signer\"\nclient_secret_file = \"{at}/secret\"\n\
         [signing]\nunknown_revocation = \"sign\"\n\
         [limits]\ndocument_bytes = 5000000\ndocuments_on_desk = 600\n"
    )
}

impl House {
    pub async fn new() -> Self {
        let filter = tracing_subscriber::EnvFilter::from_env("SIGNER_LOG");
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let folder = tempfile::tempdir().unwrap();
        let ca = Ca::new();
        let service = open(folder.path(), &ca.pem, Clock::system()).await;
        Self { folder, service, ca }
    }

    pub async fn official(&self) -> Official {
        self.official_as(profile()).await
    }

    pub async fn official_as(&self, profile: Profile) -> Official {
        let person = profile.national_id.clone();
        let registered = officials::register(&self.service, profile).await.unwrap();
        let chain = self.ca.certify(&registered.request);
        officials::certify(&self.service, &person, chain.as_bytes())
            .await
            .unwrap();
        self.service
            .store
            .official_by_person(&person)
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn receive(&self, official: &Official, name: &str, bytes: &[u8]) -> Document {
        let chunks: Vec<Result<Bytes, std::io::Error>> = bytes
            .chunks(1000)
            .map(|c| Ok(Bytes::copy_from_slice(c)))
            .collect();
        receive::receive(&self.service, official.id, name, stream::iter(chunks))
            .await
            .unwrap()
    }

    /// Proposes and authorises; the worker is not run.
    pub async fn approve(
        &self,
        official: &Official,
        documents: &[DocumentId],
        stamp: Stamp,
    ) -> Result<BatchId, Error> {
        let batch = propose::propose(&self.service, official, documents, stamp).await?;
        let (proposal, _) = propose::proposal(&self.service, official, batch).await?;
        let presence = Presence {
            binding: proposal.binding(),
            auth_time: self.service.clock.now(),
            assurance: 2,
            national_id: official.profile.national_id.clone(),
        };
        authorise::authorise(&self.service, official, batch, &presence).await?;
        Ok(batch)
    }

    /// Runs the worker until the batch has an outcome for every document.
    pub async fn work_until_done(&self, official: &Official, batch: BatchId) -> Vec<ItemState> {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(work::run(self.service.clone(), stopping));
        let begun = Instant::now();
        let states = loop {
            let (summary, items) = self
                .service
                .store
                .batch(official.id, batch)
                .await
                .unwrap()
                .unwrap();
            if !summary.running() {
                break items.into_iter().map(|item| item.state).collect();
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the worker does not finish: {items:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        stop.send(true).unwrap();
        worker.await.unwrap();
        states
    }

    /// One page, signed without a stamp by an official who has just come.
    pub async fn one_signed(&self) -> Vec<u8> {
        let official = self.official().await;
        self.signed(&official, &pdf::simple(pdf::Xref::Table), Stamp::None)
            .await
    }

    /// The whole way of one document; its signed bytes.
    pub async fn signed(&self, official: &Official, bytes: &[u8], stamp: Stamp) -> Vec<u8> {
        let document = self.receive(official, "documento.pdf", bytes).await;
        let batch = self.approve(official, &[document.id], stamp).await.unwrap();
        let states = self.work_until_done(official, batch).await;
        assert!(matches!(states.as_slice(), [ItemState::Signed(_)]), "{states:?}");
        std::fs::read(self.service.files.signed(batch, document.id)).unwrap()
    }

    pub fn verify(&self, bytes: &[u8]) -> sdk_document::Report {
        let options = sdk_document::Options::new(
            self.service.basis().anchors.clone(),
            self.service.clock.now().utc(),
        );
        sdk_document::verify(sdk_document::Bytes::new(bytes.to_vec()), &options)
    }
}

/// Cells are the real program: the tests' own is none.
pub fn cell() -> signer::cells::Program {
    signer::cells::Program::at(env!("CARGO_BIN_EXE_signer"))
}

pub async fn open(folder: &Path, ca: &str, clock: Clock) -> Arc<Service> {
    let config = Config::parse(&configuration(folder, ca), std::iter::empty()).unwrap();
    let service = Service::with(config, clock, &cell()).await.unwrap();
    service.store.migrate().await.unwrap();
    service
}

/// Every audit record follows the one before; returns the events' names.
pub async fn audit(service: &Service) -> Vec<String> {
    let mut head = signer::rules::audit::Head {
        seq: 0,
        hash: "0".repeat(64),
    };
    let mut events = Vec::new();
    service
        .store
        .audit_records(|record| {
            assert!(record.follows(&head), "record {} does not follow", record.seq);
            head = record.head();
            let body: serde_json::Value = serde_json::from_str(&record.body).unwrap();
            events.push(body["event"].as_str().unwrap().to_owned());
        })
        .await
        .unwrap();
    events
}
