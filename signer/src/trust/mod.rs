//! Whom the service believes, and what it knows of revocation: read from the operator's files when it starts, and again
//! whenever they change. A file that cannot be read is told in the log, and what it said before stays.
//!
//! Nothing here is believed for being there: lists and responses count for their signatures, as those inside documents
//! do. What is said of whom to believe comes from the operator alone.

mod anchors;
mod evidence;
mod places;

use std::path::PathBuf;

use sdk_pki::{Certificate, Evidence, Time, TrustAnchors};

use crate::config::Config;
use crate::error::Fault;
use evidence::Shelf;
use places::Seen;

/// What judgements rest on, beside the document.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// Whom to believe, and as what.
    pub anchors: TrustAnchors,
    /// Certificates that may lie between; nothing about them is believed.
    pub certificates: Vec<Certificate>,
    /// Revocation lists and OCSP responses.
    pub evidence: Evidence,
}

/// The operator's files, as they were when they were last looked at.
#[derive(Debug)]
pub struct Sources {
    named: Named,
    anchors: TrustAnchors,
    seen: Seen,
    shelf: Shelf,
}

/// What the configuration names.
#[derive(Debug)]
struct Named {
    roots: Vec<PathBuf>,
    lists: Vec<PathBuf>,
    signers: Vec<PathBuf>,
    evidence: Vec<PathBuf>,
}

impl Sources {
    /// Reads everything for the first time. Evidence that cannot be read is told and left out: a service that does not
    /// start helps nobody. Whom to believe is another matter.
    ///
    /// # Errors
    /// A fault when a root or a trusted list cannot be read or is not believed.
    pub fn open(config: &Config, now: Time) -> Result<Self, Fault> {
        let named = Named {
            roots: config.trust.clone(),
            lists: config.trusted_lists.files.clone(),
            signers: config.trusted_lists.signers.clone(),
            evidence: config.evidence.clone(),
        };
        let seen = Seen::look(named.trusted());
        let anchors = anchors::read(&named.roots, &named.lists, &named.signers, now)?;
        let mut shelf = Shelf::default();
        shelf.look(&named.evidence);
        shelf.tell_outdated(now);
        Ok(Self {
            named,
            anchors,
            seen,
            shelf,
        })
    }

    /// Looks whether something changed, and reads what did. Waits for the disk.
    pub fn look(&mut self, now: Time) -> Option<Basis> {
        let anchors = self.look_at_anchors(now);
        let evidence = self.shelf.look(&self.named.evidence);
        self.shelf.tell_outdated(now);
        (anchors || evidence).then(|| self.basis())
    }

    /// Everything, as of the last look.
    #[must_use]
    pub fn basis(&self) -> Basis {
        let (certificates, evidence) = self.shelf.contents();
        Basis {
            anchors: self.anchors.clone(),
            certificates,
            evidence,
        }
    }

    /// What is wrong with the evidence, a sentence for each file.
    pub fn complaints(&self) -> impl Iterator<Item = &str> {
        self.shelf.complaints()
    }

    fn look_at_anchors(&mut self, now: Time) -> bool {
        let seen = Seen::look(self.named.trusted());
        if seen == self.seen {
            return false;
        }
        // Noted whatever comes of it, so that one broken file is told once.
        self.seen = seen;
        let named = &self.named;
        match anchors::read(&named.roots, &named.lists, &named.signers, now) {
            Ok(anchors) => {
                tracing::info!(anchors = anchors.iter().count(), "whom to believe was read again");
                self.anchors = anchors;
                true
            }
            Err(error) => {
                tracing::error!(%error, "whom to believe cannot be read; what was known before stays");
                false
            }
        }
    }
}

impl Named {
    fn trusted(&self) -> impl Iterator<Item = &PathBuf> {
        self.roots.iter().chain(&self.lists).chain(&self.signers)
    }
}
