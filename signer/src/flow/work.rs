//! The worker: signs approved documents one after another, and at start resolves what an earlier run left open.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::sign::{Halt, place, resume, sign};
use crate::error::Fault;
use crate::rules::audit::Event;
use crate::rules::batch::Failure;
use crate::service::Service;
use crate::store::Approved;

/// Runs until `stop` says so; the document in hand is finished first.
pub async fn run(service: Arc<Service>, mut stop: watch::Receiver<bool>) {
    while let Err(fault) = recover(&service).await {
        tracing::error!(%fault, "cannot resolve what an earlier run left open; trying again");
        if pause(&mut stop, PAUSE).await {
            return;
        }
    }
    loop {
        if *stop.borrow() {
            return;
        }
        match service.store.next_approved().await {
            Ok(Some(approved)) => {
                if let Err(fault) = one(&service, &approved).await {
                    tracing::error!(batch = %approved.batch, document = %approved.document, %fault, "signing waits");
                    if pause(&mut stop, PAUSE).await {
                        return;
                    }
                }
            }
            Ok(None) => {
                tokio::select! {
                    () = service.bell.notified() => {}
                    // Another node, or a bell that rang before we listened.
                    () = tokio::time::sleep(LISTEN) => {}
                    _ = stop.changed() => return,
                }
            }
            Err(fault) => {
                tracing::error!(%fault, "cannot ask for the next document");
                if pause(&mut stop, PAUSE).await {
                    return;
                }
            }
        }
    }
}

/// Resolves every document that has an intent and no outcome, sweeps files that nothing knows.
///
/// # Errors
/// A fault when the database or the folder does not answer.
pub async fn recover(service: &Arc<Service>) -> Result<(), Fault> {
    service.files.clear_unfinished()?;
    for id in service.files.sources()? {
        if !service.store.document_known(id).await? {
            service.files.remove(id)?;
        }
    }
    for intended in service.store.intended().await? {
        let approved = &intended.approved;
        tracing::info!(batch = %approved.batch, document = %approved.document, "resolving an open intent");
        if let Err(halt) = resume(service, &intended).await {
            record(service, approved, halt).await?;
        }
    }
    service.store.sweep_sessions(service.clock.now()).await?;
    Ok(())
}

/// Signs one document, or records why not. A fault here means that nothing was recorded.
async fn one(service: &Arc<Service>, approved: &Approved) -> Result<(), Fault> {
    let start = Instant::now();
    match sign(service, approved).await {
        Ok(()) => {
            let us = start.elapsed().as_micros();
            tracing::info!(batch = %approved.batch, document = %approved.document, us, "signed");
            Ok(())
        }
        Err(halt) => record(service, approved, halt).await,
    }
}

async fn record(service: &Service, approved: &Approved, halt: Halt) -> Result<(), Fault> {
    let failure = match halt {
        Halt::Failed(failure) => failure,
        // Still queued: the next round tries again until the approval's time is over.
        Halt::Waits(fault) if service.clock.now() <= approved.expires_at && !fault.is_storage_full() => {
            return Err(fault);
        }
        Halt::Waits(fault) | Halt::Broke(fault) => {
            tracing::error!(batch = %approved.batch, document = %approved.document, %fault, "a document was not signed");
            Failure::Fault
        }
    };
    let event = Event::SignatureFailed {
        batch: approved.batch.to_string(),
        document: approved.document.to_string(),
        reason: failure.code(),
    };
    let now = service.clock.now();
    let mut work = service.store.begin().await?;
    if work.fail(approved, failure, now).await? {
        work.audit(now, &event).await?;
        work.commit().await?;
        // A copy that was not released goes.
        let _ = std::fs::remove_file(place(service, approved));
    }
    Ok(())
}

/// Waits; `true` when it is time to stop.
async fn pause(stop: &mut watch::Receiver<bool>, span: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(span) => *stop.borrow(),
        _ = stop.changed() => true,
    }
}

/// After a fault of ours: long enough not to spin, short enough that nobody notices.
const PAUSE: Duration = Duration::from_secs(1);
const LISTEN: Duration = Duration::from_secs(5);
