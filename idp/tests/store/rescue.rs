//! Recoveries and frozen accounts: what counts once counts once on both engines.

use std::collections::BTreeSet;

use idp::{
    rules::{
        ids::{ActivationId, CitizenId, RecoveryId},
        national_id::{NationalId, Scheme},
        recovery::{COLLECTING, Evidence, READY, RESEND, Stage},
        secret::Digest,
        standing::Standing,
        time::{Seconds, Timestamp},
    },
    store::{
        Write, citizens,
        recoveries::{self, Completed, Names},
    },
    world::{Chance, SystemChance},
};

use crate::{Place, contract::at_once};

const NOW: Timestamp = Timestamp(1_795_260_000);

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

fn ana() -> CitizenId {
    CitizenId::known("ana")
}

fn number() -> NationalId {
    NationalId::parse("11.111.111-1", &[Scheme::ClRun]).unwrap()
}

fn names(of: &str) -> Names {
    Names {
        secret: Digest::of(format!("secret {of}").as_bytes()),
        resume: Digest::of(format!("resume {of}").as_bytes()),
    }
}

impl Place {
    async fn begun(&self, of: &str, citizen: Option<&CitizenId>) -> RecoveryId {
        let id = RecoveryId::known(of);
        let mut write = self.store.write().await.unwrap();
        let chance = SystemChance::default();
        let chance: &dyn Chance = &chance;
        let keys = (&self.seal, chance);
        recoveries::insert(&mut write, keys, (&id, names(of)), (citizen, &number()), NOW)
            .await
            .unwrap();
        write.commit().await.unwrap();
        id
    }

    async fn stage(&self, of: &str, at: Timestamp) -> Option<Stage> {
        let mut read = self.store.read().await.unwrap();
        let found = recoveries::find(&mut read, &self.seal, &names(of).secret, at).await;
        found.unwrap().map(|recovery| recovery.stage)
    }

    async fn turn(&self) -> Write {
        self.store.write().await.unwrap()
    }
}

pub async fn a_recovery_is_read_as_it_was_written_and_ends_by_its_age(place: &Place) {
    let id = place.begun("r", Some(&ana())).await;
    let mut write = place.turn().await;
    let shown = recoveries::show(&mut write, &id, Evidence::SavedCode, NOW)
        .await
        .unwrap();
    assert_eq!(shown, BTreeSet::from([Evidence::SavedCode]));
    let again = recoveries::show(&mut write, &id, Evidence::SavedCode, NOW)
        .await
        .unwrap();
    assert_eq!(again, shown);
    write.commit().await.unwrap();
    let mut read = place.store.read().await.unwrap();
    let found = recoveries::find(&mut read, &place.seal, &names("r").secret, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.id, found.citizen, found.national_id, found.shown),
        (id.clone(), Some(ana()), number(), shown)
    );
    drop(read);
    assert_eq!(place.stage("r", later(COLLECTING.0)).await, None);
    let mut write = place.turn().await;
    assert!(recoveries::wait(&mut write, &id, later(100)).await.unwrap());
    assert!(!recoveries::wait(&mut write, &id, later(200)).await.unwrap());
    write.commit().await.unwrap();
    let until = later(100);
    assert_eq!(place.stage("r", later(99)).await, Some(Stage::Waiting { until }));
    let until = later(100 + READY.0);
    assert_eq!(place.stage("r", later(100)).await, Some(Stage::Ready { until }));
    let mut write = place.turn().await;
    assert_eq!(
        recoveries::sweep(&mut write, later(COLLECTING.0)).await.unwrap(),
        0
    );
    assert_eq!(
        recoveries::sweep(&mut write, later(61 * 86_400)).await.unwrap(),
        1,
        "with what was shown in it"
    );
}

pub async fn a_sent_code_is_spent_by_exactly_one_of_many(place: &Place) {
    let id = place.begun("r", Some(&ana())).await;
    let mut write = place.turn().await;
    assert!(recoveries::ask(&mut write, &id, NOW).await.unwrap());
    assert!(
        !recoveries::ask(&mut write, &id, later(RESEND.0 - 1))
            .await
            .unwrap()
    );
    assert!(recoveries::ask(&mut write, &id, later(RESEND.0)).await.unwrap());
    recoveries::issue(&mut write, &id, "tag", NOW).await.unwrap();
    let since = NOW.before(Seconds(1));
    assert_eq!(recoveries::sent(&mut write, &ana(), since).await.unwrap(), 1);
    let nobody = CitizenId::known("nobody");
    assert_eq!(recoveries::sent(&mut write, &nobody, since).await.unwrap(), 0);
    write.commit().await.unwrap();
    let spent = at_once(50, || {
        let (store, id) = (place.store.clone(), id.clone());
        async move {
            let mut write = store.write().await.unwrap();
            let spent = recoveries::spend_issued(&mut write, &id, "tag", NOW)
                .await
                .unwrap();
            write.commit().await.unwrap();
            spent
        }
    })
    .await;
    assert_eq!(spent.iter().filter(|spent| **spent).count(), 1);
}

