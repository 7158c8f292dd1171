//! Trust anchors: whom the verifier has decided to believe, before any document arrives.

use std::path::{Path, PathBuf};

use crate::Time;
use crate::certificate::{Certificate, CertificateError};
use crate::key::PublicKey;
use crate::memory::Memory;
use crate::name::Name;
use crate::purpose::Purpose;
use crate::reading::{MOST_TRUST, bounded};
use crate::trusted_list::ServiceKind;

/// One name and key that are believed without proof (RFC 5280 §6.1.1 d).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
    standing: Standing,
}

/// How far an anchor is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// For everything, until it is taken away.
    Always,
    /// By a trusted list: for what the service does, while that was granted.
    Listed(Vec<Granted>),
}

/// What a trusted list says of a service: what it may do, from `since` on, and up to `until` without that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// What it may do.
    pub kind: ServiceKind,
    /// From this moment on.
    pub since: Time,
    /// Up to this moment, which is outside.
    pub until: Time,
}

impl TrustAnchor {
    /// Believes this certificate. Its path length and name constraints are honoured (RFC 5937);
    /// its dates are not, since an anchor is trusted until it is taken away.
    pub fn new(certificate: Certificate) -> Self {
        Self {
            certificate,
            standing: Standing::Always,
        }
    }

    /// Is it believed for this purpose, as of this time? Those who sign evidence of revocation stand under either kind
    /// of service.
    pub fn vouches(&self, purpose: Purpose, at: Time) -> bool {
        let Standing::Listed(all) = &self.standing else {
            return true;
        };
        all.iter().any(|granted| {
            let serves = match purpose {
                Purpose::DocumentSigning => granted.kind == ServiceKind::Certificates,
                Purpose::TimeStamping => granted.kind == ServiceKind::Timestamps,
                Purpose::OcspSigning | Purpose::CrlSigning | Purpose::Any => true,
            };
            serves && granted.since <= at && at < granted.until
        })
    }

    /// For what and when a trusted list vouches for it; none for one that is believed for everything, until it is
    /// taken away.
    pub fn granted(&self) -> Option<&[Granted]> {
        match &self.standing {
            Standing::Always => None,
            Standing::Listed(all) => Some(all),
        }
    }

    /// Whose key it is.
    pub fn name(&self) -> &Name {
        self.certificate.subject()
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        self.certificate.public_key()
    }

    /// The certificate it came in.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// All trust anchors of a verifier. Empty by default: nobody is trusted. Clones share what has been computed
/// under them, so a service that loads its anchors once checks an authority's certificate once.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors {
    all: Vec<TrustAnchor>,
    /// Until when the trusted list speaks that has the least time left.
    lists_until: Option<Time>,
    memory: Memory,
}

/// Why anchors could not be loaded: always a matter for whoever configures them.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The file or folder cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A file holds no certificate, or a broken one.
    #[error("{path}: {error}", path = path.display())]
    Certificate {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        error: CertificateError,
    },
    /// A folder without a single `.pem`, `.crt`, `.cer` or `.der` file: surely a mistake.
    #[error("{}: no .pem, .crt, .cer or .der file in this folder", .0.display())]
    Empty(PathBuf),
}

impl TrustAnchors {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Believes one more; a second copy of the same certificate changes nothing.
    pub fn add(&mut self, certificate: Certificate) {
        match self.place(&certificate) {
            Some(anchor) => anchor.standing = Standing::Always,
            None => self.all.push(TrustAnchor::new(certificate)),
        }
    }

    /// Believes everybody whom the others believe, as far as they do.
    pub fn join(&mut self, others: Self) {
        for other in others.all {
            match other.standing {
                Standing::Always => self.add(other.certificate),
                Standing::Listed(all) => {
                    for granted in all {
                        self.add_granted(other.certificate.clone(), granted);
                    }
                }
            }
        }
        if let Some(until) = others.lists_until {
            self.add_list_end(until);
        }
    }

    /// Some trusted list among those that were read has ended by then, and says nothing of later times.
    pub fn is_list_outdated(&self, at: Time) -> bool {
        self.lists_until.is_some_and(|until| at >= until)
    }

    /// Until when the trusted list speaks that has the least time left; none when no list was read.
    pub fn lists_until(&self) -> Option<Time> {
        self.lists_until
    }

    /// A list that was read speaks up to this time.
    pub fn add_list_end(&mut self, until: Time) {
        self.lists_until = Some(self.lists_until.map_or(until, |other| other.min(until)));
    }

    /// Believes one more, as far as a trusted list does. Who is believed without a list needs none.
    pub fn add_granted(&mut self, certificate: Certificate, granted: Granted) {
        match self.place(&certificate) {
            Some(TrustAnchor {
                standing: Standing::Listed(all),
                ..
            }) => all.push(granted),
            Some(_) => {}
            None => self.all.push(TrustAnchor {
                certificate,
                standing: Standing::Listed(vec![granted]),
            }),
        }
    }

    fn place(&mut self, certificate: &Certificate) -> Option<&mut TrustAnchor> {
        self.all
            .iter_mut()
            .find(|anchor| anchor.certificate == *certificate)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, TrustAnchor> {
        self.all.iter()
    }

    /// Nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The certificates of a PEM text.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        Ok(Certificate::from_pem(text)?.into_iter().collect())
    }

    /// A PEM or DER file, or a folder of them. Within a folder the order is that of the names.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, AnchorError> {
        let path = path.as_ref();
        let unreadable = |error| AnchorError::Unreadable {
            path: path.into(),
            error,
        };
        if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Ok(load_file(path)?.into_iter().collect());
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            let extension = file.extension().and_then(|extension| extension.to_str());
            if extension.is_some_and(|extension| ["pem", "crt", "cer", "der"].contains(&extension)) {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(AnchorError::Empty(path.into()));
        }
        files.sort();
        let mut anchors = Self::new();
        for file in files {
            anchors.extend(load_file(&file)?);
        }
        Ok(anchors)
    }
}

fn load_file(path: &Path) -> Result<Vec<Certificate>, AnchorError> {
    let bytes = bounded(path, MOST_TRUST).map_err(|error| AnchorError::Unreadable {
        path: path.into(),
        error,
    })?;
    let read = match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem(text),
        _ => Certificate::from_der(&bytes).map(|certificate| vec![certificate]),
    };
    read.map_err(|error| AnchorError::Certificate {
        path: path.into(),
        error,
    })
}

impl Extend<Certificate> for TrustAnchors {
    fn extend<I: IntoIterator<Item = Certificate>>(&mut self, certificates: I) {
        certificates
            .into_iter()
            .for_each(|certificate| self.add(certificate));
    }
}

impl FromIterator<Certificate> for TrustAnchors {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let mut anchors = Self::new();
        anchors.extend(certificates);
        anchors
    }
}
