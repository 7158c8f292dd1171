//! The keys of a node: read at the start and every few seconds, made, retired and revoked by whichever node is
//! first. The nodes agree through the rows alone; see [`crate::rules::keys`] for what follows from them.

use std::{sync::Arc, time::Duration};

use sdk_jose::{Algorithm, Jwk, PublicKey};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Fault},
    keys::{Held, OpenKey, SigningKey, SigningKeys, decryption, generate},
    rules::{
        audit::{Event, Outcome, Record},
        keys::{
            Home, KeyRecord, KeyUse, Planned, RELOAD, Stage, active, due, replacement, successor, waiting,
        },
    },
    service::Idp,
    store::{
        self, Write,
        signing_keys::{Kept, Private, context},
    },
};

/// Reads the keys at the start, and makes the first one of each use that has none.
///
/// # Errors
/// A fault of the database, the seal or the generator.
pub async fn open(idp: &Idp) -> Result<(), Fault> {
    reload(idp).await?;
    let (keys, now) = (idp.signing.now(), idp.now());
    let missing = KeyUse::every().filter(|key_use| active(keys.records(), *key_use, now).is_none());
    let plans = missing.map(|key_use| replacement(keys.records(), key_use, now));
    make_all(idp, plans.collect(), "first").await?;
    Ok(())
}

/// Tends the keys as long as the service runs. A node that cannot read them goes on with those that it has.
pub async fn forever(idp: Arc<Idp>) {
    loop {
        // Whoever sends made-up ids makes us read once a second and no more.
        tokio::time::sleep(SOONEST).await;
        tokio::select! {
            () = tokio::time::sleep(RELOAD.duration().saturating_sub(SOONEST)) => {}
            () = idp.signing.missed() => {}
        }
        if let Err(fault) = tend(&idp).await {
            tracing::warn!(%fault, "could not tend the signing keys");
        }
    }
}

/// Reads the keys again and does what is due: successors are made, retired keys destroyed.
///
/// # Errors
/// A fault of the database, the seal or the generator.
pub async fn tend(idp: &Idp) -> Result<(), Fault> {
    reload(idp).await?;
    let (keys, now) = (idp.signing.now(), idp.now());
    let every = idp.config.keys.rotate_every();
    let plans =
        KeyUse::every().filter_map(|key_use| due(keys.records(), key_use, home(idp, key_use), every, now));
    make_all(idp, plans.collect(), "schedule").await?;
    for one in keys.held() {
        if one.key.is_some() && one.record.stage(keys.records(), now) == Stage::Retired {
            retire(idp, &one.record).await?;
        }
    }
    Ok(())
}

/// Reads the keys again.
///
/// # Errors
/// A fault of the database or the seal.
pub async fn reload(idp: &Idp) -> Result<(), Fault> {
    let mut read = idp.store.read().await?;
    let kept = store::signing_keys::all(&mut read).await?;
    drop(read);
    let before = idp.signing.now();
    let mut held = Vec::with_capacity(kept.len());
    for one in kept {
        held.push(hold(idp, one, &before).await?);
    }
    idp.signing.replace(SigningKeys::new(held, idp.now()));
    Ok(())
}

/// A key that an operator asked for, or that was waiting already.
#[derive(Debug)]
pub struct Rotated {
    /// The key that signs until then.
    pub from: Option<KeyRecord>,
    /// The key that signs after.
    pub to: KeyRecord,
}

/// Gives the key of this use a successor, which takes its turn as soon as every verifier can have it. One that waits
/// already is not overtaken: the answer names it.
///
/// # Errors
/// A fault of the database, the seal or the generator.
pub async fn rotate(idp: &Idp, key_use: impl Into<KeyUse>) -> Result<Rotated, Fault> {
    let key_use = key_use.into();
    reload(idp).await?;
    let (keys, now) = (idp.signing.now(), idp.now());
    if waiting(keys.records(), key_use, now).is_none() {
        let plan = successor(keys.records(), key_use, now);
        make_all(idp, vec![plan], "command").await?;
    }
    let keys = idp.signing.now();
    let to = waiting(keys.records(), key_use, now).ok_or(Fault::plain("the successor is not there"))?;
    Ok(Rotated {
        from: active(keys.records(), key_use, now).cloned(),
        to: to.clone(),
    })
}

/// Why a key was not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRevoked {
    /// There is no such key.
    #[error("there is no key of this id; see: idp keys list")]
    Unknown,
    /// It was revoked before.
    #[error("this key was revoked before")]
    Before,
}

