//! Trust anchors: whom the verifier has decided to believe, before any document arrives.

use std::path::{Path, PathBuf};

use crate::certificate::{Certificate, CertificateError};
use crate::key::PublicKey;
use crate::memory::Memory;
use crate::name::Name;

/// One name and key that are believed without proof (RFC 5280 §6.1.1 d).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor(Certificate);

impl TrustAnchor {
    /// Believes this certificate. Its path length and name constraints are honoured (RFC 5937);
    /// its dates are not, since an anchor is trusted until it is taken off the list.
    pub fn new(certificate: Certificate) -> Self {
        Self(certificate)
    }

    /// Whose key it is.
    pub fn name(&self) -> &Name {
        self.0.subject()
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    /// The certificate it came in.
    pub fn certificate(&self) -> &Certificate {
        &self.0
    }
}

/// All trust anchors of a verifier. Empty by default: nobody is trusted. Clones share what has been computed
/// under them, so a service that loads its anchors once checks an authority's certificate once.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors {
    all: Vec<TrustAnchor>,
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
        let anchor = TrustAnchor::new(certificate);
        if !self.all.contains(&anchor) {
            self.all.push(anchor);
        }
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
    let bytes = std::fs::read(path).map_err(|error| AnchorError::Unreadable {
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
