//! Evidence from files: lists and responses that somebody fetched beforehand.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use super::Evidence;
use crate::reading::bounded;

/// Why evidence could not be loaded: always a matter for whoever hands it over.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The file or folder cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Neither a revocation list nor an OCSP response, in DER or PEM.
    #[error("{}: neither a revocation list nor an OCSP response", .0.display())]
    Neither(PathBuf),
    /// A folder without a single `.crl`, `.ocsp`, `.ors`, `.pem` or `.der` file: surely a mistake.
    #[error("{}: no .crl, .ocsp, .ors, .pem or .der file in this folder", .0.display())]
    Empty(PathBuf),
    /// More than 256 MB in all.
    #[error("{}: more evidence than is read at once ({} MB)", .0.display(), MOST_BYTES / 1_000_000)]
    TooLarge(PathBuf),
}

impl Evidence {
    /// Adds a revocation list or an OCSP response in DER or PEM (RFC 7468 §6), or a folder of them. Within a folder
    /// the order is that of the names.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), EvidenceError> {
        let path = path.as_ref();
        let unreadable = |error| EvidenceError::Unreadable {
            path: path.into(),
            error,
        };
        let mut files = Vec::new();
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                let file = entry.map_err(unreadable)?.path();
                let extension = file.extension().and_then(|extension| extension.to_str());
                if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
                    files.push(file);
                }
            }
            if files.is_empty() {
                return Err(EvidenceError::Empty(path.into()));
            }
            files.sort();
        } else {
            files.push(path.into());
        }
        let mut room = MOST_BYTES;
        for file in files {
            let bytes = read(&file, &mut room)?;
            if !self.take(&bytes) {
                return Err(EvidenceError::Neither(file));
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> bool {
        let blocks = std::str::from_utf8(bytes).map(blocks).unwrap_or_default();
        let one =
            |evidence: &mut Self, der: &[u8]| evidence.add_crl(der).is_ok() || evidence.add_ocsp(der).is_ok();
        if blocks.is_empty() {
            one(self, bytes)
        } else {
            blocks.iter().all(|der| one(self, der))
        }
    }
}

fn read(path: &Path, room: &mut u64) -> Result<Vec<u8>, EvidenceError> {
    let unreadable = |error| EvidenceError::Unreadable {
        path: path.into(),
        error,
    };
    let bytes = match bounded(path, *room) {
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            return Err(EvidenceError::TooLarge(path.into()));
        }
        other => other.map_err(unreadable)?,
    };
    *room = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    Ok(bytes)
}

/// The contents of every PEM block of a kind that is known here.
fn blocks(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for label in ["X509 CRL", "CRL", "OCSP RESPONSE"] {
        for block in text.split(&format!("-----BEGIN {label}-----")).skip(1) {
            let body = block.split("-----END").next().unwrap_or_default();
            let base64: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            found.extend(BASE64.decode(&base64).ok());
        }
    }
    found
}

const EXTENSIONS: [&str; 5] = ["crl", "ocsp", "ors", "pem", "der"];

/// National lists reach some tens of megabytes.
const MOST_BYTES: u64 = 256_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_evidence_is_named() {
        let path = std::env::temp_dir().join(format!("aval-evidence-{}.crl", std::process::id()));
        std::fs::write(&path, b"nothing of the kind").unwrap();
        let error = Evidence::new().load(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(error, EvidenceError::Neither(_)), "{error}");
        assert!(error.to_string().contains("neither a revocation list"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = Evidence::new().load("/nowhere/at/all.crl").unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all.crl"));
    }
}
