//! Certificates and revocation evidence at hand: in the document security store (ISO 32000-2 §12.8.4.3),
//! in the signatures, and given by the caller. None of it is believed unless its own signature verifies.

use std::collections::HashSet;
use std::hash::Hash;

use sdk_pki::{Budget, Certificate, Evidence, Purpose, Question, gather};

use super::Options;
use super::subject::{Decoded, Subject};
use crate::cms::SignedData;
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object};

#[derive(Default)]
pub(super) struct Material {
    pub certificates: Vec<Certificate>,
    pub evidence: Evidence,
    /// The document itself brings evidence of revocation.
    pub has_store: bool,
    /// Something was asked for and did not come.
    pub unfetched: bool,
}

impl Material {
    pub fn gather(document: &Document, subjects: &[Subject], options: &Options) -> Self {
        let mut material = Self::of(subjects.iter().filter_map(Subject::signed_data), options);
        for subject in subjects {
            if let Decoded::Bare(bare) = &subject.decoded {
                material.certificates.extend(bare.certificates.iter().cloned());
            }
        }
        // A store that cannot be read is no evidence.
        let _ = material.store(document);
        material.settle();
        material.once(options);
        material
    }

    /// The same certificate as it is kept here, if it is: what is known of it was learnt there.
    pub fn kept<'c>(&'c self, certificate: &'c Certificate) -> &'c Certificate {
        let place = self
            .certificates
            .binary_search_by(|one| one.der().cmp(certificate.der()));
        place
            .ok()
            .and_then(|place| self.certificates.get(place))
            .unwrap_or(certificate)
    }

    /// What each signature brings anew is looked at once; what the caller brings is left alone.
    fn once(&mut self, options: &Options) {
        distinct(&mut self.evidence.crls, options.evidence.crls.len());
        distinct(&mut self.evidence.ocsp, options.evidence.ocsp.len());
    }

    /// What these signatures and the caller bring.
    pub fn of<'s>(signatures: impl Iterator<Item = &'s SignedData>, options: &Options) -> Self {
        let mut material = Self {
            certificates: options.certificates.clone(),
            evidence: options.evidence.clone(),
            has_store: false,
            unfetched: false,
        };
        for signed in signatures {
            material.take(signed.evidence());
            material
                .certificates
                .extend(signed.certificates().iter().cloned());
            for token in signed.signature_timestamps().flatten() {
                material.take(token.signed_data().evidence());
                material
                    .certificates
                    .extend(token.signed_data().certificates().iter().cloned());
            }
        }
        material.settle();
        material
    }

    /// Asks for what is missing about those who sign, if the caller lets us.
    pub fn reach(&mut self, options: &Options, budget: &Budget) {
        let Some(fetch) = options.fetch.as_ref().filter(|_| !options.anchors.is_empty()) else {
            return;
        };
        let is_authority = |c: &&Certificate| c.extensions().basic_constraints.is_some_and(|b| b.ca);
        let signers = self.certificates.iter().filter(|c| !is_authority(c));
        for signer in signers.take(MOST_SIGNERS).cloned().collect::<Vec<_>>() {
            let question = Question::new(&options.anchors, options.at)
                .purpose(Purpose::Any)
                .intermediates(&self.certificates)
                .evidence(&self.evidence)
                .algorithms(options.algorithms.clone())
                .budget(budget);
            let found = gather(&signer, &question, fetch.as_ref());
            self.unfetched |= !found.missing.is_empty();
            self.certificates.extend(found.certificates);
            self.take(found.evidence);
        }
        self.settle();
    }

    /// Each once, in an order that does not depend on the file's.
    fn settle(&mut self) {
        self.certificates.sort_by(|a, b| a.der().cmp(b.der()));
        self.certificates.dedup();
        self.certificates.truncate(MOST_PIECES);
    }

    fn take(&mut self, evidence: Evidence) {
        self.evidence.crls.extend(evidence.crls);
        self.evidence.ocsp.extend(evidence.ocsp);
    }

    fn store(&mut self, document: &Document) -> Result<(), ReadError> {
        let last = document.last();
        let catalog = document.catalog_in(last)?;
        let Some(store) = document.dictionary_in(last, &catalog, b"DSS")? else {
            return Ok(());
        };
        streams(document, &store, b"Certs", |bytes| {
            self.certificates.extend(Certificate::from_der(bytes).ok());
        })?;
        streams(document, &store, b"CRLs", |bytes| {
            self.has_store |= self.evidence.add_crl(bytes).is_ok();
        })?;
        streams(document, &store, b"OCSPs", |bytes| {
            self.has_store |= self.evidence.add_ocsp(bytes).is_ok();
        })
    }
}

/// Behind the first `own`, only what did not come before, and no more than [`MOST_PIECES`] of it.
fn distinct<T: Clone + Eq + Hash>(pieces: &mut Vec<T>, own: usize) {
    let mut seen = HashSet::new();
    let found = pieces.split_off(own.min(pieces.len()));
    let found = found.into_iter().filter(|piece| seen.insert(piece.clone()));
    pieces.extend(found.take(MOST_PIECES));
}

/// One after the other: together they may be as large as all the work that a document may cause.
fn streams(
    document: &Document,
    store: &Dictionary,
    key: &[u8],
    mut take: impl FnMut(&[u8]),
) -> Result<(), ReadError> {
    let list = document.value_in(document.last(), store, key)?;
    for element in list.as_array().unwrap_or_default().iter().take(MOST_PIECES) {
        if let Object::Stream(stream) = document.resolve(element)? {
            take(&document.decode(&stream)?.bytes);
        }
    }
    Ok(())
}

/// Own choice: a document with more signers and timestamping units is asked about in part.
const MOST_SIGNERS: usize = 8;

/// Own choice: archives renewed for decades hold some hundred.
const MOST_PIECES: usize = 1_000;
