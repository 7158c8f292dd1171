//! Revocation lists, OCSP responses and certificates in between: one file each, kept as long as the file is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sdk_pki::{Certificate, Evidence, Time};

use super::places::{Mark, Seen};

/// What the files said.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    files: BTreeMap<PathBuf, Kept>,
    /// What could not be looked at, so that it is told once.
    wrong: Option<String>,
    /// Files whose time is over, so that each is told once.
    outdated: BTreeSet<PathBuf>,
}

/// One file.
#[derive(Debug)]
struct Kept {
    mark: Mark,
    /// What it says, or said before it broke.
    said: Piece,
    wrong: Option<String>,
}

/// What one file says.
#[derive(Clone, Debug, Default)]
struct Piece {
    certificates: Vec<Certificate>,
    evidence: Evidence,
}

impl Shelf {
    /// Looks at the files and reads those that changed; whether anything is different now. When a folder cannot be
    /// looked into, everything stays as it was: a disk that went away revokes nothing.
    pub fn look(&mut self, places: &[PathBuf]) -> bool {
        let mut seen = Seen::look(places.iter());
        if let Some(wrong) = &seen.wrong
            && self.wrong != seen.wrong
        {
            tracing::error!(
                wrong,
                "evidence of revocation cannot be looked at; what was known stays"
            );
        }
        self.wrong = seen.wrong.take();
        if self.wrong.is_some() {
            return false;
        }
        let named = |path: &Path| places.iter().any(|place| place == path);
        seen.files.retain(|path, _| named(path) || is_evidence(path));
        let before = self.files.len();
        self.files.retain(|path, _| seen.files.contains_key(path));
        let mut different = self.files.len() != before;
        for (path, mark) in seen.files {
            if self.files.get(&path).is_some_and(|kept| kept.mark == mark) {
                continue;
            }
            let room = MOST_BYTES.saturating_sub(self.held_beside(&path));
            different |= self.read(path, mark, room);
        }
        if different {
            let (certificates, evidence) = self.contents();
            tracing::info!(
                lists = evidence.crls.len(),
                responses = evidence.ocsp.len(),
                certificates = certificates.len(),
                "evidence of revocation was read"
            );
        }
        different
    }

    /// Whether it says something else now.
    fn read(&mut self, path: PathBuf, mark: Mark, room: u64) -> bool {
        let read = match mark.length <= room {
            true => piece(&path),
            false => Err(format!(
                "{}: with it, more than the {} MB of evidence that are kept",
                path.display(),
                MOST_BYTES >> 20
            )),
        };
        let before = self.files.remove(&path).map(|kept| kept.said);
        let (said, wrong) = match read {
            Ok(said) => (said, None),
            Err(wrong) => {
                tracing::error!(
                    wrong,
                    kept = before.is_some(),
                    "a file with evidence of revocation will not do; what it said before stays"
                );
                (before.unwrap_or_default(), Some(wrong))
            }
        };
        let different = wrong.is_none();
        self.files.insert(path, Kept { mark, said, wrong });
        different
    }

    fn held_beside(&self, path: &Path) -> u64 {
        let others = self.files.iter().filter(|(other, _)| *other != path);
        others.map(|(_, kept)| kept.mark.length).sum()
    }

    /// Tells of files whose time ended since the last look: what they speak of is not known any more.
    pub fn tell_outdated(&mut self, now: Time) {
        let over = |piece: &Piece| {
            let lists = piece.evidence.crls.iter().map(|list| list.next_update());
            let responses = piece
                .evidence
                .ocsp
                .iter()
                .flat_map(|response| response.responses());
            lists
                .chain(responses.map(|one| one.next_update))
                .any(|next| next.is_some_and(|next| next < now))
        };
        let outdated = self.files.iter().filter(|(_, kept)| over(&kept.said));
        let outdated: BTreeSet<PathBuf> = outdated.map(|(path, _)| path.clone()).collect();
        for path in outdated.difference(&self.outdated) {
            tracing::warn!(
                path = %path.display(),
                "its next update is due: what it speaks of is not known any more; put a newer one in its place"
            );
        }
        self.outdated = outdated;
    }

    /// All of it, in the order of the files' names.
    pub fn contents(&self) -> (Vec<Certificate>, Evidence) {
        let (mut certificates, mut evidence) = (Vec::new(), Evidence::new());
        for kept in self.files.values() {
            certificates.extend(kept.said.certificates.iter().cloned());
            evidence.crls.extend(kept.said.evidence.crls.iter().cloned());
            evidence.ocsp.extend(kept.said.evidence.ocsp.iter().cloned());
        }
        (certificates, evidence)
    }

    /// What is wrong now.
    pub fn complaints(&self) -> impl Iterator<Item = &str> {
        let files = self.files.values().filter_map(|kept| kept.wrong.as_deref());
        self.wrong.as_deref().into_iter().chain(files)
    }
}

/// Other files in a folder are none of ours: half of one that is being copied, an index.
fn is_evidence(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}

/// A list, a response or certificates, in DER or PEM.
fn piece(path: &Path) -> Result<Piece, String> {
    let mut said = Piece::default();
    let neither = match said.evidence.load(path) {
        Ok(()) if !said.evidence.is_empty() => return Ok(said),
        Ok(()) => format!("{}: there is nothing in it", path.display()),
        Err(error) => error.to_string(),
    };
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let read = match std::str::from_utf8(&bytes) {
        Ok(text) => Certificate::from_pem(text),
        Err(_) => Certificate::from_der(&bytes).map(|one| vec![one]),
    };
    said.certificates = read.map_err(|_| format!("{neither}, nor a certificate"))?;
    Ok(said)
}

const EXTENSIONS: [&str; 7] = ["crl", "ocsp", "ors", "pem", "der", "crt", "cer"];

/// Own choice: twice the largest list that is read ([`sdk_pki::Crl::MAX_OCTETS`]). Every cell holds all of it, beside
/// the worst document, within [`crate::cells::Kind::memory`].
const MOST_BYTES: u64 = 128 << 20;
