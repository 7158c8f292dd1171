//! What happened to an account, page by page, as its citizen reads it.

use crate::{
    error::Fault,
    rules::{happening::Happening, ids::CitizenId},
    service::Idp,
    store,
};

/// A page of what happened, the latest first.
#[derive(Debug)]
pub struct Activity {
    /// What happened.
    pub happenings: Vec<Happening>,
    /// What the page before this one in time is asked by; `None` where nothing is older.
    pub older: Option<i64>,
}

/// Up to `many` happenings that are older than the record at `before`; from the latest on where that is `None`.
///
/// # Errors
/// A fault of the database.
pub async fn activity(
    idp: &Idp,
    citizen: &CitizenId,
    before: Option<i64>,
    many: usize,
) -> Result<Activity, Fault> {
    let mut read = idp.store.read().await?;
    let (mut last, mut happenings) = (before.unwrap_or(i64::MAX), Vec::new());
    for _ in 0..MOST_CHUNKS {
        let entries = store::audit::before(&mut read, citizen, last, CHUNK).await?;
        for entry in &entries {
            let Some(happening) = Happening::of(entry) else {
                last = entry.seq;
                continue;
            };
            // One more than fits is there: the next page begins with it.
            if happenings.len() >= many {
                return Ok(Activity {
                    happenings,
                    older: Some(last),
                });
            }
            last = entry.seq;
            happenings.push(happening);
        }
        if i64::try_from(entries.len()).unwrap_or(i64::MAX) < CHUNK {
            return Ok(Activity {
                happenings,
                older: None,
            });
        }
    }
    Ok(Activity {
        happenings,
        older: Some(last),
    })
}

/// One login writes a handful of records, of which two or three say something.
const CHUNK: i64 = 100;
/// So many records that say nothing in a row are no citizen's history: a page stays bounded all the same, and goes on.
const MOST_CHUNKS: usize = 20;
