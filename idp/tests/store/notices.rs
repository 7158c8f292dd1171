//! The outbox of letters and the links in them.

use idp::{
    rules::{
        ids::{CitizenId, NoticeId},
        language::Language,
        notice::{Notice, Posted},
        person::Email,
        secret::{Digest, Secret},
        time::{Seconds, Timestamp},
    },
    store::notices,
};

use crate::{Place, leaving::futures};

const NOW: Timestamp = Timestamp(1_795_260_000);

fn later(seconds: i64) -> Timestamp {
    NOW.after(Seconds(seconds))
}

fn posted(n: u8) -> Posted {
    Posted {
        id: NoticeId::new([n; 16]),
        citizen: CitizenId::known("ana"),
        at: NOW,
        attempts: 0,
        to: Email::parse("ana@correo.example").unwrap(),
        given_name: "Ana".into(),
        language: Language::En,
        notice: Notice::NewDevice {
            device: "Firefox".into(),
            network: Some("190.45.0.0/16".into()),
            agency: None,
        },
        not_me: Some(Secret::new("token".into())),
    }
}

async fn put(place: &Place, many: u8) {
    let mut write = place.store.write().await.unwrap();
    for n in 0..many {
        let chance: &dyn idp::world::Chance = place.chance.as_ref();
        notices::insert(&mut write, (&place.seal, chance), &posted(n))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
}

async fn claim(place: &Place, at: i64, until: i64) -> Vec<Posted> {
    let mut write = place.store.write().await.unwrap();
    let claimed = notices::claim(&mut write, &place.seal, (later(at), later(until)), 5)
        .await
        .unwrap();
    write.commit().await.unwrap();
    claimed
}

pub async fn a_letter_is_claimed_by_exactly_one_of_many_and_read_as_it_was_written(place: &Place) {
    put(place, 20).await;
    let mut all: Vec<Posted> = futures((0..8).map(|_| claim(place, 0, 45)))
        .await
        .into_iter()
        .flatten()
        .collect();
    loop {
        let more = claim(place, 0, 45).await;
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    let mut ids: Vec<&str> = all.iter().map(|posted| posted.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all.len()), (20, 20), "each once");
    let one = &all[0];
    assert_eq!(
        (one.to.as_str(), one.given_name.as_str()),
        ("ana@correo.example", "Ana")
    );
    assert_eq!((one.language, &one.notice), (Language::En, &posted(0).notice));
    assert_eq!(
        (one.not_me.as_ref().unwrap().expose().as_str(), one.attempts),
        ("token", 1)
    );
    let mut read = place.store.read().await.unwrap();
    assert!(!notices::due(&mut read, later(44)).await.unwrap());
    assert!(notices::due(&mut read, later(45)).await.unwrap());
}

pub async fn a_letter_is_put_back_only_by_whoever_has_it(place: &Place) {
    put(place, 1).await;
    let first = claim(place, 0, 45).await;
    let second = claim(place, 45, 90).await;
    assert_eq!((first.len(), second.len(), second[0].attempts), (1, 1, 2));
    let mut write = place.store.write().await.unwrap();
    notices::put_back(&mut write, &first[0], NOW).await.unwrap();
    assert!(!notices::due(&mut write, later(89)).await.unwrap());
    notices::put_back(&mut write, &second[0], NOW).await.unwrap();
    assert!(notices::due(&mut write, NOW).await.unwrap());
    assert!(notices::remove(&mut write, &first[0].id).await.unwrap());
    assert!(!notices::remove(&mut write, &first[0].id).await.unwrap());
    write.commit().await.unwrap();
}

pub async fn a_link_of_a_notice_is_taken_by_exactly_one_of_many_and_not_after_its_end(place: &Place) {
    let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
    let ana = CitizenId::known("ana");
    let mut write = place.store.write().await.unwrap();
    for digest in [&one, &other] {
        notices::insert_not_me(&mut write, digest, (&ana, "new-device"), later(10))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let take = |at: i64| async move {
        let mut write = place.store.write().await.unwrap();
        let taken = notices::take_not_me(&mut write, &Digest::of(b"one"), later(at))
            .await
            .unwrap();
        write.commit().await.unwrap();
        taken
    };
    let taken: Vec<_> = futures((0..8).map(|_| take(9)))
        .await
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(taken, [(ana.clone(), "new-device".to_owned())]);
    let mut write = place.store.write().await.unwrap();
    assert!(
        notices::find_not_me(&mut write, &one, later(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        notices::find_not_me(&mut write, &other, later(9))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        notices::take_not_me(&mut write, &other, later(10))
            .await
            .unwrap()
            .is_none()
    );
    notices::sweep(&mut write, later(10), NOW.before(Seconds(1)))
        .await
        .unwrap();
    assert!(
        notices::find_not_me(&mut write, &other, NOW)
            .await
            .unwrap()
            .is_none()
    );
    write.commit().await.unwrap();
}
