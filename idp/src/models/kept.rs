//! The models as the operator's files last said. The files are looked at every few seconds and read again when they
//! changed: a model that the metadata condemns tonight reaches AAL3 no more, and nobody has to be woken for it. A file
//! that is broken is told in the log, and what was known before stays.

use std::{
    collections::BTreeMap,
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use uuid::Uuid;
use webauthn_rs_core::proto::Credential;

use super::{Models, Settings};
use crate::{error::Fault, rules::time::Timestamp, service::Idp};

/// What is known of models, and the files that it comes from.
#[derive(Debug)]
pub struct Kept {
    settings: Settings,
    models: RwLock<Arc<Models>>,
    seen: Mutex<Seen>,
}

impl Kept {
    /// Reads everything for the first time.
    ///
    /// # Errors
    /// As [`Models::read`]: whoever starts the service stands before it and can mend it.
    pub fn open(settings: &Settings, now: Timestamp) -> Result<Self, Fault> {
        // Looked at before they are read: what changes in between is read again.
        let seen = Seen::look(settings);
        let models = Models::read(settings, now)?;
        Ok(Self {
            settings: settings.clone(),
            models: RwLock::new(Arc::new(models)),
            seen: Mutex::new(seen),
        })
    }

    /// Nobody reaches AAL3 here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.now().is_empty()
    }

    /// As [`Models::allows`].
    #[must_use]
    pub fn allows(&self, model: Uuid) -> bool {
        self.now().allows(model)
    }

    /// As [`Models::attested`].
    #[must_use]
    pub fn attested(&self, credential: &Credential, now: Timestamp) -> Option<Uuid> {
        self.now().attested(credential, now)
    }

    /// Looks whether the files changed, and reads them if they did; whether something new is known. Waits for the disk.
    pub fn look(&self, now: Timestamp) -> bool {
        let seen = Seen::look(&self.settings);
        let mut before = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *before == seen {
            return false;
        }
        // Noted whatever comes of it, so that one broken file is told once.
        *before = seen;
        match Models::read(&self.settings, now) {
            Ok(models) => {
                tracing::info!(
                    models = models.names.len(),
                    "the metadata of security keys was read again"
                );
                *self.models.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(models);
                true
            }
            Err(fault) => {
                tracing::error!(%fault, "the metadata of security keys cannot be read; what was known before stays");
                false
            }
        }
    }

    fn now(&self) -> Arc<Models> {
        Arc::clone(&self.models.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Looks at the files as long as the service runs.
pub async fn forever(idp: Arc<Idp>) {
    while idp.config.passkeys.metadata.is_some() {
        tokio::time::sleep(EVERY).await;
        let (here, now) = (Arc::clone(&idp), idp.now());
        if let Err(error) = tokio::task::spawn_blocking(move || here.people.models.look(now)).await {
            tracing::error!(%error, "looking at the metadata of security keys");
        }
    }
}

/// Which files there are and what tells one content of each from the next: where it lies, when it was written, how long
/// it is. What could not be looked at is part of it, so that it is told when that begins and not at every look.
#[derive(Debug, PartialEq, Eq)]
struct Seen(BTreeMap<PathBuf, Result<Mark, io::ErrorKind>>);

/// Device, inode, seconds, nanoseconds, length.
type Mark = (u64, u64, i64, i64, u64);

impl Seen {
    fn look(settings: &Settings) -> Self {
        let mut files = BTreeMap::new();
        for place in [&settings.metadata, &settings.metadata_root]
            .into_iter()
            .flatten()
        {
            look_at(place, &mut files);
            // A folder's own mark changes with its names; the statements in it are looked at one by one.
            for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
                look_at(&entry.path(), &mut files);
            }
        }
        Self(files)
    }
}

fn look_at(path: &Path, files: &mut BTreeMap<PathBuf, Result<Mark, io::ErrorKind>>) {
    let mark = std::fs::metadata(path)
        .map(|is| (is.dev(), is.ino(), is.mtime(), is.mtime_nsec(), is.len()))
        .map_err(|error| error.kind());
    files.insert(path.to_owned(), mark);
}

/// A look costs one question to the system for each statement.
const EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);
    const MODEL: Uuid = Uuid::from_bytes([7; 16]);

    fn state(folder: &Path, protection: &str) {
        let key = rcgen::KeyPair::generate().unwrap();
        let root = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let statement = json!({ "aaguid": MODEL, "description": "Llave", "keyProtection": [protection],
            "attestationRootCertificates": [data_encoding::BASE64.encode(root.der())] });
        std::fs::write(folder.join("llave.json"), statement.to_string()).unwrap();
    }

    fn kept(folder: &Path) -> Kept {
        let settings = Settings {
            allow: vec![MODEL],
            metadata: Some(folder.to_owned()),
            ..Settings::default()
        };
        Kept::open(&settings, NOW).unwrap()
    }

    #[test]
    fn row_69_a_model_that_turns_out_unfit_is_allowed_no_more_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        state(folder.path(), "hardware");
        let kept = kept(folder.path());
        assert!(kept.allows(MODEL));
        assert!(!kept.look(NOW), "nothing changed");
        state(folder.path(), "software");
        assert!(kept.look(NOW));
        assert!(!kept.allows(MODEL));
        state(folder.path(), "secure_element");
        assert!(kept.look(NOW) && kept.allows(MODEL));
    }

    #[test]
    fn a_broken_file_leaves_what_was_known_and_is_tried_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        state(folder.path(), "hardware");
        let kept = kept(folder.path());
        let file = folder.path().join("llave.json");
        std::fs::write(&file, b"{ half a state").unwrap();
        assert!(!kept.look(NOW) && kept.allows(MODEL));
        std::fs::remove_file(&file).unwrap();
        assert!(!kept.look(NOW) && kept.allows(MODEL), "nothing is said about it");
        state(folder.path(), "software");
        assert!(kept.look(NOW) && !kept.allows(MODEL));
    }
}
