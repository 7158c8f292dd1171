//! Contracts of the stores about people.

use std::sync::Arc;

use idp::{
    keys::{Derived, DerivedKey, Seal, SealingKey},
    rules::{
        assurance::Factor,
        ids::{AuthenticatorId, CitizenId, RecoverySetId},
        national_id::{NationalId, Scheme},
        passkey::{KeyKind, PasskeyName},
        person::{Address, Email, Name, Person, Phone},
        recovery_code::RecoveryCode,
        time::Timestamp,
        totp::{Seed, Step},
    },
    store::{
        Database, ceremonies, citizens,
        passkeys::{self, StoredPasskey},
        passwords, recovery_codes, totp,
    },
    world::{Chance, SystemChance, bytes},
};
use serde_json::json;
use webauthn_rs_core::proto::Credential;

use crate::{Place, contract::at_once};

const MODEL: uuid::Uuid = uuid::Uuid::from_bytes([7; 16]);
const NOW: Timestamp = Timestamp(1_795_260_000);

fn index() -> DerivedKey {
    let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&[3; 32])).unwrap();
    Derived::new(&key).unwrap().index
}

fn address() -> Address {
    serde_json::from_value(
        json!({ "street_address": "Av. Matta 123", "locality": "Santiago", "country": "Chile" }),
    )
    .unwrap()
}

fn ana() -> Person {
    Person {
        national_id: NationalId::parse("12.345.678-5", &[Scheme::ClRun]).unwrap(),
        given_name: Name::parse("Ana Inés").unwrap(),
        family_name: Name::parse("Ñuñoa O'Higgins").unwrap(),
        email: Email::parse("ana@correo.example").unwrap(),
        email_confirmed: false,
        phone: Some(Phone::parse("+56 2 2690 4000").unwrap()),
        address: Some(address()),
    }
}

/// A passkey whose counter stands at `counter`.
fn passkey(counter: u32) -> Credential {
    let number: Vec<u8> = (1..=32).collect();
    let key =
        json!({ "type_": "ES256", "key": { "EC_EC2": { "curve": "SECP256R1", "x": number, "y": number } } });
    let unsupported = json!({ "cred_protect": "NotRequested", "hmac_create_secret": "NotRequested" });
    let credential = json!({ "cred_id": "AQIDBAUGBwg", "cred": key, "counter": counter, "transports": null,
        "user_verified": true, "backup_eligible": false, "backup_state": false, "registration_policy": "required",
        "extensions": unsupported, "attestation": { "data": "None", "metadata": "None" }, "attestation_format": "none" });
    serde_json::from_value(credential).unwrap()
}

impl Place {
    fn sealing(&self) -> (&Seal, &dyn Chance) {
        (&self.seal, self.chance.as_ref())
    }

    pub async fn enrolled(&self) -> CitizenId {
        let id = CitizenId::new(bytes(self.chance.as_ref()));
        let mut write = self.store.write().await.unwrap();
        let keys = (&self.seal, &index());
        assert!(
            citizens::insert(&mut write, keys, self.chance.as_ref(), (&id, &ana()), NOW)
                .await
                .unwrap()
        );
        write.commit().await.unwrap();
        id
    }

    /// The citizen whose number is this digit nine times over.
    pub async fn somebody(&self, digit: u8) -> CitizenId {
        let (id, number) = (
            CitizenId::new(bytes(self.chance.as_ref())),
            digit.to_string().repeat(9),
        );
        let person = Person {
            national_id: NationalId::parse(&number, &[Scheme::ClRun]).unwrap(),
            ..ana()
        };
        let mut write = self.store.write().await.unwrap();
        let keys = (&self.seal, &index());
        assert!(
            citizens::insert(&mut write, keys, self.chance.as_ref(), (&id, &person), NOW)
                .await
                .unwrap()
        );
        write.commit().await.unwrap();
        id
    }

