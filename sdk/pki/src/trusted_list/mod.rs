//! Trusted lists (ETSI TS 119 612): whom a supervisor vouches for, as what, and since when.
//!
//! A list proves nothing by itself: whoever reads it names the certificates that may sign it, from the list of lists
//! or from the supervisor's own publication. Nothing can be asked of a list before its signature is checked.

mod read;

use std::path::{Path, PathBuf};

use crate::Time;
use crate::anchors::{Granted, TrustAnchors};
use crate::certificate::{Certificate, CertificateError};
use crate::reading::{MOST_TRUST, bounded};
use crate::strength::AlgorithmPolicy;
use crate::xml::signature::{XmlSignatureError, verify};
use crate::xml::{Tree, XmlError};

/// Bytes that may be a trusted list. They say nothing before [`verify`](Self::verify).
#[derive(Debug)]
pub struct UnverifiedList<'x>(Tree<'x>);

/// A trusted list whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedList {
    /// §5.3.10: two letters, `EU` for the list of lists.
    pub territory: String,
    /// §5.3.4: who publishes it, in the first language it is given in.
    pub operator: String,
    /// §5.3.2: counts up with every issue.
    pub sequence_number: u64,
    /// §5.3.14.
    pub issued: Time,
    /// §5.3.15: until when this issue says what holds. A list that was closed has none.
    pub next_update: Option<Time>,
    /// Services that issue qualified certificates or timestamps, in the order of the list.
    pub services: Vec<Service>,
    /// §5.3.13: other lists, and the certificates that may sign them.
    pub pointers: Vec<ListPointer>,
    /// Whose signature it bears.
    pub signer: Certificate,
}

/// §5.5: a service, and what its supervisor says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its provider's name, in the first language it is given in.
    pub provider: String,
    /// §5.5.3: its certificates. One that cannot be read here is left out.
    pub certificates: Vec<Certificate>,
    /// What was said when, the newest first.
    pub history: Vec<ServiceStatus>,
}

/// What a supervisor says of a service from some time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceStatus {
    /// §5.5.1, §5.6.1: what it does; `None` for what is no business of signatures.
    pub kind: Option<ServiceKind>,
    /// §5.5.4: it was granted, or under supervision as that was called before July 2016.
    pub granted: bool,
    /// §5.5.5.
    pub since: Time,
}

/// The services that signatures rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// `CA/QC`: qualified certificates, for signatures or seals (§5.5.9.4).
    Certificates,
    /// `TSA/QTST`: qualified timestamps.
    Timestamps,
}

/// §5.3.13: where another list is, and who may sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPointer {
    /// Its address.
    pub location: String,
    /// Its territory, when that is said.
    pub territory: Option<String>,
    /// Those who may sign it. One that cannot be read here is left out.
    pub signers: Vec<Certificate>,
}

/// Why a trusted list is not used.
#[derive(Debug, thiserror::Error)]
pub enum TrustedListError {
    /// The file cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file with those who may sign it holds no certificate, or a broken one.
    #[error("{path}: {error}", path = path.display())]
    Signers {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        error: CertificateError,
    },
    /// Not XML that is read here.
    #[error("this is no trusted list: {0}")]
    Xml(String),
    /// Not signed by one of those whom the caller named, or not all of it.
    #[error("this trusted list is not believed: {0}")]
    Signature(String),
    /// Not the structure of TS 119 612.
    #[error("this trusted list does not keep to TS 119 612: {0}")]
    Structure(&'static str),
}

impl From<XmlError> for TrustedListError {
    fn from(error: XmlError) -> Self {
        Self::Xml(error.to_string())
    }
}

impl From<XmlSignatureError> for TrustedListError {
    fn from(error: XmlSignatureError) -> Self {
        Self::Signature(error.to_string())
    }
}

impl<'x> UnverifiedList<'x> {
    /// Reads XML. No document type, no entities, no processing instructions, at most 32 MB.
    ///
    /// # Errors
    /// [`TrustedListError::Xml`].
    pub fn parse(bytes: &'x [u8]) -> Result<Self, TrustedListError> {
        Ok(Self(Tree::parse(bytes)?))
    }

    /// Checks that one of `signers` signed all of it (§5.7), by algorithms that are believed at this time, and reads
    /// it. The dates of their certificates are not asked: they are trusted until they are taken off the list of those
    /// who may sign, as anchors are.
    ///
    /// # Errors
    /// [`TrustedListError::Signature`], [`TrustedListError::Structure`].
    pub fn verify(
        &self,
        signers: &[Certificate],
        policy: &AlgorithmPolicy,
        at: Time,
    ) -> Result<TrustedList, TrustedListError> {
        let signed = verify(&self.0, signers, policy, at)?;
        read::list(signed, signers)
    }
}

impl TrustedList {
    /// Reads a file, which one of `signers` must have signed.
    ///
    /// # Errors
    /// Why the list is not used.
    pub fn load(path: impl AsRef<Path>, signers: &[Certificate], at: Time) -> Result<Self, TrustedListError> {
        let path = path.as_ref();
        let bytes = bounded(path, MOST_TRUST).map_err(|error| TrustedListError::Unreadable {
            path: path.into(),
            error,
        })?;
        UnverifiedList::parse(&bytes)?.verify(signers, &AlgorithmPolicy::default(), at)
    }

    /// Those who may sign a list: the certificates of a PEM file.
    ///
    /// # Errors
    /// [`TrustedListError::Unreadable`], [`TrustedListError::Signers`].
    pub fn load_signers(path: impl AsRef<Path>) -> Result<Vec<Certificate>, TrustedListError> {
        let path = path.as_ref();
        let text = bounded(path, MOST_TRUST)
            .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
            .map_err(|error| TrustedListError::Unreadable {
                path: path.into(),
                error,
            })?;
        Certificate::from_pem(&text).map_err(|error| TrustedListError::Signers {
            path: path.into(),
            error,
        })
    }

    /// Its services as anchors: each believed for what it does, while that was granted, and not beyond the time for
    /// which this issue speaks.
    pub fn anchors(&self) -> TrustAnchors {
        let mut anchors = TrustAnchors::new();
        let end = self.next_update.unwrap_or(self.issued);
        for service in &self.services {
            for certificate in &service.certificates {
                let mut until = end;
                for status in &service.history {
                    if let Some(kind) = status.kind.filter(|_| status.granted) {
                        let since = status.since;
                        anchors.add_granted(certificate.clone(), Granted { kind, since, until });
                    }
                    until = until.min(status.since);
                }
            }
        }
        anchors.add_list_end(self.next_update.unwrap_or(self.issued));
        anchors
    }
}
