//! Opening the database, reading, and writing once at a time where the engine wants it.

use std::{
    ops::{Deref, DerefMut},
    path::Path,
    sync::Arc,
    time::Duration,
};

use sqlx::{AnyPool, AssertSqlSafe, Executor as _, Row as _, any::AnyPoolOptions};

use super::{
    Connection,
    connection::{Here, Kind},
    parsed::Parsed,
    postgres::Transaction,
    sqlite,
};
use crate::error::Fault;

/// The database of this service.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    parsed: Arc<Parsed>,
}

#[derive(Clone)]
enum Engine {
    /// One writer at a time, in the order of asking, whom no reader can hold.
    Sqlite(sqlite::Readers, sqlite::Writer),
    Postgres(AnyPool),
}

/// A connection for reading.
pub struct Read(Connection);

/// A writing transaction; dropped without [`Write::commit`], nothing happened.
pub struct Write(Connection);

impl Database {
    /// Opens the database at `url` (`sqlite:///file`, created when missing, or `postgres://…`) without migrating it.
    ///
    /// # Errors
    /// A fault when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, Fault> {
        if let Some(file) = sqlite::file(url) {
            make_private(file)?;
            // The writer first: it creates the file and its journal.
            let writer = sqlite::Writer::open(file)?;
            return Ok(Self::on(Engine::Sqlite(sqlite::Readers::open(file)?, writer)));
        }
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .connect(url)
            .await
            .map_err(|source| Fault::of("opening the database", source))?;
        Ok(Self::on(Engine::Postgres(pool)))
    }

    fn on(engine: Engine) -> Self {
        Self {
            engine,
            parsed: Arc::default(),
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// A fault when none becomes free in time.
    pub async fn read(&self) -> Result<Read, Fault> {
        let kind = match &self.engine {
            Engine::Sqlite(readers, _) => Kind::Here(Here::Reading(readers.lease().await?)),
            Engine::Postgres(pool) => Kind::Pooled(pool.acquire().await?),
        };
        Ok(Read(Connection::of(kind, &self.parsed)))
    }

    /// A transaction for writing. On SQLite it waits its turn and takes the write lock at once, so that what it reads
    /// first cannot change before it writes; on PostgreSQL the conditional writes themselves decide, and what the engine
    /// takes back because it met another transaction is carried out again unnoticed.
    ///
    /// # Errors
    /// A fault when the database does not answer in time.
    pub async fn write(&self) -> Result<Write, Fault> {
        let kind = match &self.engine {
            Engine::Sqlite(_, writer) => Kind::Here(Here::Writing(writer.turn().await?)),
            Engine::Postgres(pool) => Kind::Within(Transaction::begin(pool).await?),
        };
        Ok(Write(Connection::of(kind, &self.parsed)))
    }

    /// Brings the schema up to date; safe to run again, at the same time from several nodes, and after a crash.
    ///
    /// # Errors
    /// A fault when a migration fails, or when an applied one differs from ours.
    pub async fn migrate(&self) -> Result<(), Fault> {
        let mut write = self.write().await?;
        if matches!(self.engine, Engine::Postgres(_)) {
            // Two nodes that start together take turns here; the lock goes with the transaction.
            write
                .execute(sqlx::raw_sql("SELECT pg_advisory_xact_lock(4711001)"))
                .await?;
        }
        write.execute(sqlx::raw_sql(MIGRATIONS_TABLE)).await?;
        for (name, text) in MIGRATIONS {
            if applied(&mut write, name).await? {
                continue;
            }
            let text = match self.engine {
                // SQLite takes such a number for the row's own place: there is no index beside the table.
                Engine::Sqlite(..) => text.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"),
                Engine::Postgres(_) => text.replace("BLOB", "BYTEA"),
            };
            // Safe: the text is compiled in.
            write
                .execute(sqlx::raw_sql(AssertSqlSafe(text)))
                .await
                .map_err(|source| Fault::of("migrating the database", source))?;
            sqlx::query("INSERT INTO migrations (name) VALUES ($1)")
                .bind(*name)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await
    }

    /// The schema is the one this program expects.
    ///
    /// # Errors
    /// A fault when the database does not answer.
    pub async fn is_current(&self) -> Result<bool, Fault> {
        let mut read = self.read().await?;
        for (name, _) in MIGRATIONS {
            if !applied(&mut read, name).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(readers, writer) => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

impl Write {
    /// Makes everything written here durable.
    ///
    /// # Errors
    /// A fault when it was not made durable: then nothing of it happened.
    pub async fn commit(mut self) -> Result<(), Fault> {
        super::audit::write_down(&mut self.0).await?;
        self.0.commit().await
    }
}

impl Deref for Read {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

impl Deref for Write {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

async fn applied(connection: &mut Connection, name: &str) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM migrations WHERE name = $1")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Makes the file private before SQLite makes it public.
fn make_private(file: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)
        .map_err(|source| Fault::of("creating the database file", source))?;
    Ok(())
}

/// Every migration, oldest first. Never edit one that was released: add another.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "0001_protocol",
        include_str!("../../migrations/0001_protocol.sql"),
    ),
    ("0002_people", include_str!("../../migrations/0002_people.sql")),
    ("0003_expiry", include_str!("../../migrations/0003_expiry.sql")),
    ("0004_clients", include_str!("../../migrations/0004_clients.sql")),
    ("0007_tokens", include_str!("../../migrations/0007_tokens.sql")),
    ("0008_leaving", include_str!("../../migrations/0008_leaving.sql")),
    (
        "0013_registration",
        include_str!("../../migrations/0013_registration.sql"),
    ),
    (
        "0006_requests",
        include_str!("../../migrations/0006_requests.sql"),
    ),
    (
        "0009_key_life",
        include_str!("../../migrations/0009_key_life.sql"),
    ),
    (
        "0014_claveunica",
        include_str!("../../migrations/0014_claveunica.sql"),
    ),
    (
        "0014_closed_accounts",
        include_str!("../../migrations/0014_closed_accounts.sql"),
    ),
    (
        "0015_security_keys",
        include_str!("../../migrations/0015_security_keys.sql"),
    ),
    ("0018_freeze", include_str!("../../migrations/0018_freeze.sql")),
    (
        "0018_recoveries",
        include_str!("../../migrations/0018_recoveries.sql"),
    ),
    (
        "0016_recovery_codes",
        include_str!("../../migrations/0016_recovery_codes.sql"),
    ),
    (
        "0021_browsers",
        include_str!("../../migrations/0021_browsers.sql"),
    ),
    (
        "0019_contacts",
        include_str!("../../migrations/0019_contacts.sql"),
    ),
    (
        "0016_code_apps",
        include_str!("../../migrations/0016_code_apps.sql"),
    ),
    ("0019_notices", include_str!("../../migrations/0019_notices.sql")),
    (
        "0017_activation",
        include_str!("../../migrations/0017_activation.sql"),
    ),
    (
        "0020_client_life",
        include_str!("../../migrations/0020_client_life.sql"),
    ),
    ("0017_staff", include_str!("../../migrations/0017_staff.sql")),
    (
        "0023_operations",
        include_str!("../../migrations/0023_operations.sql"),
    ),
    (
        "0024_contacts_registered",
        include_str!("../../migrations/0024_contacts_registered.sql"),
    ),
    ("0030_codes", include_str!("../../migrations/0030_codes.sql")),
    (
        "0025_upstream",
        include_str!("../../migrations/0025_upstream.sql"),
    ),
];

const MIGRATIONS_TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)";

/// Two nodes of these stay well below PostgreSQL's default of 100.
const POSTGRES_CONNECTIONS: u32 = 16;
