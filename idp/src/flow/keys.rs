//! The signing keys at start: read, or made the first time.

use std::sync::Arc;

use sdk_jose::Algorithm;

use crate::{
    error::Fault,
    keys::{Seal, SigningKey, SigningKeys, generate},
    rules::{
        audit::{Event, Outcome, Record},
        client::SIGNING,
        time::Timestamp,
    },
    store::{self, Database},
    world::Chance,
};

/// Reads the signing keys; makes one for each algorithm that has none. Two nodes that start at the same moment may
/// make two: both are published, and both nodes sign with the older.
///
/// # Errors
/// A fault of the database, the seal or the generator.
pub async fn open(
    store: &Database,
    seal: &Seal,
    chance: &Arc<dyn Chance>,
    now: Timestamp,
) -> Result<SigningKeys, Fault> {
    let keys = read(store, seal).await?;
    let missing: Vec<Algorithm> = SIGNING
        .into_iter()
        .filter(|algorithm| keys.signer(*algorithm).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(keys);
    }
    for algorithm in missing {
        make(store, seal, chance, algorithm, now).await?;
    }
    read(store, seal).await
}

async fn read(store: &Database, seal: &Seal) -> Result<SigningKeys, Fault> {
    let mut read = store.read().await?;
    Ok(SigningKeys::new(store::signing_keys::all(&mut read, seal).await?))
}

async fn make(
    store: &Database,
    seal: &Seal,
    chance: &Arc<dyn Chance>,
    algorithm: Algorithm,
    now: Timestamp,
) -> Result<(), Fault> {
    let from = Arc::clone(chance);
    // An RSA key takes a moment: not on a thread that serves.
    let private = tokio::task::spawn_blocking(move || generate(algorithm, from.as_ref()))
        .await
        .map_err(|source| Fault::of("generating a signing key", source))??;
    let kid = SigningKey::open(algorithm, &private)?.id().to_owned();
    let mut write = store.write().await?;
    store::signing_keys::insert(
        &mut write,
        seal,
        chance.as_ref(),
        (&kid, algorithm, &private),
        now,
    )
    .await?;
    let record = Record::new(Event::KeysCreated, Outcome::Done)
        .with("kid", kid)
        .with("alg", algorithm.as_str());
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await
}
