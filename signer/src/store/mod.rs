//! What is remembered. One SQL text for SQLite and PostgreSQL; decisions that must happen once happen in the write.
//!
//! [`Store`] reads; [`Work`] is one transaction that writes and ends with its audit record.

mod audit;
mod batches;
mod documents;
pub mod files;
mod officials;
mod progress;
mod sessions;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod throwaway;

use std::str::FromStr;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Executor, Row, SqlStr, Transaction};

use crate::clock::Chance;
use crate::error::Fault;
use crate::keys::{Sealed, Sealing};

pub use batches::{Approved, Intended};
pub use files::Files;
pub use progress::BatchSummary;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    engine: Engine,
    sealing: Sealing,
    chance: Chance,
}

/// One transaction. Dropped without [`Work::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Work {
    transaction: Transaction<'static, Any>,
    sealing: Sealing,
    chance: Chance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Store {
    /// Connects; does not migrate.
    ///
    /// # Errors
    /// A fault when the URL is not of a known engine or the database does not answer.
    pub async fn connect(url: &str, sealing: Sealing, chance: Chance) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Engine::Postgres
        } else {
            return Err(Fault::new(
                "database: give sqlite:///absolute/path.db or postgres://…",
            ));
        };
        let url = match engine {
            // The file is made when missing.
            Engine::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(MOST_CONNECTIONS)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if engine == Engine::Sqlite {
                        connection.execute(SQLITE_PRAGMAS).await?;
                    }
                    Ok(())
                })
            })
            .connect(&url)
            .await
            .map_err(Fault::when("connecting to the database"))?;
        Ok(Self {
            pool,
            engine,
            sealing,
            chance,
        })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A fault when a migration fails or the schema is from a newer version.
    pub async fn migrate(&self) -> Result<(), Fault> {
        let migrations = MIGRATIONS.iter().map(|(version, name, text)| {
            let text = SqlStr::from_static(text);
            Migration::new(*version, (*name).into(), MigrationType::Simple, text, false)
        });
        Migrator::with_migrations(migrations.collect())
            .run(&self.pool)
            .await
            .map_err(Fault::when("migrating the database"))
    }

    /// Whether the database answers and has our schema.
    ///
    /// # Errors
    /// A fault when it does not.
    pub async fn answers(&self) -> Result<(), Fault> {
        sqlx::query("SELECT seq FROM audit_head WHERE id = 1")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// A fault when the database does not answer.
    pub async fn begin(&self) -> Result<Work, Fault> {
        let transaction = match self.engine {
            // Taking the write lock at once avoids the deadlock of two readers that both want to write.
            Engine::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.pool.begin().await?,
        };
        Ok(Work {
            transaction,
            sealing: self.sealing.clone(),
            chance: self.chance.clone(),
        })
    }
}

impl Work {
    /// Makes everything that was written durable.
    ///
    /// # Errors
    /// A fault when the database could not.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.transaction.commit().await?)
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Sealed, Fault> {
        self.sealing.seal(place, plain, &self.chance)
    }
}

/// A column that holds the text of one of our types.
fn parsed<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<T, Fault> {
    let text: String = row.try_get(column)?;
    text.parse()
        .map_err(|_| Fault::caused("a column holds something unexpected", column))
}

/// A column that holds a count or a size.
fn natural<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, Fault> {
    let number: i64 = row.try_get(column)?;
    number
        .try_into()
        .map_err(|_| Fault::caused("a column holds a number out of range", column))
}

/// A size for the database; ours stay far below the bound.
fn bigint<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Every migration by its number, oldest first. Never edit one that was released: add another.
const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "signer", include_str!("../../migrations/0001_signer.sql"))];
/// Durable before acknowledged: WAL with FULL loses no committed transaction on power failure.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; \
                              PRAGMA foreign_keys = ON;";
/// Signing is one writer; pages read beside it.
const MOST_CONNECTIONS: u32 = 8;
