//! What was fetched before, on disk: one file for each address, good until a time.

use std::path::{Path, PathBuf};

use ring::digest;
use sdk_document::{Certificate, Time, Wanted};

/// A folder that may be emptied at any time.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    now: Time,
}

impl Cache {
    /// In this folder, which is made when it is not there; what is no longer good there is removed.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(folder: impl AsRef<Path>, now: Time) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let cache = Self {
            folder: folder.as_ref().into(),
            now,
        };
        for entry in std::fs::read_dir(&cache.folder)?.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == ENDING) && cache.read(&path).is_none() {
                // Somebody else may have removed it first.
                let _ = std::fs::remove_file(&path);
            }
        }
        Ok(cache)
    }

    /// What was fetched for this, if it is still good.
    pub fn held(&self, wanted: &Wanted<'_>) -> Option<Vec<u8>> {
        self.read(&self.place(wanted))
    }

    /// Keeps it as long as it is good, and no longer than an hour.
    pub fn keep(&self, wanted: &Wanted<'_>, bytes: &[u8]) {
        let Some(until) = good_until(wanted, bytes, self.now) else {
            return;
        };
        let mut content = until.unix_timestamp().to_be_bytes().to_vec();
        content.extend_from_slice(bytes);
        let place = self.place(wanted);
        let beside = place.with_extension(format!("{}.part", std::process::id()));
        // A cache that cannot be written is slower, not wrong.
        if std::fs::write(&beside, content).is_err() || std::fs::rename(&beside, &place).is_err() {
            let _ = std::fs::remove_file(&beside);
        }
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let mut content = std::fs::read(path).ok()?;
        let (until, _) = content.split_first_chunk::<8>()?;
        let is_good = i64::from_be_bytes(*until) > self.now.unix_timestamp();
        is_good.then(|| content.split_off(8))
    }

    fn place(&self, wanted: &Wanted<'_>) -> PathBuf {
        let (kind, request): (&[u8], &[u8]) = match wanted {
            Wanted::Issuer { .. } => (b"issuer", &[]),
            Wanted::List { .. } => (b"list", &[]),
            Wanted::Answer { request, .. } => (b"answer", request),
        };
        let mut name = digest::Context::new(&digest::SHA256);
        for part in [kind, wanted.address().as_bytes(), request] {
            name.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            name.update(part);
        }
        let name = data_encoding::HEXLOWER.encode(name.finish().as_ref());
        self.folder.join(name).with_extension(ENDING)
    }
}

/// As long as what it says of itself, at most [`LONGEST`]; nothing that is not what was asked for.
fn good_until(wanted: &Wanted<'_>, bytes: &[u8], now: Time) -> Option<Time> {
    let mut evidence = sdk_document::Evidence::new();
    let said = match wanted {
        Wanted::Issuer { .. } => Certificate::from_der(bytes).ok().map(|c| c.not_after()),
        Wanted::List { .. } => {
            evidence.add_crl(bytes).ok()?;
            evidence.crls.first()?.next_update()
        }
        Wanted::Answer { .. } => {
            evidence.add_ocsp(bytes).ok()?;
            let answers = evidence.ocsp.first()?.responses();
            answers.iter().map(|answer| answer.next_update).min()?
        }
    };
    let until = said?.min(now.saturating_add(LONGEST));
    (until > now).then_some(until)
}

/// Own choice: a revocation that an authority publishes early is seen within the hour.
const LONGEST: time::Duration = time::Duration::hours(1);
const ENDING: &str = "aval";
