//! Writing down what stands alone: a refusal, or an intent before an act outside the database.
//!
//! What belongs to a change is appended in the same transaction with [`crate::store::audit::append`].

use crate::{error::Fault, rules::audit::Record, service::Idp, store};

/// Writes one record by itself.
///
/// # Errors
/// A fault when it cannot be written; the caller then refuses (fail closed).
pub async fn record(idp: &Idp, record: &Record) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    store::audit::append(&mut write, record, idp.now()).await?;
    write.commit().await
}
