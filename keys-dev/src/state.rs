//! The folder of a state: written once, complete or refused.
//!
//! `made.json` is written last. A folder with some of a state's files and without it is half-made.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use crate::hierarchy::Hierarchy;
use crate::issue::{self, Authority, Issued};
use crate::people::{Agencies, People};
use crate::{Error, Refusal};

/// A finished state.
#[derive(Clone, Debug)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// Makes a new state in a new or empty folder.
    ///
    /// # Errors
    /// Refused when the folder holds anything, unless `reset` says that a former state may go; other people's
    /// files never go.
    pub fn make(
        folder: &Path,
        reset: bool,
        now: OffsetDateTime,
        chance: &SystemRandom,
    ) -> Result<Self, Error> {
        match situation(folder)? {
            Situation::Empty => {}
            Situation::Made | Situation::HalfMade if reset => clear(folder)?,
            Situation::Made => return Err(Refusal::AlreadyMade(folder.into()).into()),
            Situation::HalfMade => return Err(Refusal::HalfMade(folder.into()).into()),
            Situation::Foreign(example) => {
                return Err(Refusal::Foreign {
                    folder: folder.into(),
                    example,
                }
                .into());
            }
        }
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
        let folder = folder.canonicalize().map_err(Error::file(folder))?;
        let state = Self { folder };
        write_pki(
            &state.pki(),
            &issue::hierarchy(&Hierarchy::shipped()?, now, chance)?,
        )?;
        write_json(&state.path("people.json"), &People::shipped(chance)?)?;
        write_json(&state.path("agencies.json"), &Agencies::default())?;
        write_json(
            &state.path(MARKER),
            &serde_json::json!({ "version": 1, "made_at": now.unix_timestamp() }),
        )?;
        Ok(state)
    }

    /// Opens a finished state.
    ///
    /// # Errors
    /// Refused when there is none, or only half of one.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        match situation(folder)? {
            Situation::Made => Ok(Self {
                folder: folder.canonicalize().map_err(Error::file(folder))?,
            }),
            Situation::HalfMade => Err(Refusal::HalfMade(folder.into()).into()),
            Situation::Empty | Situation::Foreign(_) => Err(Refusal::NotMade(folder.into()).into()),
        }
    }

    /// Opens a finished state, or makes one in an empty folder.
    ///
    /// # Errors
    /// As [`State::make`] and [`State::open`].
    pub fn open_or_make(
        folder: &Path,
        reset: bool,
        now: OffsetDateTime,
        chance: &SystemRandom,
    ) -> Result<Self, Error> {
        if !reset && matches!(situation(folder)?, Situation::Made) {
            return Self::open(folder);
        }
        Self::make(folder, reset, now, chance)
    }

    /// A path inside the state, absolute.
    #[must_use]
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    /// The folder of the PKI.
    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.path("pki")
    }

    /// Who exists.
    ///
    /// # Errors
    /// A fault when `people.json` cannot be read.
    pub fn people(&self) -> Result<People, Error> {
        read_json(&self.path("people.json"))
    }

    /// The clients' credentials.
    ///
    /// # Errors
    /// A fault when `agencies.json` cannot be read.
    pub fn agencies(&self) -> Result<Agencies, Error> {
        read_json(&self.path("agencies.json"))
    }

    /// Keeps the clients' credentials.
    ///
    /// # Errors
    /// A fault when `agencies.json` cannot be written.
    pub fn keep_agencies(&self, agencies: &Agencies) -> Result<(), Error> {
        write_json(&self.path("agencies.json"), agencies)
    }

    /// The CA that certifies officials.
    ///
    /// # Errors
    /// A fault when its files cannot be read.
    pub fn issuing_authority(&self) -> Result<Authority, Error> {
        let read = |name: &str| {
            let path = self.pki().join(name);
            fs::read_to_string(&path).map_err(Error::file(&path))
        };
        Ok(Authority {
            certificate_pem: read("issuing.pem")?,
            key_pem: read("issuing.key")?,
        })
    }
}

/// Writes a file whole or not at all, readable by its owner only.
///
/// # Errors
/// A fault when the file system refuses.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), Error> {
    let part = path.with_extension("part");
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        file.write_all(content)?;
        fs::rename(&part, path)
    };
    write().map_err(Error::file(path))
}

/// Writes JSON for people to read, whole or not at all, readable by its owner only.
///
/// # Errors
/// A fault when the file system refuses.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value).map_err(Error::file(path))?;
    text.push('\n');
    write_private(path, text.as_bytes())
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    serde_json::from_str(&text).map_err(Error::file(path))
}

fn write_pki(folder: &Path, issued: &Issued) -> Result<(), Error> {
    let flaws = folder.join("flaws");
    fs::create_dir_all(&flaws).map_err(Error::file(&flaws))?;
    for (name, pem) in &issued.certificates {
        write_private(&folder.join(format!("{name}.pem")), pem.as_bytes())?;
    }
    for (name, pem) in &issued.keys {
        write_private(&folder.join(format!("{name}.key")), pem.as_bytes())?;
    }
    for (name, pem) in &issued.crls {
        write_private(&folder.join(format!("{name}.crl")), pem.as_bytes())?;
    }
    for (name, pem) in issued.chains.iter().filter(|(_, pem)| !pem.is_empty()) {
        write_private(&folder.join(format!("{name}.chain.pem")), pem.as_bytes())?;
    }
    Ok(())
}

