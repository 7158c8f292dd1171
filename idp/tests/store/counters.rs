//! What every engine must hold of throttles and of what counts once.

use idp::{
    rules::{replay::Once, time::Seconds},
    store::{replays, throttles},
};

use crate::{
    Place,
    contract::{NOW, at_once},
};

pub async fn charges_of_many_are_all_counted(place: &Place) {
    let store = place.store.clone();
    at_once(30, || {
        let store = store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            throttles::charge(&mut write, "account").await.unwrap();
            write.commit().await.unwrap();
        }
    })
    .await;
    let mut write = place.store.write().await.unwrap();
    assert_eq!(
        throttles::charge(&mut write, "account").await.unwrap().failures,
        31
    );
    assert_eq!(throttles::hold(&mut write, "account").await.unwrap(), 31);
    assert_eq!(throttles::hold(&mut write, "nobody's").await.unwrap(), 0);
    assert!(!throttles::is_trusted(&mut write, "account").await.unwrap());
    throttles::forgive(&mut write, "account", Some(NOW))
        .await
        .unwrap();
    assert!(throttles::is_trusted(&mut write, "account").await.unwrap());
    throttles::forgive(&mut write, "account", None).await.unwrap();
    assert!(throttles::is_trusted(&mut write, "account").await.unwrap());
    assert_eq!(
        throttles::charge(&mut write, "account").await.unwrap().failures,
        1
    );
    write.commit().await.unwrap();
}

pub async fn counters_with_failures_are_not_swept(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    throttles::charge(&mut write, "guessed at").await.unwrap();
    throttles::charge(&mut write, "forgiven").await.unwrap();
    throttles::forgive(&mut write, "forgiven", None).await.unwrap();
    throttles::forgive(&mut write, "known", Some(NOW)).await.unwrap();
    let before = NOW.before(Seconds(1));
    assert_eq!(throttles::sweep(&mut write, before).await.unwrap(), 1);
    assert!(throttles::is_trusted(&mut write, "known").await.unwrap());
    assert_eq!(throttles::sweep(&mut write, NOW).await.unwrap(), 1);
    assert_eq!(
        throttles::charge(&mut write, "guessed at")
            .await
            .unwrap()
            .failures,
        2
    );
    write.commit().await.unwrap();
}

pub async fn a_counter_of_few_failures_is_forgotten_after_a_quiet_time(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    for (counter, failures, until) in [
        ("few", 2, NOW),
        ("many", 3, NOW),
        ("recent", 1, NOW.after(Seconds(1))),
    ] {
        for _ in 0..failures {
            throttles::charge(&mut write, counter).await.unwrap();
        }
        throttles::block(&mut write, counter, until).await.unwrap();
    }
    let later = NOW.after(Seconds(1));
    throttles::forgive(&mut write, "known", Some(later))
        .await
        .unwrap();
    throttles::charge(&mut write, "known").await.unwrap();
    assert_eq!(throttles::sweep_failures(&mut write, 2, NOW).await.unwrap(), 1);
    let failures = |charged: throttles::Charged| charged.failures;
    assert_eq!(failures(throttles::charge(&mut write, "few").await.unwrap()), 1);
    assert_eq!(failures(throttles::charge(&mut write, "many").await.unwrap()), 4);
    assert!(throttles::is_trusted(&mut write, "known").await.unwrap());
    write.commit().await.unwrap();
}

pub async fn a_pause_is_noted_once(place: &Place) {
    let mut write = place.store.write().await.unwrap();
    throttles::charge(&mut write, "guessed at").await.unwrap();
    assert!(!throttles::note(&mut write, "guessed at").await.unwrap());
    for until in [NOW, NOW.after(Seconds(9))] {
        throttles::block(&mut write, "guessed at", until).await.unwrap();
        assert!(throttles::note(&mut write, "guessed at").await.unwrap());
        assert!(!throttles::note(&mut write, "guessed at").await.unwrap());
    }
    write.commit().await.unwrap();
}

pub async fn what_counts_once_counts_for_exactly_one_of_many_until_it_is_too_old(place: &Place) {
    let once = || Once::new(&[b"assertion", b"agency", b"jti"], NOW.after(Seconds(60)));
    let store = place.store.clone();
    let spend = move || {
        let (store, once) = (store.clone(), once());
        async move {
            let mut write = store.write().await.unwrap();
            let first = replays::spend(&mut write, &once).await.unwrap();
            write.commit().await.unwrap();
            first
        }
    };
    let firsts = at_once(20, &spend)
        .await
        .into_iter()
        .filter(|first| *first)
        .count();
    assert_eq!(firsts, 1);
    let sweep = |now| {
        let store = place.store.clone();
        async move {
            let mut write = store.write().await.unwrap();
            let gone = replays::sweep(&mut write, now).await.unwrap();
            write.commit().await.unwrap();
            gone
        }
    };
    assert_eq!(sweep(NOW.after(Seconds(59))).await, 0);
    assert!(!spend().await, "remembered while it could still be accepted");
    assert_eq!(sweep(NOW.after(Seconds(60))).await, 1);
}
