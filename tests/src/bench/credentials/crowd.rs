//! A country: citizens written straight into the database, with a password, an app and a passkey each, so that the
//! service's indexes are as deep as they would be. Nobody logs in as one of these.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use crate::browser::Trouble;

/// Writes so many citizens beside those that are there.
pub fn settle(database: &Path, citizens: u32) -> Result<(), Trouble> {
    let mut connection = Connection::open(database)?;
    connection.busy_timeout(std::time::Duration::from_secs(60))?;
    // Nobody minds if this is lost
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000")?;
    let mut names = Names::new();
    let mut all: Vec<u128> = (0..citizens).map(|_| names.next()).collect();
    // In the order of the index, or every row would be somewhere else on the disk
    all.sort_unstable();
    for some in all.chunks(A_TRANSACTION) {
        let transaction = connection.transaction()?;
        for name in some {
            write(&transaction, *name)?;
        }
        transaction.commit()?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn write(to: &Transaction<'_>, name: u128) -> Result<(), Trouble> {
    let id = format!("{name:032x}");
    // As long as the tag of a number, as sealed data, as the text of a hash
    let tag = format!("{id}-----------");
    to.prepare_cached(
        "INSERT INTO citizens (id, national_id_tag, sealed, created_at, updated_at) VALUES (?1, ?2, ?3, 0, 0)",
    )?
    .execute(params![id, tag, [7_u8; 200].as_slice()])?;
    to.prepare_cached("INSERT INTO passwords (citizen, hash, changed_at) VALUES (?1, ?2, 0)")?
        .execute(params![id, HASH])?;
    to.prepare_cached(
        "INSERT INTO totp (id, citizen, sealed, last_step, created_at) VALUES (?1, ?1, ?2, 0, 0)",
    )?
    .execute(params![id, [7_u8; 53].as_slice()])?;
    to.prepare_cached(
        "INSERT INTO passkeys (id, credential_digest, citizen, sealed, counter, backup_eligible, backed_up, created_at) \
         VALUES (?1, ?2, ?1, ?3, 0, 1, 1, 0)",
    )?
    .execute(params![id, tag, [7_u8; 400].as_slice()])?;
    Ok(())
}

/// Names that are spread evenly and always the same (SplitMix64, Steele, Lea and Flood 2014): what is measured twice is
/// measured on the same country.
pub(super) struct Names(u64);

impl Names {
    pub(super) fn new() -> Self {
        Self(SEED)
    }

    pub(super) fn next(&mut self) -> u128 {
        u128::from(self.half()) << 64 | u128::from(self.half())
    }

    pub(super) fn half(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

const SEED: u64 = 2026;
/// A journal of some hundred megabytes.
const A_TRANSACTION: usize = 100_000;
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_once_and_are_the_same_again() {
        let some = || {
            let mut names = Names::new();
            (0..1000).map(|_| names.next()).collect::<Vec<_>>()
        };
        let once: std::collections::BTreeSet<u128> = some().into_iter().collect();
        assert_eq!(once.len(), 1000);
        assert_eq!(some(), some());
    }
}