    async fn with_seed(&self) -> AuthenticatorId {
        let citizen = self.enrolled().await;
        let id = AuthenticatorId::new(bytes(self.chance.as_ref()));
        let seed = Seed::from_random([9; 20]);
        let mut write = self.store.write().await.unwrap();
        totp::insert(&mut write, self.sealing(), (&id, &citizen), &seed, NOW)
            .await
            .unwrap();
        write.commit().await.unwrap();
        let found = totp::of_citizen(&mut self.store.read().await.unwrap(), &self.seal, &citizen)
            .await
            .unwrap();
        assert_eq!((found.len(), found[0].1.expose()), (1, seed.expose()));
        id
    }

    async fn with_passkey(&self) -> StoredPasskey {
        let stored = StoredPasskey {
            id: AuthenticatorId::new(bytes(self.chance.as_ref())),
            citizen: self.enrolled().await,
            name: PasskeyName::parse("Teléfono").unwrap(),
            kind: KeyKind::SecurityKey,
            credential: passkey(5),
            backup_eligible: false,
            model: Some(MODEL),
            suspect_at: None,
            created_at: NOW,
            used_at: None,
        };
        let mut write = self.store.write().await.unwrap();
        assert!(
            passkeys::insert(&mut write, self.sealing(), &stored)
                .await
                .unwrap()
        );
        write.commit().await.unwrap();
        stored
    }

    async fn used(&self, stored: &StoredPasskey, counter: u32) -> bool {
        let stored = StoredPasskey {
            credential: passkey(counter),
            ..stored.clone()
        };
        let mut write = self.store.write().await.unwrap();
        let used = passkeys::used(&mut write, self.sealing(), &stored, NOW)
            .await
            .unwrap();
        write.commit().await.unwrap();
        used
    }
}

pub async fn row_97_a_citizen_is_read_as_written_and_found_by_number_only(place: &Place) {
    let id = place.enrolled().await;
    let mut read = place.store.read().await.unwrap();
    let (person, updated) = citizens::person(&mut read, &place.seal, &id)
        .await
        .unwrap()
        .unwrap();
    assert!(person == ana() && updated == NOW);
    assert_eq!(
        citizens::find(&mut read, &index(), &ana().national_id)
            .await
            .unwrap(),
        Some((id, None))
    );
    let other = NationalId::parse("11.111.111-1", &[Scheme::ClRun]).unwrap();
    assert_eq!(citizens::find(&mut read, &index(), &other).await.unwrap(), None);
}

pub async fn a_number_is_enrolled_once_by_many(place: &Place) {
    let (store, key) = (place.store.clone(), [3; 32]);
    let results = at_once(20, || {
        let store = store.clone();
        async move {
            let chance = SystemChance::default();
            let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&key)).unwrap();
            let seal = Seal::new(&key).unwrap();
            let id = CitizenId::new(bytes(&chance));
            let mut write = store.write().await.unwrap();
            let new = citizens::insert(&mut write, (&seal, &index()), &chance, (&id, &ana()), NOW)
                .await
                .unwrap();
            write.commit().await.unwrap();
            new
        }
    })
    .await;
    assert_eq!(results.iter().filter(|new| **new).count(), 1);
}

pub async fn a_password_is_replaced_only_if_it_is_still_the_one_that_was_read(place: &Place) {
    let id = place.enrolled().await;
    let mut write = place.store.write().await.unwrap();
    passwords::set(&mut write, &id, "old", NOW).await.unwrap();
    passwords::rehash(&mut write, &id, ("other", "never"))
        .await
        .unwrap();
    let found = citizens::find(&mut write, &index(), &ana().national_id)
        .await
        .unwrap();
    assert_eq!(found, Some((id.clone(), Some("old".to_owned()))));
    passwords::rehash(&mut write, &id, ("old", "new")).await.unwrap();
    let found = citizens::find(&mut write, &index(), &ana().national_id)
        .await
        .unwrap();
    assert_eq!(found, Some((id, Some("new".to_owned()))));
}

