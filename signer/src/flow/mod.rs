//! One use case a file: one transaction, one audit record.

pub mod archive;
pub mod authorise;
pub mod cell;
pub mod compare;
pub mod desk;
pub mod in_force;
pub mod inspect;
pub mod officials;
pub mod propose;
pub mod receive;
pub mod sign;
pub mod sources;
pub mod verify;
pub mod work;

use crate::error::Fault;

/// Runs something that computes or touches the disk for long off the request threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Fault::when("working off the request threads"))
}
