//! What every engine must hold of signing keys.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use idp::{
    keys::{SigningKey, generate},
    rules::{
        keys::{Home, KeyRecord},
        time::{Seconds, Timestamp},
    },
    store::signing_keys::{self, Private},
    world::SystemChance,
};
use sdk_jose::{Algorithm, Jwk};

use crate::{Place, contract::at_once};

const NOW: Timestamp = Timestamp(1_795_260_000);

fn key_record(kid: &str, generation: i64, active_from: Timestamp) -> KeyRecord {
    KeyRecord {
        kid: kid.to_owned(),
        key_use: Algorithm::ES256.into(),
        generation,
        home: Home::Sealed,
        created_at: NOW,
        active_from,
        revoked_at: None,
    }
}

fn public(kid: &str) -> Jwk {
    let chance = SystemChance::default();
    let made = generate(Algorithm::ES256, &chance).unwrap();
    let key = SigningKey::open(Algorithm::ES256, &made).unwrap();
    Jwk::new(key.public().key().clone(), kid, Algorithm::ES256)
}

pub async fn of_many_successors_of_a_key_one_is_kept(place: &Place) {
    let store = Arc::new(place.store.clone());
    let count = AtomicI64::new(0);
    let kept = at_once(8, || {
        let store = Arc::clone(&store);
        let kid = format!("k{}", count.fetch_add(1, Ordering::SeqCst));
        async move {
            let mut write = store.write().await.unwrap();
            let record = key_record(&kid, 1, NOW);
            let kept = signing_keys::insert(&mut write, &record, &public(&kid), Some(b"sealed")).await;
            write.commit().await.unwrap();
            kept.unwrap()
        }
    })
    .await;
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    let mut read = place.store.read().await.unwrap();
    assert_eq!(signing_keys::all(&mut read).await.unwrap().len(), 1);
}

pub async fn a_signing_key_is_read_as_it_was_written_advanced_revoked_and_destroyed_once(place: &Place) {
    let later = NOW.after(Seconds(720));
    let mut write = place.store.write().await.unwrap();
    for (generation, active) in [(1, NOW), (2, later)] {
        let kid = format!("k{generation}");
        let record = key_record(&kid, generation, active);
        assert!(
            signing_keys::insert(&mut write, &record, &public(&kid), Some(b"sealed"))
                .await
                .unwrap()
        );
    }
    assert!(signing_keys::advance(&mut write, "k2", NOW).await.unwrap());
    assert!(!signing_keys::advance(&mut write, "k2", NOW).await.unwrap());
    assert!(signing_keys::revoke(&mut write, "k1", NOW).await.unwrap());
    assert!(!signing_keys::revoke(&mut write, "k1", later).await.unwrap());
    assert!(!signing_keys::destroy(&mut write, "k1", later).await.unwrap());
    let all = signing_keys::all(&mut write).await.unwrap();
    assert_eq!(all[0].record.revoked_at, Some(NOW));
    assert_eq!(all[0].private, Private::Destroyed);
    assert_eq!(all[1].record, key_record("k2", 2, NOW));
    assert_eq!(all[1].private, Private::Sealed(b"sealed".to_vec()));
    assert_eq!(all[1].public.as_ref().unwrap().kid(), Some("k2"));
    assert!(signing_keys::destroy(&mut write, "k2", later).await.unwrap());
    assert!(!signing_keys::destroy(&mut write, "k2", later).await.unwrap());
    let all = signing_keys::all(&mut write).await.unwrap();
    assert_eq!(all[1].private, Private::Destroyed);
    write.commit().await.unwrap();
}