pub async fn a_recovery_goes_on_elsewhere_for_exactly_one_of_many(place: &Place) {
    let id = place.begun("r", None).await;
    let resumed = at_once(20, || {
        let (store, id) = (place.store.clone(), id.clone());
        async move {
            let mut write = store.write().await.unwrap();
            let (code, next) = (names("r").resume, names("next"));
            let resumed = recoveries::resume(&mut write, (&id, &code), next).await.unwrap();
            write.commit().await.unwrap();
            resumed
        }
    })
    .await;
    assert_eq!(resumed.iter().filter(|resumed| **resumed).count(), 1);
    assert_eq!(place.stage("r", NOW).await, None);
    let mut read = place.store.read().await.unwrap();
    let code = names("next").resume;
    let found = recoveries::find_by_code(&mut read, &place.seal, &code, NOW).await;
    assert_eq!(found.unwrap().unwrap().resumed, 1);
}

pub async fn a_recovery_is_completed_by_one_of_many_or_cancelled(place: &Place) {
    let activation = ActivationId::known("a");
    let id = place.begun("r", Some(&ana())).await;
    let mut write = place.turn().await;
    assert!(
        !recoveries::open(&mut write, (&id, &activation), NOW)
            .await
            .unwrap()
    );
    recoveries::wait(&mut write, &id, later(10)).await.unwrap();
    assert!(
        !recoveries::open(&mut write, (&id, &activation), later(9))
            .await
            .unwrap()
    );
    assert_eq!(
        recoveries::waiting(&mut write, &ana(), NOW).await.unwrap(),
        Some(later(10))
    );
    assert_eq!(recoveries::announce(&mut write, later(9)).await.unwrap(), []);
    let told = recoveries::announce(&mut write, later(10)).await.unwrap();
    assert_eq!(told, [(id.clone(), ana())]);
    assert_eq!(recoveries::announce(&mut write, later(11)).await.unwrap(), []);
    assert!(
        recoveries::open(&mut write, (&id, &activation), later(10))
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
    let ended = at_once(50, || {
        let (store, activation) = (place.store.clone(), activation.clone());
        async move {
            let mut write = store.write().await.unwrap();
            let ended = recoveries::complete(&mut write, &activation, later(11))
                .await
                .unwrap();
            write.commit().await.unwrap();
            ended
        }
    })
    .await;
    let counted = |what| ended.iter().filter(|ended| **ended == what).count();
    assert_eq!((counted(Completed::Now), counted(Completed::Over)), (1, 49));
    let mut write = place.turn().await;
    let another = ActivationId::known("of a visit");
    assert_eq!(
        recoveries::complete(&mut write, &another, NOW).await.unwrap(),
        Completed::Another
    );
    assert!(!recoveries::cancel(&mut write, &id, NOW).await.unwrap());
    write.commit().await.unwrap();
    let two = [
        place.begun("s", Some(&ana())).await,
        place.begun("t", Some(&ana())).await,
    ];
    let mut write = place.turn().await;
    let mut cancelled = recoveries::cancel_of(&mut write, &ana(), NOW).await.unwrap();
    cancelled.sort();
    assert_eq!(cancelled, two);
    assert_eq!(recoveries::waiting(&mut write, &ana(), NOW).await.unwrap(), None);
}

pub async fn of_idle_recoveries_the_oldest_give_way_and_none_with_something_shown(place: &Place) {
    let shown = place.begun("shown", Some(&ana())).await;
    let mut write = place.turn().await;
    recoveries::show(&mut write, &shown, Evidence::IssuedCode, NOW)
        .await
        .unwrap();
    let chance = SystemChance::default();
    let chance: &dyn Chance = &chance;
    for at in 1..=5 {
        let of = format!("r{at}");
        let keys = (&place.seal, chance);
        let id = RecoveryId::known(of.as_str());
        recoveries::insert(&mut write, keys, (&id, names(&of)), (None, &number()), later(at))
            .await
            .unwrap();
    }
    assert_eq!(recoveries::forget_beyond(&mut write, 3).await.unwrap(), 2);
    write.commit().await.unwrap();
    assert_eq!(place.stage("shown", NOW).await, Some(Stage::Collecting));
    assert_eq!(place.stage("r2", NOW).await, None);
    assert_eq!(place.stage("r3", NOW).await, Some(Stage::Collecting));
}

pub async fn an_account_is_frozen_by_exactly_one_of_many_and_held_by_none(place: &Place) {
    let id = place.enrolled().await;
    let mut write = place.turn().await;
    assert_eq!(citizens::hold(&mut write, &id).await.unwrap(), Standing::Open);
    write.commit().await.unwrap();
    let frozen = at_once(20, || {
        let (store, id) = (place.store.clone(), id.clone());
        async move {
            let mut write = store.write().await.unwrap();
            let frozen = citizens::freeze(&mut write, &id, NOW).await.unwrap();
            write.commit().await.unwrap();
            frozen
        }
    })
    .await;
    assert_eq!(frozen.iter().filter(|frozen| **frozen).count(), 1);
    let mut write = place.turn().await;
    assert_eq!(citizens::hold(&mut write, &id).await.unwrap(), Standing::Frozen);
    assert!(citizens::close(&mut write, &id, NOW).await.unwrap());
    assert_eq!(
        citizens::standing(&mut write, &id).await.unwrap(),
        Standing::Closed
    );
    assert!(citizens::reopen(&mut write, &id).await.unwrap());
    assert!(citizens::unfreeze(&mut write, &id).await.unwrap());
    assert!(!citizens::unfreeze(&mut write, &id).await.unwrap());
    assert_eq!(citizens::hold(&mut write, &id).await.unwrap(), Standing::Open);
    let nobody = CitizenId::known("nobody");
    assert_eq!(
        citizens::standing(&mut write, &nobody).await.unwrap(),
        Standing::Closed
    );
}