/// What a folder holds.
enum Situation {
    Empty,
    Made,
    HalfMade,
    Foreign(String),
}

fn situation(folder: &Path) -> Result<Situation, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Situation::Empty),
        Err(error) => return Err(Error::file(folder)(error)),
    };
    let mut foreign = None;
    let mut ours = false;
    for entry in entries {
        let name = entry
            .map_err(Error::file(folder))?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if name == MARKER {
            return Ok(Situation::Made);
        } else if OURS.contains(&name.as_str()) {
            ours = true;
        } else if name != LOCK {
            foreign = Some(name);
        }
    }
    Ok(match (ours, foreign) {
        (true, _) => Situation::HalfMade,
        (false, Some(example)) => Situation::Foreign(example),
        (false, None) => Situation::Empty,
    })
}

/// Removes what a state consists of, and nothing else; the marker first, so that an interruption leaves it half-made.
fn clear(folder: &Path) -> Result<(), Error> {
    for name in std::iter::once(&MARKER).chain(OURS) {
        let path = folder.join(name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Held by a running `up`.
pub(crate) const LOCK: &str = "lock";
const MARKER: &str = "made.json";
const OURS: &[&str] = &[
    "pki",
    "people.json",
    "people.part",
    "agencies.json",
    "agencies.part",
    "made.part",
    "idp",
    "signer",
    "agency",
    "stack.json",
    "stack.part",
    "idp.log",
    "signer.log",
    "agency.log",
];

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn made() -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
        let state = State::make(folder.path(), false, now, &SystemRandom::new()).unwrap();
        (folder, state)
    }

    fn again(folder: &Path, reset: bool) -> Result<State, Error> {
        State::make(
            folder,
            reset,
            OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap(),
            &SystemRandom::new(),
        )
    }

    #[test]
    fn a_finished_state_is_never_overwritten() {
        let (folder, state) = made();
        let before = fs::read(state.pki().join("root.pem")).unwrap();
        let error = again(folder.path(), false).unwrap_err();
        assert!(
            matches!(error, Error::Refused(Refusal::AlreadyMade(_))),
            "{error}"
        );
        assert_eq!(fs::read(state.pki().join("root.pem")).unwrap(), before);
    }

    #[test]
    fn a_reset_makes_new_keys() {
        let (folder, state) = made();
        let before = fs::read(state.pki().join("root.pem")).unwrap();
        again(folder.path(), true).unwrap();
        assert_ne!(fs::read(state.pki().join("root.pem")).unwrap(), before);
    }

    #[test]
    fn a_half_made_state_is_explained() {
        let (folder, state) = made();
        fs::remove_file(state.path(MARKER)).unwrap();
        let error = again(folder.path(), false).unwrap_err();
        assert!(matches!(error, Error::Refused(Refusal::HalfMade(_))), "{error}");
        assert!(matches!(
            State::open(folder.path()),
            Err(Error::Refused(Refusal::HalfMade(_)))
        ));
    }

    #[test]
    fn a_folder_with_other_files_is_left_alone_even_with_reset() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.tex"), "x").unwrap();
        for reset in [false, true] {
            let error = again(folder.path(), reset).unwrap_err();
            assert!(
                matches!(error, Error::Refused(Refusal::Foreign { .. })),
                "{error}"
            );
        }
    }

    #[test]
    fn a_reset_keeps_what_is_not_ours() {
        let (folder, _state) = made();
        fs::write(folder.path().join("notes.txt"), "x").unwrap();
        again(folder.path(), true).unwrap();
        assert!(folder.path().join("notes.txt").exists());
    }

    #[test]
    fn private_keys_are_readable_by_their_owner_only() {
        let (_folder, state) = made();
        for name in [
            "root.key",
            "issuing.key",
            "tsu.key",
            "ocsp.key",
            "tls.key",
            "flaws/weak_key.key",
        ] {
            let mode = fs::metadata(state.pki().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn every_subject_says_dev_only() {
        let (_folder, state) = made();
        for entry in Hierarchy::shipped().unwrap().certificate {
            let pem = fs::read(state.pki().join(format!("{}.pem", entry.name))).unwrap();
            let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
            let certificate = pem.parse_x509().unwrap();
            let units: Vec<_> = certificate
                .subject()
                .iter_organizational_unit()
                .map(|unit| unit.as_str().unwrap())
                .collect();
            assert_eq!(units, ["DEV ONLY"], "{}", entry.name);
        }
    }

    #[test]
    fn the_issuing_authority_revokes_exactly_the_revoked_flaw() {
        let (_folder, state) = made();
        let read = |name: &str| fs::read(state.pki().join(name)).unwrap();
        let (_, crl) = x509_parser::pem::parse_x509_pem(&read("issuing.crl")).unwrap();
        let (_, flaw) = x509_parser::pem::parse_x509_pem(&read("flaws/revoked.pem")).unwrap();
        let (_, list) = x509_parser::parse_x509_crl(&crl.contents).unwrap();
        let lines: Vec<_> = list
            .iter_revoked_certificates()
            .map(|line| line.serial().clone())
            .collect();
        assert_eq!(lines, [flaw.parse_x509().unwrap().serial.clone()]);
    }
}
