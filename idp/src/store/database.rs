//! Opening the database, reading, and writing once at a time where the engine wants it.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Executor as _, Row as _, Transaction, any::AnyPoolOptions,
    pool::PoolConnection,
};

use crate::error::Fault;

/// What store functions take: a reading connection or one inside a writing transaction.
pub type Connection = AnyConnection;

/// The database of this service.
#[derive(Clone)]
pub struct Database {
    readers: AnyPool,
    /// SQLite has one writer at a time: one connection of its own, whose queue is fair (SQLite's busy handler is not) and
    /// which no reader can hold. On PostgreSQL the same pool as the readers'.
    writers: AnyPool,
    engine: Engine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

/// A connection for reading.
pub struct Read(PoolConnection<sqlx::Any>);

/// A writing transaction; dropped without [`Write::commit`], nothing happened.
pub struct Write(Transaction<'static, sqlx::Any>);

impl Database {
    /// Opens the database at `url` (`sqlite:///file`, created when missing, or `postgres://…`) without migrating it.
    ///
    /// # Errors
    /// A fault when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite
        } else {
            Engine::Postgres
        };
        let url = match engine {
            Engine::Sqlite => private_file(url)?,
            Engine::Postgres => url.to_owned(),
        };
        let (readers, writers) = match engine {
            Engine::Sqlite => {
                // The writer first: it creates the file and its journal.
                let writers = pool(&url, engine, 1).await?;
                (pool(&url, engine, SQLITE_READERS).await?, writers)
            }
            Engine::Postgres => {
                let both = pool(&url, engine, POSTGRES_CONNECTIONS).await?;
                (both.clone(), both)
            }
        };
        Ok(Self {
            readers,
            writers,
            engine,
        })
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// A fault when none becomes free in time.
    pub async fn read(&self) -> Result<Read, Fault> {
        Ok(Read(self.readers.acquire().await?))
    }

    /// A transaction for writing. On SQLite it waits its turn and takes the write lock at once, so that what it reads
    /// first cannot change before it writes; on PostgreSQL the conditional writes themselves decide.
    ///
    /// # Errors
    /// A fault when the database does not answer in time.
    pub async fn write(&self) -> Result<Write, Fault> {
        Ok(Write(match self.engine {
            Engine::Sqlite => self.writers.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writers.begin().await?,
        }))
    }

    /// Brings the schema up to date; safe to run again, at the same time from several nodes, and after a crash.
    ///
    /// # Errors
    /// A fault when a migration fails, or when an applied one differs from ours.
    pub async fn migrate(&self) -> Result<(), Fault> {
        let mut write = self.write().await?;
        if self.engine == Engine::Postgres {
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
                Engine::Sqlite => (*text).to_owned(),
                Engine::Postgres => text.replace("BLOB", "BYTEA"),
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
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Write {
    /// Makes everything written here durable.
    ///
    /// # Errors
    /// A fault when it was not made durable: then nothing of it happened.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.0.commit().await?)
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

async fn pool(url: &str, engine: Engine, connections: u32) -> Result<AnyPool, Fault> {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(engine == Engine::Postgres)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if engine == Engine::Sqlite {
                    connection.execute(sqlx::raw_sql(SQLITE_PRAGMAS)).await?;
                }
                Ok(())
            })
        })
        .connect(url)
        .await
        .map_err(|source| Fault::of("opening the database", source))
}

async fn applied(connection: &mut Connection, name: &str) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM migrations WHERE name = $1")
        .bind(name)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// The URL with "create when missing", and the file made private before SQLite makes it public.
fn private_file(url: &str) -> Result<String, Fault> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| Fault::of("creating the database file", source))?;
    Ok(url.to_owned())
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
];

const MIGRATIONS_TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)";

/// Durable at every commit (synchronous=FULL); `busy_timeout` is for other processes (the command line).
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;";

/// Each is a thread with a megabyte of cache.
const SQLITE_READERS: u32 = 4;
/// Two nodes of these stay well below PostgreSQL's default of 100.
const POSTGRES_CONNECTIONS: u32 = 16;
