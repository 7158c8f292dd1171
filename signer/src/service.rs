//! The service put together: what every flow is handed.

use std::path::PathBuf;
use std::sync::Arc;

use sdk_pki::TrustAnchors;
use tokio::sync::Notify;

use crate::cells::{Cells, Program};
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::error::Fault;
use crate::keys::{Keyring, Sealing};
use crate::store::{Files, Store};

/// Everything that flows need. Shared by all requests and the worker.
#[derive(Debug)]
pub struct Service {
    /// What the operator decided.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The documents' folder.
    pub files: Files,
    /// The officials' keys.
    pub keyring: Keyring,
    /// Keys of our own keyed hashes.
    pub sealing: Sealing,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub chance: Chance,
    /// The roots under which signatures are trusted.
    pub trust: TrustAnchors,
    /// Where documents from outside are read and drawn.
    pub cells: Cells,
    /// Rings when a batch was approved.
    pub bell: Notify,
}

impl Service {
    /// Opens database, folder and keys. Does not migrate.
    ///
    /// # Errors
    /// A fault that says what could not be opened.
    pub async fn open(config: Config) -> Result<Arc<Self>, Fault> {
        Self::with(config, Clock::system(), &Program::this()?).await
    }

    /// As [`Service::open`], with a clock of the caller's, and another program than this one for cells.
    ///
    /// # Errors
    /// As [`Service::open`].
    pub async fn with(config: Config, clock: Clock, cell: &Program) -> Result<Arc<Self>, Fault> {
        let chance = Chance::system();
        let sealing = Sealing::new(&config.sealing_key()?);
        let store = Store::connect(&config.database, sealing.clone(), chance.clone()).await?;
        let trust = trust(&config.trust)?;
        let at_once = usize::try_from(config.limits.at_once).unwrap_or(1);
        Ok(Arc::new(Self {
            files: Files::at(&config.documents)?,
            cells: Cells::new(cell, &trust, at_once),
            trust,
            keyring: Keyring::new(sealing.clone()),
            bell: Notify::new(),
            store,
            sealing,
            clock,
            chance,
            config,
        }))
    }
}

/// Every root in these files and folders.
fn trust(paths: &[PathBuf]) -> Result<TrustAnchors, Fault> {
    let mut anchors = TrustAnchors::new();
    for path in paths {
        let loaded = TrustAnchors::load(path).map_err(Fault::when("reading the trusted roots"))?;
        for anchor in loaded.iter() {
            anchors.add(anchor.certificate().clone());
        }
    }
    Ok(anchors)
}
