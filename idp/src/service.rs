//! The service as one value: what every handler and flow is given.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    authorities::Authorities,
    config::Config,
    error::Fault,
    fetch::{Fetch, Guarded, KeySets, SystemNames, Upstreams},
    flow::{self, readings::Readings, tally::Tally},
    keys::{Derived, Hsm, Keyring, Seal},
    limits::Limits,
    mail::{self, Carrier},
    people::People,
    rules::{
        assurance::Aal,
        client::{Profile, is_loopback},
        ids::GrantId,
        secret::Opaque,
        time::Timestamp,
    },
    store::Database,
    world::{Chance, Clock, bytes},
};

/// A running provider: configuration, database, keys, clock and chance.
pub struct Idp {
    /// As configured.
    pub config: Config,
    /// What is remembered.
    pub store: Database,
    /// Seals what must be read again.
    pub seal: Seal,
    /// Keys that are derived, not stored.
    pub derived: Derived,
    /// Signs what we say.
    pub signing: Keyring,
    /// Where signing keys live, if not sealed in the database.
    pub hsm: Option<Arc<Hsm>>,
    /// What logging people in takes.
    pub people: People,
    /// Calls addresses that clients registered.
    pub fetch: Arc<dyn Fetch>,
    /// Whose client certificates count.
    pub authorities: Authorities,
    /// Clients' keys that were fetched.
    pub key_sets: KeySets,
    /// Providers that vouch for people.
    pub upstreams: Upstreams,
    /// What is counted in memory.
    pub limits: Limits,
    /// Carries letters to citizens; nobody does where the configuration has no `[mail]`.
    pub mail: Option<Arc<dyn Carrier>>,
    /// Rung when a notice was put into the outbox by this node.
    pub outbox: tokio::sync::Notify,
    /// How many conversations and anonymous pushes this node has begun: every so many, the oldest idle ones are forgotten.
    pub begun: AtomicU32,
    /// How many grants this node has made: their ids grow with it.
    pub granted: AtomicU32,
    /// What is counted, not written down one by one.
    pub tally: Tally,
    /// Data whose release is written down already.
    pub readings: Readings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub chance: Arc<dyn Chance>,
}

impl Idp {
    /// Opens the database (bringing its schema up to date) and the keys.
    ///
    /// # Errors
    /// A fault that says what could not be opened.
    pub async fn open(
        mut config: Config,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Arc<Self>, Fault> {
        let key = config
            .sealing_key()
            .map_err(|problem| Fault::of("opening the keys", problem))?;
        let store = Database::open(&config.database).await?;
        store.migrate().await?;
        let (seal, derived) = (Seal::new(&key)?, Derived::new(&key)?);
        let hsm = config.keys.pkcs11.as_ref().map(Hsm::open).transpose()?;
        let limits = Limits::new(&config.limits);
        let people = People::new(&config, &derived, clock.now())?;
        if !people.models.is_empty() {
            config.assurance = config.assurance.up_to(Aal::Three);
        }
        // Plain http to the operator's exceptions only where the whole service is on one developer's machine.
        let development = is_loopback(config.issuer.url());
        let fetch = Guarded::new(config.fetch.clone(), development, Arc::new(SystemNames))?;
        let authorities = config.mtls.as_ref().and_then(|mtls| mtls.authorities.as_deref());
        let authorities = Authorities::read(authorities)?;
        let mail = config.mail.as_ref().map(mail::carrier).transpose()?;
        let upstreams = Upstreams::read(&config.upstream, development)?;
        let idp = Self {
            config,
            store,
            seal,
            derived,
            signing: Keyring::default(),
            hsm: hsm.map(Arc::new),
            people,
            fetch: Arc::new(fetch),
            authorities,
            key_sets: KeySets::default(),
            upstreams,
            limits,
            mail,
            outbox: tokio::sync::Notify::new(),
            begun: AtomicU32::new(0),
            granted: AtomicU32::new(0),
            tally: Tally::default(),
            readings: Readings::default(),
            clock,
            chance,
        };
        flow::keys::open(&idp).await?;
        Ok(Arc::new(idp))
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new bearer value.
    #[must_use]
    pub fn opaque(&self) -> Opaque {
        Opaque::new(bytes(self.chance.as_ref()))
    }

    /// A new code or access token in the shape that clients of `profile` can keep.
    #[must_use]
    pub fn bearer(&self, profile: Profile) -> Opaque {
        if profile == Profile::ClaveUnica {
            Opaque::hex(self.id())
        } else {
            self.growing()
        }
    }

    /// A new bearer value of which there are many.
    #[must_use]
    pub fn growing(&self) -> Opaque {
        Opaque::growing(self.clock.exactly(), bytes(self.chance.as_ref()))
    }

    /// A new id of a grant.
    #[must_use]
    pub fn grant_id(&self, now: Timestamp) -> GrantId {
        let place = self.granted.fetch_add(1, Ordering::Relaxed);
        GrantId::growing(now, place, bytes(self.chance.as_ref()))
    }

    /// Bytes for a new id.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        bytes(self.chance.as_ref())
    }
}

impl std::fmt::Debug for Idp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Idp")
            .field("issuer", &self.config.issuer.as_str())
            .finish_non_exhaustive()
    }
}
