//! The service put together: what every flow is handed.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::cells::{Cells, Program, Shares};
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::error::Fault;
use crate::fetching::Calls;
use crate::keys::{Keyring, Sealing};
use crate::store::{Files, Store};
use crate::trust::{Basis, Sources};

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
    sources: Mutex<Sources>,
    basis: watch::Sender<Arc<Basis>>,
    /// Who fetches what documents lack, if the operator lets anybody.
    pub calls: Option<Arc<Calls>>,
    /// Where documents from outside are read and drawn.
    pub cells: Cells,
    /// What of the cells one address may have.
    pub shares: Shares,
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
        let sources = Sources::open(&config, clock.now().utc())?;
        let basis = sources.basis();
        let at_once = usize::try_from(config.limits.at_once).unwrap_or(1);
        Ok(Arc::new(Self {
            files: Files::at(&config.documents)?,
            shares: Shares::of(at_once),
            calls: config.verify.fetch.then(|| Arc::new(Calls::new(clock.clone()))),
            cells: Cells::new(cell, &basis, at_once),
            sources: Mutex::new(sources),
            basis: watch::Sender::new(Arc::new(basis)),
            keyring: Keyring::new(sealing.clone()),
            bell: Notify::new(),
            store,
            sealing,
            clock,
            chance,
            config,
        }))
    }

    /// What judgements rest on now.
    #[must_use]
    pub fn basis(&self) -> Arc<Basis> {
        Arc::clone(&self.basis.borrow())
    }

    /// Looks at the operator's files, and judges by what they say from now on. Waits for the disk.
    pub fn look_at_sources(&self) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(basis) = sources.look(self.clock.now().utc()) {
            self.cells.renew(&basis);
            self.basis.send_replace(Arc::new(basis));
        }
    }

    /// What is wrong with the operator's evidence of revocation, a sentence for each file.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.complaints().map(str::to_owned).collect()
    }
}
