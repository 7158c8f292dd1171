//! Connections for reading: each one statement at a time, a few of them for whoever keeps one across a wait.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::open;
use crate::error::Fault;

/// The connections.
#[derive(Clone)]
pub struct Readers {
    idle: Arc<Mutex<Vec<rusqlite::Connection>>>,
    turns: Arc<Semaphore>,
}

/// One connection, given back when dropped.
pub struct Lease {
    connection: Option<rusqlite::Connection>,
    idle: Arc<Mutex<Vec<rusqlite::Connection>>>,
    _turn: OwnedSemaphorePermit,
}

impl Readers {
    /// Opens them all.
    pub fn open(file: &Path) -> Result<Self, Fault> {
        let connections: Result<Vec<_>, Fault> =
            (0..CONNECTIONS).map(|_| open(file, PATIENCE, CACHE)).collect();
        Ok(Self {
            idle: Arc::new(Mutex::new(connections?)),
            turns: Arc::new(Semaphore::new(CONNECTIONS)),
        })
    }

    /// A connection, as soon as one is free.
    pub async fn lease(&self) -> Result<Lease, Fault> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Fault::passing("the database: no connection became free"))?;
        let turn = turn.map_err(|_| Fault::passing("the database is closed"))?;
        let connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Lease {
            connection: Some(connection.ok_or(Fault::passing("the database is closed"))?),
            idle: Arc::clone(&self.idle),
            _turn: turn,
        })
    }

    /// Waits for what is being read, then closes every connection.
    pub async fn close(&self) {
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        let all = tokio::time::timeout(PATIENCE, self.turns.acquire_many(all)).await;
        self.turns.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Lease {
    /// The connection, while it is lent.
    pub fn connection(&self) -> Option<&rusqlite::Connection> {
        self.connection.as_ref()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}

/// A statement has one for some microseconds; some flows keep one across a wait.
const CONNECTIONS: usize = 4;
/// Kilobytes each. It is read anew after each commit, so more would not help.
const CACHE: u16 = 1024;
/// As long as a request may wait for the database (ten seconds).
const PATIENCE: Duration = Duration::from_secs(10);
