//! Makes authorities, certificates, lists and responses, by `rcgen` and, for OCSP, by hand.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber, SigningKey,
};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, DigestAlgorithm, Question, Time, TrustAnchors, oid};
use time::Duration;
use time::macros::datetime;

/// When everything is asked, unless a test says otherwise.
pub const AT: Time = datetime!(2026-11-21 12:00 UTC);

/// A holder of a key and a certificate.
pub struct Party {
    pub params: CertificateParams,
    pub key: KeyPair,
    pub certificate: Certificate,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "DEV ONLY");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = datetime!(2020-01-01 0:00 UTC);
    params.not_after = datetime!(2040-01-01 0:00 UTC);
    params.use_authority_key_identifier_extension = true;
    params
}

pub fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub fn person(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::ContentCommitment,
    ];
    params.serial_number = Some(SerialNumber::from_slice(&[0x2a]));
    params
}

impl Party {
    pub fn root(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    pub fn issue(&self, params: CertificateParams) -> Self {
        self.certify(params, KeyPair::generate().unwrap())
    }

    /// A certificate for a key that exists already.
    pub fn certify(&self, params: CertificateParams, key: KeyPair) -> Self {
        let made = params
            .signed_by(&key, &Issuer::from_params(&self.params, &self.key))
            .unwrap();
        let certificate = Certificate::from_der(made.der()).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    /// The same key once more.
    pub fn key(&self) -> KeyPair {
        KeyPair::try_from(self.key.serialize_der()).unwrap()
    }

    pub fn list(&self, from: Time, revoked: &[(&Party, Time, RevocationReason)]) -> Vec<u8> {
        self.list_with(from, revoked, None)
    }

    pub fn list_with(
        &self,
        from: Time,
        revoked: &[(&Party, Time, RevocationReason)],
        invalidity_date: Option<Time>,
    ) -> Vec<u8> {
        let entry = |(party, at, reason): &(&Party, Time, RevocationReason)| RevokedCertParams {
            serial_number: SerialNumber::from_slice(party.certificate.serial()),
            revocation_time: *at,
            reason_code: Some(*reason),
            invalidity_date,
        };
        let params = CertificateRevocationListParams {
            this_update: from,
            next_update: from + Duration::days(7),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params
            .signed_by(&Issuer::from_params(&self.params, &self.key))
            .unwrap()
            .der()
            .to_vec()
    }
}

/// A root, an authority below it, and somebody who signs documents.
pub struct Three {
    pub root: Party,
    pub issuing: Party,
    pub leaf: Party,
    pub anchors: TrustAnchors,
    pub chain: Vec<Certificate>,
}

impl Three {
    pub fn new() -> Self {
        Self::with(authority("Root"), authority("Issuing"), person("Ana"))
    }

    pub fn with(root: CertificateParams, issuing: CertificateParams, leaf: CertificateParams) -> Self {
        let root = Party::root(root);
        let issuing = root.issue(issuing);
        let leaf = issuing.issue(leaf);
        let anchors = [root.certificate.clone()].into_iter().collect();
        let chain = vec![issuing.certificate.clone()];
        Self {
            root,
            issuing,
            leaf,
            anchors,
            chain,
        }
    }

    pub fn question(&self) -> Question<'_> {
        Question::new(&self.anchors, AT).intermediates(&self.chain)
    }
}

/// What a response says about one certificate; the defaults are in order.
pub struct Answer {
    pub status: Vec<u8>,
    pub serial: Vec<u8>,
    pub issuer_name: Vec<u8>,
    pub issuer_key: Vec<u8>,
    pub this_update: Time,
    pub next_update: Option<Time>,
    pub produced_at: Time,
    pub certificates: Vec<Certificate>,
}

impl Answer {
    pub fn good(about: &Party, issuer: &Party) -> Self {
        let sha1 = |bytes: &[u8]| DigestAlgorithm::Sha1.of(bytes).bytes().to_vec();
        Self {
            status: encode(0x80, &[]),
            serial: about.certificate.serial().to_vec(),
            issuer_name: sha1(issuer.certificate.subject().der()),
            issuer_key: sha1(issuer.certificate.public_key().octets()),
            this_update: AT - Duration::hours(1),
            next_update: Some(AT + Duration::hours(1)),
            produced_at: AT - Duration::hours(1),
            certificates: Vec::new(),
        }
    }

    pub fn revoked(mut self, at: Time) -> Self {
        self.status = encode(0xa1, &generalized(at));
        self
    }

    /// An OCSPResponse signed by `responder`, who is named by the digest of the key.
    pub fn signed(&self, responder: &Party) -> Vec<u8> {
        let id = [
            encode(der::SEQUENCE, &[encode(der::OID, oid::SHA1), vec![5, 0]].concat()),
            encode(der::OCTET_STRING, &self.issuer_name),
            encode(der::OCTET_STRING, &self.issuer_key),
            encode(der::INTEGER, &self.serial),
        ];
        let next = self
            .next_update
            .map_or(Vec::new(), |next| encode(0xa0, &generalized(next)));
        let single = [
            encode(der::SEQUENCE, &id.concat()),
            self.status.clone(),
            generalized(self.this_update),
            next,
        ];
        let key = DigestAlgorithm::Sha1.of(responder.certificate.public_key().octets());
        let data = [
            encode(0xa2, &encode(der::OCTET_STRING, key.bytes())),
            generalized(self.produced_at),
            encode(der::SEQUENCE, &encode(der::SEQUENCE, &single.concat())),
        ];
        let data = encode(der::SEQUENCE, &data.concat());
        let signature = [&[0], &responder.key.sign(&data).unwrap()[..]].concat();
        let certificates: Vec<u8> = self
            .certificates
            .iter()
            .flat_map(|certificate| certificate.der().to_vec())
            .collect();
        let basic = [
            data,
            encode(der::SEQUENCE, &encode(der::OID, oid::ECDSA_WITH_SHA256)),
            encode(der::BIT_STRING, &signature),
            encode(0xa0, &encode(der::SEQUENCE, &certificates)),
        ];
        let basic = encode(der::OCTET_STRING, &encode(der::SEQUENCE, &basic.concat()));
        let bytes = encode(
            0xa0,
            &encode(
                der::SEQUENCE,
                &[encode(der::OID, oid::OCSP_BASIC), basic].concat(),
            ),
        );
        encode(der::SEQUENCE, &[encode(der::ENUMERATED, &[0]), bytes].concat())
    }
}

fn generalized(at: Time) -> Vec<u8> {
    let format = time::macros::format_description!("[year][month][day][hour][minute][second]Z");
    encode(der::GENERALIZED_TIME, at.format(format).unwrap().as_bytes())
}
