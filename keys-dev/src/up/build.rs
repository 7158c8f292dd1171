//! The binaries: built by cargo in the profile of this very binary, found beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Service;
use crate::{Error, Refusal};

/// Where the binaries are.
#[derive(Clone, Debug)]
pub struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Those beside this binary.
    ///
    /// # Errors
    /// A fault when the system does not say where this binary is.
    pub fn beside_this() -> Result<Self, Error> {
        let this = std::env::current_exe().map_err(Error::fault("finding this binary"))?;
        Ok(Self {
            folder: this.parent().map(Path::to_path_buf).unwrap_or_default(),
        })
    }

    /// Builds them.
    ///
    /// # Errors
    /// Refused when cargo fails, which has then said why.
    pub fn build(&self) -> Result<(), Error> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(workspace()).arg("build");
        command.args(["--package", "idp", "--package", "signer", "--package", "sdk"]);
        command.args([
            "--bin",
            "idp",
            "--bin",
            "signer",
            "--bin",
            "verify",
            "--example",
            "agency",
        ]);
        if self.folder.ends_with("release") {
            command.arg("--release");
        }
        if let Some(target) = self.folder.parent() {
            command.arg("--target-dir").arg(target);
        }
        eprintln!("Building idp, signer, verify and the demo agency; the first time takes some minutes.");
        let status = command.status().map_err(Error::fault("starting cargo"))?;
        if status.success() {
            Ok(())
        } else {
            Err(Refusal::Build.into())
        }
    }

    /// The binary of a service.
    ///
    /// # Errors
    /// Refused when it was not built.
    pub fn of(&self, service: Service) -> Result<PathBuf, Error> {
        let name = service.name();
        let path = match service {
            Service::Idp | Service::Signer => self.folder.join(name),
            Service::Agency => self.folder.join("examples").join(name),
        };
        if path.exists() {
            Ok(path)
        } else {
            Err(Refusal::NoBinary(path).into())
        }
    }

    /// The command-line verifier.
    #[must_use]
    pub fn verify(&self) -> PathBuf {
        self.folder.join("verify")
    }
}

/// The root of the workspace this binary was built from.
#[must_use]
pub fn workspace() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).to_path_buf()
}