pub async fn a_step_is_spent_by_exactly_one_of_many_and_none_before_it(place: &Place) {
    let id = place.with_seed().await;
    let spend = |store: Database, step| {
        let id = id.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let spent = totp::spend_step(&mut write, &id, Step(step)).await.unwrap();
            write.commit().await.unwrap();
            spent
        }
    };
    let results = at_once(50, || spend(place.store.clone(), 7)).await;
    assert_eq!(results.iter().filter(|spent| **spent).count(), 1);
    assert!(!spend(place.store.clone(), 6).await);
    assert!(spend(place.store.clone(), 8).await);
}

pub async fn a_ceremony_is_taken_by_exactly_one_of_many(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    for state in ["first", "second"] {
        let expires = Timestamp(NOW.0 + 60);
        ceremonies::put(&mut write, place.sealing(), "x", state.as_bytes(), expires)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let store = Arc::new(place.store.clone());
    let results = at_once(50, || {
        let store = Arc::clone(&store);
        async move {
            let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&[3; 32])).unwrap();
            let seal = Seal::new(&key).unwrap();
            let mut write = store.write().await.unwrap();
            let state = ceremonies::take(&mut write, &seal, "x", NOW).await.unwrap();
            write.commit().await.unwrap();
            state
        }
    })
    .await;
    let taken: Vec<_> = results.into_iter().flatten().collect();
    assert_eq!(taken, [b"second".to_vec()]);
}

pub async fn an_expired_ceremony_is_not_given_out_and_is_swept(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    for bound in ["x", "y"] {
        ceremonies::put(&mut write, place.sealing(), bound, b"state", NOW)
            .await
            .unwrap();
    }
    assert_eq!(
        ceremonies::take(&mut write, &place.seal, "x", NOW).await.unwrap(),
        None
    );
    assert_eq!(ceremonies::sweep(&mut write, NOW).await.unwrap(), 1);
}