/// Takes a key back: within seconds it is not published by any node, and nothing that it signed is accepted. If it was
/// the one that signs, the one that waits takes over at once, or a new one: verifiers meet an unknown id and ask again.
///
/// # Errors
/// [`NotRevoked`], or a fault.
pub async fn revoke(idp: &Idp, kid: &str) -> Result<KeyRecord, Error<NotRevoked>> {
    reload(idp).await?;
    let (keys, now) = (idp.signing.now(), idp.now());
    let all = keys.records();
    let Some(key) = all.iter().find(|key| key.kid == kid) else {
        return Err(Error::Refused(NotRevoked::Unknown));
    };
    let stage = key.stage(all, now);
    let heir = waiting(all, key.key_use, now);
    let made = match (stage, heir) {
        (Stage::Active, None) => Some(make(idp, replacement(all, key.key_use, now)).await?),
        _ => None,
    };
    let mut write = idp.store.write().await?;
    if !store::signing_keys::revoke(&mut write, kid, now).await? {
        return Err(Error::Refused(NotRevoked::Before));
    }
    let mut record = Record::new(Event::KeysRevoked, Outcome::Done)
        .with("kid", kid)
        .with("alg", key.key_use.name())
        .with("stage", stage.name());
    if let (Stage::Active, Some(heir)) = (stage, heir) {
        store::signing_keys::advance(&mut write, &heir.kid, now).await?;
        record = record.with("heir", heir.kid.as_str());
    }
    store::audit::append(&mut write, &record, now).await?;
    if let Some(made) = &made {
        keep(idp, &mut write, made, "revocation").await?;
    }
    write.commit().await?;
    destroy(idp, key).await?;
    reload(idp).await?;
    let after = idp.signing.now();
    let revoked = after.records().iter().find(|key| key.kid == kid).cloned();
    Ok(revoked.ok_or(Fault::plain("the revoked key is not there"))?)
}

/// A key that was made and is not kept yet.
struct Made {
    record: KeyRecord,
    public: Jwk,
    /// `None` when it is on the token.
    private: Option<Zeroizing<Vec<u8>>>,
}

/// Makes the planned keys, keeps those whose generation nobody else took first, and reads them all again.
async fn make_all(idp: &Idp, plans: Vec<Planned>, why: &'static str) -> Result<(), Fault> {
    if plans.is_empty() {
        return Ok(());
    }
    let mut made = Vec::with_capacity(plans.len());
    for plan in plans {
        made.push(make(idp, plan).await?);
    }
    let mut write = idp.store.write().await?;
    for one in &made {
        keep(idp, &mut write, one, why).await?;
    }
    write.commit().await?;
    reload(idp).await
}

async fn make(idp: &Idp, plan: Planned) -> Result<Made, Fault> {
    let (chance, home) = (Arc::clone(&idp.chance), home(idp, plan.key_use));
    let hsm = idp.hsm.clone().filter(|_| home == Home::Pkcs11);
    // An RSA key takes a moment, and a token blocks: not on a thread that serves.
    let making = tokio::task::spawn_blocking(move || match (plan.key_use, hsm) {
        (KeyUse::Signing(algorithm), Some(hsm)) => {
            let public = hsm.generate(algorithm)?;
            Ok((published(public, algorithm), None))
        }
        (KeyUse::Signing(algorithm), None) => {
            let private = generate(algorithm, chance.as_ref())?;
            let public = SigningKey::open(algorithm, &private)?.public().key().clone();
            Ok((published(public, algorithm), Some(private)))
        }
        (KeyUse::Encryption, _) => {
            let private = decryption::generate(chance.as_ref())?;
            let public = decryption::open(&private)?.public();
            let public = public.map_err(|source| Fault::of("reading a public key", source))?;
            Ok((public, Some(private)))
        }
    });
    let made: Result<_, Fault> = making
        .await
        .map_err(|source| Fault::of("generating a key", source))?;
    let (public, private) = made?;
    let kid = public.thumbprint();
    Ok(Made {
        record: KeyRecord {
            kid,
            key_use: plan.key_use,
            generation: plan.generation,
            home,
            created_at: idp.now(),
            active_from: plan.active_from,
            revoked_at: None,
        },
        public,
        private,
    })
}

fn published(public: PublicKey, algorithm: Algorithm) -> Jwk {
    let kid = public.thumbprint();
    Jwk::new(public, kid, algorithm)
}

/// Where new keys of this use live.
fn home(idp: &Idp, key_use: KeyUse) -> Home {
    match (key_use, &idp.hsm) {
        (KeyUse::Signing(algorithm), Some(hsm)) => hsm.home(algorithm),
        (KeyUse::Signing(_), None) | (KeyUse::Encryption, _) => Home::Sealed,
    }
}

