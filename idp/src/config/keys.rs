//! `[keys]`: how long a signing key lives and where it is made; the file of the key that seals what is stored.

use std::path::Path;

use serde::Deserialize;

use crate::{
    keys::{Pkcs11Settings, SealingKey},
    rules::{keys::ROTATE_EVERY_DAYS, time::Seconds},
};

/// The life of signing keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// A key signs for so many days; 0 for as long as nobody asks for another.
    pub rotate_every_days: u32,
    /// New keys are made on this PKCS#11 token, where it can make them.
    pub pkcs11: Option<Pkcs11Settings>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            rotate_every_days: ROTATE_EVERY_DAYS,
            pkcs11: None,
        }
    }
}

impl Keys {
    /// How long a key signs.
    #[must_use]
    pub fn rotate_every(&self) -> Option<Seconds> {
        (self.rotate_every_days > 0)
            .then(|| Seconds(i64::from(self.rotate_every_days).saturating_mul(86_400)))
    }
}

/// Reads the sealing key.
///
/// # Errors
/// One sentence that names the file and what to do.
pub(super) fn sealing_key(file: &Path) -> Result<SealingKey, String> {
    secret_file("sealing_key_file", file)
}

/// Reads 32 secret bytes for `setting`.
///
/// # Errors
/// One sentence that names the file and what to do.
pub(super) fn secret_file(setting: &str, file: &Path) -> Result<SealingKey, String> {
    use std::os::unix::fs::PermissionsExt;
    let name = file.display();
    let told = |error| {
        format!(
            "{setting} {name}: {error}; make one with: (umask 077; head -c 32 /dev/urandom | base64 > {name})"
        )
    };
    let metadata = std::fs::metadata(file).map_err(|error| told(error.to_string()))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!(
            "{setting} {name}: others may read it; run: chmod 600 {name}"
        ));
    }
    let text = std::fs::read_to_string(file).map_err(|error| told(error.to_string()))?;
    SealingKey::from_base64(&text).map_err(|problem| told(problem.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_sealing_key_that_others_can_read_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), data_encoding::BASE64.encode(&[1; 32])).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(sealing_key(file.path()).err().unwrap().contains("chmod 600"));
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(sealing_key(file.path()).is_ok());
    }
}
