//! What a cell is told once, when it opens: whom to believe, and what is known of revocation. A head in JSON that says
//! how long each piece is, then the pieces in DER, since lists can be large.

use sdk_pki::{Certificate, Granted, ServiceKind, Time};
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::trust::Basis;

/// Both parts, as they are sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Setup {
    pub(super) head: Vec<u8>,
    pub(super) pieces: Vec<u8>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    anchors: Vec<Anchor>,
    lists_until: Option<i64>,
    certificates: Vec<usize>,
    lists: Vec<usize>,
    responses: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Anchor {
    length: usize,
    /// By a trusted list; without one, believed for everything.
    granted: Option<Vec<Period>>,
}

/// As [`Granted`], in Unix seconds.
#[derive(Debug, Serialize, Deserialize)]
struct Period {
    timestamps: bool,
    since: i64,
    until: i64,
}

impl Setup {
    /// For cells that judge nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::new(&Basis::default())
    }

    /// All of it.
    #[must_use]
    pub fn new(basis: &Basis) -> Self {
        let mut pieces = Vec::new();
        let mut add = |der: &[u8]| {
            pieces.extend_from_slice(der);
            der.len()
        };
        let anchors = basis.anchors.iter().map(|anchor| Anchor {
            length: add(anchor.certificate().der()),
            granted: anchor.granted().map(|all| all.iter().map(Period::of).collect()),
        });
        let anchors = anchors.collect();
        let head = Head {
            anchors,
            lists_until: basis.anchors.lists_until().map(Time::unix_timestamp),
            certificates: basis.certificates.iter().map(|c| add(c.der())).collect(),
            lists: basis.evidence.crls.iter().map(|list| add(list.der())).collect(),
            responses: basis.evidence.ocsp.iter().map(|one| add(one.der())).collect(),
        };
        Self {
            head: serde_json::to_vec(&head).unwrap_or_default(),
            pieces,
        }
    }

    /// All of it again.
    ///
    /// # Errors
    /// A fault when a piece is none: the two sides are the same program, so this is a mistake of ours.
    pub fn basis(&self) -> Result<Basis, Fault> {
        let doing = "reading what a cell was told";
        let head: Head = serde_json::from_slice(&self.head).map_err(Fault::when(doing))?;
        let mut rest = self.pieces.as_slice();
        let mut take = |length: usize| {
            let (piece, after) = rest
                .split_at_checked(length)
                .ok_or_else(|| Fault::caused(doing, "a piece is cut off"))?;
            rest = after;
            Ok::<&[u8], Fault>(piece)
        };
        let mut basis = Basis::default();
        for anchor in head.anchors {
            let certificate = Certificate::from_der(take(anchor.length)?).map_err(Fault::when(doing))?;
            match anchor.granted {
                None => basis.anchors.add(certificate),
                Some(periods) => {
                    for period in periods {
                        basis.anchors.add_granted(certificate.clone(), period.granted()?);
                    }
                }
            }
        }
        if let Some(until) = head.lists_until {
            basis.anchors.add_list_end(time(until)?);
        }
        for length in head.certificates {
            let certificate = Certificate::from_der(take(length)?).map_err(Fault::when(doing))?;
            basis.certificates.push(certificate);
        }
        for length in head.lists {
            let list = take(length)?;
            basis.evidence.add_crl(list).map_err(Fault::when(doing))?;
        }
        for length in head.responses {
            let response = take(length)?;
            basis.evidence.add_ocsp(response).map_err(Fault::when(doing))?;
        }
        Ok(basis)
    }
}

impl Period {
    fn of(granted: &Granted) -> Self {
        Self {
            timestamps: granted.kind == ServiceKind::Timestamps,
            since: granted.since.unix_timestamp(),
            until: granted.until.unix_timestamp(),
        }
    }

    fn granted(&self) -> Result<Granted, Fault> {
        let kind = match self.timestamps {
            true => ServiceKind::Timestamps,
            false => ServiceKind::Certificates,
        };
        Ok(Granted {
            kind,
            since: time(self.since)?,
            until: time(self.until)?,
        })
    }
}

fn time(seconds: i64) -> Result<Time, Fault> {
    Time::from_unix_timestamp(seconds).map_err(Fault::when("reading what a cell was told"))
}

#[cfg(test)]
mod tests {
    use sdk_pki::{AlgorithmPolicy, Evidence, TrustAnchors, TrustedList, UnverifiedList};

    use super::*;

    const LIST: &str = include_str!("../../../sdk/pki/tests/trusted_lists/data/xades-rsa.xml");
    const SIGNER: &str = include_str!("../../../sdk/pki/tests/trusted_lists/data/signer-rsa.pem");
    const CA: &str = include_str!("../../../sdk/pki/tests/trusted_lists/data/leaf.pem");

    fn heard(basis: &Basis) -> Basis {
        Setup::new(basis).basis().unwrap()
    }

    fn list() -> TrustedList {
        let signers = Certificate::from_pem(SIGNER).unwrap();
        let at = Time::from_unix_timestamp(1_795_000_000).unwrap();
        let list = UnverifiedList::parse(LIST.as_bytes()).unwrap();
        list.verify(&signers, &AlgorithmPolicy::default(), at).unwrap()
    }

    #[test]
    fn anchors_arrive_with_the_times_for_which_a_list_vouches_for_them() {
        let mut anchors = list().anchors();
        anchors.join(TrustAnchors::from_pem(CA).unwrap());
        let basis = Basis {
            anchors,
            ..Basis::default()
        };
        let heard = heard(&basis);
        assert!(heard.anchors.iter().eq(basis.anchors.iter()));
        assert!(heard.anchors.lists_until().is_some());
        assert_eq!(heard.anchors.lists_until(), basis.anchors.lists_until());
    }

    #[test]
    fn certificates_and_evidence_arrive_as_they_were_sent() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
        let made = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::from_params(&params, &key);
        let crl = rcgen::CertificateRevocationListParams {
            this_update: Time::UNIX_EPOCH,
            next_update: Time::UNIX_EPOCH + time::Duration::days(1),
            crl_number: rcgen::SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let mut evidence = Evidence::new();
        evidence.add_crl(crl.signed_by(&issuer).unwrap().der()).unwrap();
        let basis = Basis {
            certificates: vec![Certificate::from_der(made.der()).unwrap()],
            evidence,
            ..Basis::default()
        };
        let heard = heard(&basis);
        assert_eq!(heard.certificates, basis.certificates);
        assert_eq!(heard.evidence.crls, basis.evidence.crls);
    }

    #[test]
    fn what_is_cut_off_is_noticed() {
        let mut setup = Setup::new(&Basis {
            anchors: list().anchors(),
            ..Basis::default()
        });
        setup.pieces.pop();
        assert!(setup.basis().is_err());
    }
}
