//! Activation codes and further addresses: what opens an account or reaches its owner, on both engines.

use idp::{
    rules::{
        activation::{Kind, Opened, Proofing},
        contact::{COUNTED_FOR, MOST_LETTERS, MOST_TRIES},
        ids::{ActivationId, CitizenId, ContactId},
        person::Email,
        secret::Digest,
        time::{Seconds, Timestamp},
    },
    store::{
        Database,
        activations::{self, Holder, New},
        contacts::{self, Asked},
    },
    world::{Chance, SystemChance},
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

const CODE: &str = "tag of number and code";
const HELD: i64 = 1_800;

impl Place {
    async fn coded(&self, id: &str, citizen: &CitizenId, tag: &str) {
        let mut write = self.store.write().await.unwrap();
        let new = New {
            id: &ActivationId::known(id),
            citizen,
            kind: Kind::Enrol,
            proofing: Proofing::InPersonBiometric,
            code_tag: tag,
            issued_by: None,
            issued_at: NOW,
            expires_at: later(86_400),
        };
        activations::replace(&mut write, &new).await.unwrap();
        write.commit().await.unwrap();
    }

    async fn opens(&self, tag: &str, browser: &str, at: i64) -> Option<Opened> {
        opened(self.store.clone(), tag.to_owned(), browser.to_owned(), later(at)).await
    }

    async fn holds(&self, ticket: &str, browser: &str, at: i64) -> bool {
        let mut read = self.store.read().await.unwrap();
        let (ticket, browser) = (Digest::of(ticket.as_bytes()), Digest::of(browser.as_bytes()));
        let held = activations::held(&mut read, &ticket, &browser, later(at)).await;
        held.unwrap().is_some()
    }
}

/// Opens a code with a ticket that names browser and moment.
async fn opened(store: Database, tag: String, browser: String, at: Timestamp) -> Option<Opened> {
    let ticket = Digest::of(format!("{browser} {}", at.0).as_bytes());
    let holder = Holder {
        ticket: &ticket,
        browser: &Digest::of(browser.as_bytes()),
        until: at.after(Seconds(HELD)),
    };
    let mut write = store.write().await.unwrap();
    let opened = activations::open(&mut write, &tag, &holder, at).await.unwrap();
    write.commit().await.unwrap();
    opened
}

async fn finished(store: Database, opened: Opened, at: Timestamp) -> bool {
    let mut write = store.write().await.unwrap();
    let finished = activations::finish(&mut write, &opened, at).await.unwrap();
    write.commit().await.unwrap();
    finished
}

pub async fn row_74_an_activation_is_opened_by_exactly_one_of_many_browsers(place: &Place) {
    let ana = place.somebody(1).await;
    place.coded("a", &ana, CODE).await;
    assert!(place.opens("made up", "b", 0).await.is_none());
    let results = at_once(200, || {
        let browser = place.opaque().text().expose().clone();
        opened(place.store.clone(), CODE.to_owned(), browser, NOW)
    })
    .await;
    let opened: Vec<Opened> = results.into_iter().flatten().collect();
    assert_eq!(opened.len(), 1);
    assert_eq!(
        (&opened[0].citizen, opened[0].kind, opened[0].proofing),
        (&ana, Kind::Enrol, Proofing::InPersonBiometric)
    );
}

pub async fn row_74_a_lapsed_activation_is_opened_again_by_its_own_browser_alone(place: &Place) {
    place.coded("a", &place.somebody(1).await, CODE).await;
    assert!(place.opens(CODE, "mine", 0).await.is_some());
    let ticket = format!("mine {}", NOW.0);
    assert!(place.holds(&ticket, "mine", HELD - 1).await);
    assert!(!place.holds(&ticket, "other", 0).await);
    assert!(!place.holds(&ticket, "mine", HELD).await, "it lapsed");
    assert!(place.opens(CODE, "mine", 1).await.is_none(), "it is still held");
    assert!(place.opens(CODE, "other", HELD).await.is_none());
    assert!(place.opens(CODE, "mine", HELD).await.is_some());
    assert!(!place.holds(&ticket, "mine", HELD).await, "that ticket is void");
}

pub async fn row_74_an_activation_is_finished_by_exactly_one_of_many_while_it_is_held(place: &Place) {
    let ana = place.somebody(1).await;
    place.coded("a", &ana, CODE).await;
    let opened = place.opens(CODE, "mine", 0).await.unwrap();
    assert!(!finished(place.store.clone(), opened.clone(), later(HELD)).await);
    let results = at_once(20, || {
        finished(place.store.clone(), opened.clone(), later(HELD - 1))
    })
    .await;
    assert_eq!(results.iter().filter(|finished| **finished).count(), 1);
    let proofing = activations::proofing(&mut place.store.read().await.unwrap(), &ana).await;
    assert_eq!(proofing.unwrap(), Some(Proofing::InPersonBiometric));
    assert!(place.opens(CODE, "mine", HELD).await.is_none(), "it is over");
}

pub async fn a_new_activation_code_takes_the_place_of_the_one_before(place: &Place) {
    let ana = place.somebody(1).await;
    place.coded("a", &ana, "first").await;
    place.coded("b", &ana, "second").await;
    assert!(place.opens("first", "mine", 0).await.is_none());
    assert!(place.opens("second", "mine", 86_400).await.is_none(), "too late");
    assert!(place.opens("second", "mine", 86_399).await.is_some());
}

pub async fn tries_at_activation_codes_are_counted_by_slot_and_forgotten_with_it(place: &Place) {
    let count = |store: Database, slot| async move {
        let mut write = store.write().await.unwrap();
        let wrong = activations::count_try(&mut write, slot).await.unwrap();
        write.commit().await.unwrap();
        wrong
    };
    let mut counted = at_once(20, || count(place.store.clone(), 7)).await;
    counted.sort_unstable();
    assert_eq!(counted, (1..=20).collect::<Vec<i64>>());
    assert_eq!(count(place.store.clone(), 8).await, 1);
    let mut write = place.store.write().await.unwrap();
    activations::forgive_try(&mut write, 7).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(count(place.store.clone(), 7).await, 20);
    let mut write = place.store.write().await.unwrap();
    activations::sweep(&mut write, NOW, 8).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(count(place.store.clone(), 7).await, 1);
    assert_eq!(count(place.store.clone(), 8).await, 2);
}

pub async fn activations_that_ended_or_expired_are_swept_and_no_others(place: &Place) {
    place.coded("ended", &place.somebody(1).await, "ended").await;
    let opened = place.opens("ended", "mine", 0).await.unwrap();
    assert!(finished(place.store.clone(), opened, later(1)).await);
    place.coded("held", &place.somebody(2).await, "held").await;
    assert!(place.opens("held", "mine", 86_399).await.is_some());
    place.coded("expired", &place.somebody(3).await, "expired").await;
    let mut write = place.store.write().await.unwrap();
    assert_eq!(activations::sweep(&mut write, NOW, 0).await.unwrap(), 0);
    assert_eq!(activations::sweep(&mut write, later(1), 0).await.unwrap(), 1);
    assert_eq!(activations::sweep(&mut write, later(86_400), 0).await.unwrap(), 1);
    let held = later(86_399 + HELD);
    assert_eq!(activations::sweep(&mut write, held, 0).await.unwrap(), 1);
}

impl Place {
    /// Sends a code to `address`, unless it got too many.
    async fn mails(
        &self,
        citizen: &CitizenId,
        address: &str,
        code: &str,
        at: Timestamp,
    ) -> Option<ContactId> {
        let address = Email::parse(address).unwrap();
        let code = code.to_owned();
        let asked = Asked {
            id: ContactId::new(idp::world::bytes(self.chance.as_ref())),
            tag: format!("tag of {}", address.as_str()),
            address: &address,
            code: &move |id| format!("{id} {code}"),
            expires_at: at.after(Seconds(600)),
        };
        let mut write = self.store.write().await.unwrap();
        let chance = SystemChance::default();
        let chance: &dyn Chance = &chance;
        let id = contacts::ask(&mut write, (&self.seal, chance), citizen, &asked, at)
            .await
            .unwrap();
        write.commit().await.unwrap();
        id
    }

    async fn guesses(&self, citizen: &CitizenId, id: &ContactId, at: Timestamp) -> bool {
        let mut write = self.store.write().await.unwrap();
        let guessed = contacts::charge(&mut write, citizen, id, at).await.unwrap();
        write.commit().await.unwrap();
        guessed
    }

    async fn addresses(&self, citizen: &CitizenId) -> Vec<(String, bool)> {
        let mut read = self.store.read().await.unwrap();
        let all = contacts::of_citizen(&mut read, &self.seal, citizen)
            .await
            .unwrap();
        all.iter()
            .map(|one| (one.address.as_str().to_owned(), one.counts()))
            .collect()
    }
}

async fn confirmed(store: Database, citizen: CitizenId, id: ContactId, code: String) -> bool {
    let mut write = store.write().await.unwrap();
    let confirmed = contacts::confirm(&mut write, &citizen, (&id, &code), NOW)
        .await
        .unwrap();
    write.commit().await.unwrap();
    confirmed
}

pub async fn an_address_is_confirmed_by_exactly_one_of_many_with_its_last_code(place: &Place) {
    let (ana, eva) = (place.somebody(1).await, place.somebody(2).await);
    let id = place.mails(&ana, "a@x.example", "first", NOW).await.unwrap();
    let again = place.mails(&ana, "a@x.example", "second", NOW).await;
    assert_eq!(again.as_ref(), Some(&id), "the same address");
    assert_eq!(place.addresses(&ana).await, [("a@x.example".to_owned(), false)]);
    let with = |citizen: &CitizenId, code: &str| {
        confirmed(
            place.store.clone(),
            citizen.clone(),
            id.clone(),
            format!("{id} {code}"),
        )
    };
    assert!(!with(&ana, "first").await, "another took its place");
    assert!(!with(&eva, "second").await, "another's address");
    let results = at_once(20, || with(&ana, "second")).await;
    assert_eq!(results.iter().filter(|confirmed| **confirmed).count(), 1);
    assert_eq!(place.addresses(&ana).await, [("a@x.example".to_owned(), true)]);
    assert_eq!(
        place.mails(&ana, "a@x.example", "third", NOW).await,
        None,
        "it counts"
    );
}

pub async fn row_58_another_letter_does_not_forgive_wrong_codes(place: &Place) {
    let ana = place.somebody(1).await;
    let id = place.mails(&ana, "a@x.example", "1", NOW).await.unwrap();
    for _ in 1..MOST_TRIES {
        assert!(place.guesses(&ana, &id, NOW).await);
    }
    assert!(!place.guesses(&ana, &id, later(600)).await, "the code is too old");
    assert!(place.mails(&ana, "a@x.example", "2", NOW).await.is_some());
    assert!(place.guesses(&ana, &id, NOW).await);
    assert!(!place.guesses(&ana, &id, NOW).await, "that were all");
    for _ in 2..MOST_LETTERS {
        assert!(place.mails(&ana, "a@x.example", "3", later(1)).await.is_some());
    }
    assert_eq!(place.mails(&ana, "a@x.example", "4", later(2)).await, None);
    let tomorrow = NOW.after(COUNTED_FOR);
    assert!(place.mails(&ana, "a@x.example", "5", tomorrow).await.is_some());
    assert!(place.guesses(&ana, &id, tomorrow).await, "a new day");
}

pub async fn an_address_is_taken_away_once_and_waiting_ones_only_by_time(place: &Place) {
    let ana = place.somebody(1).await;
    let id = place.mails(&ana, "a@x.example", "1", NOW).await.unwrap();
    let waits = place.mails(&ana, "b@x.example", "1", NOW).await.unwrap();
    assert!(confirmed(place.store.clone(), ana.clone(), id.clone(), format!("{id} 1")).await);
    let mut write = place.store.write().await.unwrap();
    let eva = CitizenId::known("eva");
    assert!(!contacts::remove(&mut write, &eva, &id).await.unwrap());
    assert!(!contacts::remove(&mut write, &ana, &waits).await.unwrap());
    assert!(contacts::remove(&mut write, &ana, &id).await.unwrap());
    assert!(!contacts::remove(&mut write, &ana, &id).await.unwrap());
    assert_eq!(contacts::sweep(&mut write, NOW).await.unwrap(), 0);
    assert_eq!(
        contacts::sweep(&mut write, NOW.after(COUNTED_FOR)).await.unwrap(),
        1
    );
}

pub async fn an_address_that_counted_elsewhere_is_kept(place: &Place) {
    let ana = place.somebody(1).await;
    let address = Email::parse("ñ@correo.example").unwrap();
    let mut write = place.store.write().await.unwrap();
    let chance = SystemChance::default();
    let chance: &dyn Chance = &chance;
    for confirmed in [true, false] {
        let kept = (
            ContactId::known("kept"),
            "its tag".to_owned(),
            &address,
            confirmed,
        );
        let keys = (&place.seal, chance);
        contacts::keep(&mut write, keys, &ana, kept, NOW).await.unwrap();
        let all = contacts::of_citizen(&mut write, &place.seal, &ana).await.unwrap();
        let [one] = &all[..] else { panic!("{all:?}") };
        assert_eq!(one.address, address);
        assert_eq!((one.counts(), one.confirmed()), (true, confirmed));
    }
}