/// Keeps a key, unless another node was first with its generation.
async fn keep(idp: &Idp, write: &mut Write, made: &Made, why: &'static str) -> Result<(), Fault> {
    let (record, now) = (&made.record, idp.now());
    let sealed = match &made.private {
        Some(private) => Some(
            idp.seal
                .seal(idp.chance.as_ref(), &context(&record.kid), private)?,
        ),
        None => None,
    };
    if !store::signing_keys::insert(write, record, &made.public, sealed.as_deref()).await? {
        return destroy(idp, record).await;
    }
    let event = Record::new(Event::KeysCreated, Outcome::Done)
        .with("kid", record.kid.as_str())
        .with("alg", record.key_use.name())
        .with("home", record.home.name())
        .with("active_from", record.active_from.0.to_string())
        .with("why", why);
    store::audit::append(write, &event, now).await
}

/// Destroys the private half of a key that will never sign again: first the half, then the row says so, so that a
/// machine that goes down between the two does it again.
async fn retire(idp: &Idp, key: &KeyRecord) -> Result<(), Fault> {
    let now = idp.now();
    destroy(idp, key).await?;
    let mut write = idp.store.write().await?;
    if !store::signing_keys::destroy(&mut write, &key.kid, now).await? {
        return Ok(());
    }
    let record = Record::new(Event::KeysRetired, Outcome::Done)
        .with("kid", key.kid.as_str())
        .with("alg", key.key_use.name());
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await
}

/// Destroys a private half on the token; a sealed one is destroyed with its row's column.
async fn destroy(idp: &Idp, key: &KeyRecord) -> Result<(), Fault> {
    let Some(hsm) = idp.hsm.clone().filter(|_| key.home == Home::Pkcs11) else {
        return Ok(());
    };
    let kid = key.kid.clone();
    tokio::task::spawn_blocking(move || hsm.destroy(&kid))
        .await
        .map_err(|source| Fault::of("destroying a signing key", source))?
}

/// A kept key, its private half open: as it is in `before`, or opened now.
async fn hold(idp: &Idp, kept: Kept, before: &SigningKeys) -> Result<Held, Fault> {
    let Kept {
        record,
        public,
        private,
    } = kept;
    let key = match (private, before.open(&record.kid)) {
        (Private::Destroyed, _) => None,
        (Private::Sealed(_) | Private::Pkcs11, Some(open)) => Some(open),
        (Private::Sealed(sealed), None) => {
            let private = idp.seal.open(&context(&record.kid), &sealed)?;
            Some(opened(record.key_use, private.expose())?)
        }
        (Private::Pkcs11, None) => {
            let key = found(idp, &record, public.as_ref()).await?;
            Some(OpenKey::Signing(Arc::new(key)))
        }
    };
    let public = match (public, &key) {
        (Some(public), _) => public,
        (None, Some(OpenKey::Signing(key))) => {
            let public = key.public().clone();
            let mut write = idp.store.write().await?;
            store::signing_keys::set_public(&mut write, &record.kid, &public).await?;
            write.commit().await?;
            public
        }
        // Keys to encrypt to were always kept with their public half.
        (None, Some(OpenKey::Decryption(_)) | None) => {
            return Err(Fault::plain("a key without its public half"));
        }
    };
    Ok(Held { record, public, key })
}

/// A private half as it was sealed.
fn opened(key_use: KeyUse, private: &[u8]) -> Result<OpenKey, Fault> {
    match key_use {
        KeyUse::Signing(algorithm) => {
            let key = SigningKey::open(algorithm, private)?;
            Ok(OpenKey::Signing(Arc::new(key)))
        }
        KeyUse::Encryption => Ok(OpenKey::Decryption(Arc::new(decryption::open(private)?))),
    }
}

/// A key on the token.
async fn found(idp: &Idp, record: &KeyRecord, public: Option<&Jwk>) -> Result<SigningKey, Fault> {
    let (Some(hsm), Some(public)) = (idp.hsm.clone(), public) else {
        return Err(Fault::plain(
            "a signing key is on a PKCS#11 token, and the configuration names none ([keys] pkcs11)",
        ));
    };
    let algorithm = record.key_use.algorithm();
    let algorithm = algorithm.ok_or(Fault::plain("a key on a PKCS#11 token that does not sign"))?;
    let kid = record.kid.clone();
    let key = tokio::task::spawn_blocking(move || hsm.key(&kid, algorithm))
        .await
        .map_err(|source| Fault::of("looking for a signing key", source))??;
    Ok(SigningKey::on_hsm(key, public.key().clone(), algorithm))
}

/// However many keys are missed.
const SOONEST: Duration = Duration::from_secs(1);
