//! What the functions of the store are given: one connection, whichever engine it leads to.

use std::sync::Arc;

use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, Either, Error, Execute, Executor, SqlStr,
    any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
    pool::PoolConnection,
};

use super::{
    parsed::Parsed,
    postgres::{Answer, Transaction},
    sqlite::{Lease, Rows, Turn, run},
};
use crate::{
    error::Fault,
    rules::{audit::Record, checkpoint::Head, time::Timestamp},
};

/// A connection for reading, or one inside a writing transaction.
pub struct Connection {
    kind: Kind,
    parsed: Arc<Parsed>,
    /// Audit records that are written down last, right before the commit.
    pub(super) records: Vec<(Record, Timestamp)>,
}

pub(super) enum Kind {
    /// PostgreSQL, for reading.
    Pooled(PoolConnection<Any>),
    /// PostgreSQL, inside a transaction.
    Within(Transaction),
    /// SQLite.
    Here(Here),
}

/// SQLite's connections.
pub(super) enum Here {
    /// For reading.
    Reading(Lease),
    /// Inside a turn to write.
    Writing(Turn),
}

impl Connection {
    pub(super) fn of(kind: Kind, parsed: &Arc<Parsed>) -> Self {
        Self {
            kind,
            parsed: Arc::clone(parsed),
            records: Vec::new(),
        }
    }

    /// What was read before, for texts that did not change.
    pub(super) fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// The end of the audit chain, where the turns before this one left it in the commit that they share.
    pub(super) fn end_of_chain(&self) -> Option<Head> {
        match &self.kind {
            Kind::Here(Here::Writing(turn)) => turn.end_of_chain(),
            Kind::Within(_) | Kind::Pooled(_) | Kind::Here(Here::Reading(_)) => None,
        }
    }

    /// Leaves the end of the audit chain to the shared commit, which writes it once for all; false where each
    /// transaction writes it itself.
    pub(super) fn leave_end_of_chain(&mut self, end: Head) -> bool {
        match &mut self.kind {
            Kind::Here(Here::Writing(turn)) => {
                turn.leave_end_of_chain(end);
                true
            }
            Kind::Within(_) | Kind::Pooled(_) | Kind::Here(Here::Reading(_)) => false,
        }
    }

    pub(super) async fn commit(self) -> Result<(), Fault> {
        match self.kind {
            Kind::Within(transaction) => Ok(transaction.commit().await?),
            Kind::Here(Here::Writing(turn)) => turn.commit().await,
            Kind::Pooled(_) | Kind::Here(Here::Reading(_)) => Ok(()),
        }
    }
}

/// Runs a statement on this thread; now and then lets others have it first.
async fn here<'q>(
    connection: &mut Here,
    mut query: impl Execute<'q, Any>,
    wanted: Rows,
) -> Result<Answer, Error> {
    tokio::task::coop::consume_budget().await;
    let arguments = query.take_arguments().map_err(Error::Encode)?;
    let connection = match connection {
        Here::Reading(lease) => lease.connection(),
        Here::Writing(turn) => turn.connection(),
    };
    let connection = connection.ok_or(Error::PoolClosed)?;
    let (rows, changed) = run(connection, query.sql().as_str(), arguments, wanted)?;
    Ok(Answer { rows, changed })
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<AnyQueryResult, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match &mut self.kind {
            Kind::Pooled(connection) => connection.execute(query),
            Kind::Within(transaction) => {
                Box::pin(async move { Ok(effect(&transaction.run(query, Rows::None).await?)) })
            }
            Kind::Here(connection) => {
                Box::pin(async move { Ok(effect(&here(connection, query, Rows::None).await?)) })
            }
        }
    }

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match &mut self.kind {
            Kind::Pooled(connection) => connection.fetch_many(query),
            Kind::Within(transaction) => stream::once(transaction.run(query, Rows::All))
                .map_ok(one_by_one)
                .try_flatten()
                .boxed(),
            Kind::Here(connection) => stream::once(here(connection, query, Rows::All))
                .map_ok(one_by_one)
                .try_flatten()
                .boxed(),
        }
    }

    fn fetch_all<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Vec<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match &mut self.kind {
            Kind::Pooled(connection) => connection.fetch_all(query),
            Kind::Within(transaction) => {
                Box::pin(async move { Ok(transaction.run(query, Rows::All).await?.rows) })
            }
            Kind::Here(connection) => {
                Box::pin(async move { Ok(here(connection, query, Rows::All).await?.rows) })
            }
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        match &mut self.kind {
            Kind::Pooled(connection) => connection.fetch_optional(query),
            Kind::Within(transaction) => {
                Box::pin(async move { Ok(transaction.run(query, Rows::One).await?.rows.pop()) })
            }
            Kind::Here(connection) => {
                Box::pin(async move { Ok(here(connection, query, Rows::One).await?.rows.pop()) })
            }
        }
    }

    fn prepare_with<'e>(self, _: SqlStr, _: &'e [AnyTypeInfo]) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        not_offered()
    }
}

fn effect(answer: &Answer) -> AnyQueryResult {
    AnyQueryResult {
        rows_affected: answer.changed,
        last_insert_id: None,
    }
}

fn one_by_one(answer: Answer) -> impl Stream<Item = Result<Either<AnyQueryResult, AnyRow>, Error>> {
    stream::iter(answer.rows).map(|row| Ok(Either::Right(row)))
}

/// Statements are prepared when they are first run; nobody asks what they would return.
fn not_offered<'e, T: Send + 'e>() -> BoxFuture<'e, Result<T, Error>> {
    Box::pin(async { Err(Error::Protocol("statements are only run here".to_owned())) })
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Connection").finish_non_exhaustive()
    }
}