pub async fn a_passkey_is_found_by_its_credential_until_it_is_removed(place: &Place) {
    let stored = place.with_passkey().await;
    let mut write = place.store.write().await.unwrap();
    let id = stored.credential.cred_id.clone();
    let found = passkeys::by_credential(&mut write, &place.seal, &id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&found.id, &found.name, found.used_at),
        (&stored.id, &stored.name, None)
    );
    let twice = StoredPasskey {
        id: AuthenticatorId::known("other"),
        ..stored.clone()
    };
    assert!(
        !passkeys::insert(&mut write, place.sealing(), &twice)
            .await
            .unwrap()
    );
    let stranger = CitizenId::known("stranger");
    assert!(
        !passkeys::remove(&mut write, &stranger, &stored.id, NOW)
            .await
            .unwrap()
    );
    assert!(
        passkeys::remove(&mut write, &stored.citizen, &stored.id, NOW)
            .await
            .unwrap()
    );
    assert!(
        passkeys::by_credential(&mut write, &place.seal, &id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        passkeys::of_citizen(&mut write, &place.seal, &stored.citizen)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_passkeys_counter_only_grows(place: &Place) {
    let stored = place.with_passkey().await;
    assert!(!place.used(&stored, 5).await);
    assert!(place.used(&stored, 6).await);
    assert!(!place.used(&stored, 6).await);
    assert!(!place.used(&stored, 0).await);
    let mut read = place.store.read().await.unwrap();
    let found = passkeys::of_citizen(&mut read, &place.seal, &stored.citizen)
        .await
        .unwrap();
    assert_eq!((found[0].credential.counter, found[0].used_at), (6, Some(NOW)));
}

fn codes(from: u8) -> Vec<RecoveryCode> {
    (from..=from.saturating_add(9))
        .map(|byte| RecoveryCode::new([byte; 15]))
        .collect()
}

impl Place {
    async fn with_codes(&self, citizen: &CitizenId, expected: Option<&str>, (set, from): (&str, u8)) -> bool {
        let (set, expected) = (RecoverySetId::known(set), expected.map(RecoverySetId::known));
        let old = (citizen, expected.as_ref());
        let mut write = self.store.write().await.unwrap();
        let written = recovery_codes::replace(&mut write, &index(), old, (&set, &codes(from)), NOW).await;
        write.commit().await.unwrap();
        written.unwrap()
    }
}

async fn spent(store: Database, citizen: CitizenId, code: RecoveryCode) -> bool {
    let mut write = store.write().await.unwrap();
    let spent = recovery_codes::spend(&mut write, &index(), (&citizen, &code), NOW).await;
    write.commit().await.unwrap();
    spent.unwrap()
}

pub async fn row_61_a_recovery_code_is_spent_by_exactly_one_of_many_and_by_nobody_else(place: &Place) {
    let citizen = place.enrolled().await;
    assert!(place.with_codes(&citizen, None, ("first", 0)).await);
    let code = codes(0).swap_remove(4);
    let stranger = CitizenId::known("stranger");
    assert!(!spent(place.store.clone(), stranger, code.clone()).await);
    let results = at_once(200, || spent(place.store.clone(), citizen.clone(), code.clone())).await;
    assert_eq!(results.iter().filter(|spent| **spent).count(), 1);
    let left = recovery_codes::left(&mut place.store.read().await.unwrap(), &citizen).await;
    assert_eq!(left.unwrap(), 9);
}

pub async fn a_new_set_of_recovery_codes_voids_the_one_before(place: &Place) {
    let citizen = place.enrolled().await;
    assert!(place.with_codes(&citizen, None, ("first", 0)).await);
    assert!(
        !place.with_codes(&citizen, None, ("late", 100)).await,
        "made by a page that knew of none"
    );
    assert!(place.with_codes(&citizen, Some("first"), ("second", 50)).await);
    assert!(!spent(place.store.clone(), citizen.clone(), codes(0).swap_remove(0)).await);
    assert!(spent(place.store.clone(), citizen, codes(50).swap_remove(0)).await);
}

pub async fn a_copy_is_news_once(place: &Place) {
    let stored = place.with_passkey().await;
    let mut write = place.store.write().await.unwrap();
    assert!(passkeys::suspect(&mut write, &stored.id, NOW).await.unwrap());
    assert!(!passkeys::suspect(&mut write, &stored.id, NOW).await.unwrap());
    let found = passkeys::of_citizen(&mut write, &place.seal, &stored.citizen)
        .await
        .unwrap();
    assert_eq!(
        (found[0].suspect_at, found[0].model, found[0].kind),
        (Some(NOW), Some(MODEL), KeyKind::SecurityKey)
    );
}

pub async fn what_a_citizen_could_show_is_read_from_what_they_have(place: &Place) {
    let stored = place.with_passkey().await;
    let mut write = place.store.write().await.unwrap();
    let citizen = &stored.citizen;
    let key = |attested| Factor::Passkey {
        user_verified: true,
        device_bound: true,
        attested,
    };
    let found = passkeys::factors(&mut write, citizen, |model| model == MODEL).await;
    assert_eq!(found.unwrap(), [key(true)]);
    passwords::set(&mut write, citizen, "hash", NOW).await.unwrap();
    let id = AuthenticatorId::known("seed");
    let seed = Seed::from_random([9; 20]);
    totp::insert(&mut write, place.sealing(), (&id, citizen), &seed, NOW)
        .await
        .unwrap();
    let found = passkeys::factors(&mut write, citizen, |_| false).await.unwrap();
    assert_eq!(found.len(), 3);
    for factor in [Factor::Password, Factor::Totp, key(false)] {
        assert!(found.contains(&factor), "{found:?}");
    }
}
